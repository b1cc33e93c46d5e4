"""Senders' patient records and the persons they are linked to: found, judged, reviewed, merged and parted."""
