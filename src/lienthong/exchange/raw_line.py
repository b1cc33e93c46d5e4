"""A line of a message as people see it in the inbox, whatever its format."""

from __future__ import annotations

# Runs of text, each with whether a finding names it and whether it is hidden.
Line = tuple[tuple[str, bool, bool], ...]
