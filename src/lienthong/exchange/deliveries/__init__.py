"""Deliveries: files and pushes as received, taken apart into one piece a report, which go raw into the inbox."""
