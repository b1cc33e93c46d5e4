"""Speed of the statistics beside that of other programs: the same work, in one run, as ratios."""
