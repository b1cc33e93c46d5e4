"""Reports and the versions of their results, written in bulk."""
