"""Witnesses of the log: parties elsewhere who are handed its checkpoints, check that it only grew, and cosign them."""
