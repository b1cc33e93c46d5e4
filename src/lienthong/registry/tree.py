"""The dated tree of regions, read by recursive queries; depth and levels are free."""

from __future__ import annotations

import datetime as dt

from django.db import connection

_BELOW = """
WITH RECURSIVE below(id) AS (
  SELECT %(start)s::bigint
  UNION
  SELECT link.region_id FROM registry_regionparent link JOIN below ON link.parent_id = below.id
  WHERE link.valid_from <= %(on)s AND (link.valid_to IS NULL OR link.valid_to > %(on)s) AND link.superseded_at IS NULL
) SELECT id FROM below
"""
_ABOVE = """
WITH RECURSIVE above(id, depth) AS (
  SELECT %(start)s::bigint, 0
  UNION
  SELECT link.parent_id, above.depth + 1 FROM registry_regionparent link JOIN above ON link.region_id = above.id
  WHERE link.valid_from <= %(on)s AND (link.valid_to IS NULL OR link.valid_to > %(on)s) AND link.superseded_at IS NULL
    AND above.depth < 20
) SELECT region.code FROM above JOIN registry_region region USING (id) ORDER BY above.depth DESC
"""


def region_ids_below(region_id: int, *, on: dt.date) -> frozenset[int]:
    """Return the keys of a region and of all that lay in it on a day."""
    return frozenset(int(key) for key in _column(_BELOW, region_id, on))


def region_path(region_id: int, *, on: dt.date) -> tuple[str, ...]:
    """Return the codes from the nation down to a region, as the tree stood on a day."""
    return tuple(str(code) for code in _column(_ABOVE, region_id, on))


def _column(query: str, region_id: int, on: dt.date) -> list[int | str]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"start": region_id, "on": on})
        return [row[0] for row in cursor.fetchall()]
