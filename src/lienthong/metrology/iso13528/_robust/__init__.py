"""Robust estimates of mean and standard deviation, for many groups at once (annex C)."""
