"""Whether the items of a round are good enough, and how precise the measurements are (annex B, ISO 5725-2)."""
