"""Scores of results, how they are read, and how rounds add up (clause 9)."""
