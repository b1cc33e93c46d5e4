"""Rows of a table into stored rows: what a file would do is planned without a database, then written or only shown."""
