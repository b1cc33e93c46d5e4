"""The assigned value, its uncertainty, and the standard deviation for proficiency assessment (clauses 7 and 8)."""
