"""Numbers behind the plots of a round (clause 10)."""
