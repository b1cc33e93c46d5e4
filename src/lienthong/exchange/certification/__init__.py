"""A hospital's entrance test: published cases that a sender replays, and a signed report of what passed."""
