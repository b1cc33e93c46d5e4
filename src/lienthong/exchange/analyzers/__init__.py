"""Analysers that speak ASTM: their line, their messages, and who they are."""
