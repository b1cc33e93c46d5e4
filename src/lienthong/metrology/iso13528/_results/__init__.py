"""Results that are not plain numbers: below a limit, in classes, in ordered classes (clause 11)."""
