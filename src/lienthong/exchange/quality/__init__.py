"""How well each sender sends: what came, what was missing, what was late, day by day."""
