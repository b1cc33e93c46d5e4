"""How numbers are spread: those that wait for a code, and those that procedures stored lately."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
# A few hundred of each procedure say enough of where its numbers lie, and are read from its index alone.
PER_PROCEDURE = 300
_HELD = """
SELECT unit, count(*), percentile_cont(%(shares)s::float8[]) WITHIN GROUP (ORDER BY number)
FROM (SELECT unit, number FROM results_heldresult
      WHERE source = %(source)s AND local_code = %(code)s AND local_system = %(system)s AND released_at IS NULL
        AND number IS NOT NULL
      ORDER BY id DESC LIMIT 5000) AS waiting
GROUP BY unit ORDER BY 2 DESC, unit
"""
_STORED = """
SELECT analyte.id, count(*), percentile_cont(%(shares)s::float8[]) WITHIN GROUP (ORDER BY lately.value)
FROM unnest(%(analyte)s::bigint[], %(procedure)s::bigint[]) AS analyte (id, procedure_id)
CROSS JOIN LATERAL (
  SELECT value FROM results_result
  WHERE procedure_id = analyte.procedure_id AND measured_at IS NOT NULL AND is_current AND value IS NOT NULL
  ORDER BY measured_at DESC LIMIT %(limit)s
) AS lately
GROUP BY analyte.id
"""


@dataclass(frozen=True, slots=True)
class Spread:
    """How many numbers, and their 5th, 25th, 50th, 75th and 95th percentiles."""

    count: int
    percentiles: tuple[float, ...]

    @property
    def median(self) -> float:
        return self.percentiles[2]


def held_spread(*, source: str, local_code: str, local_system: str) -> dict[str, Spread]:
    """Return by unit as sent how the numbers lie that wait for a code, of the latest 5,000."""
    parameters: dict[str, Any] = {"source": source, "code": local_code, "system": local_system, "shares": list(SHARES)}
    with connection.cursor() as cursor:
        cursor.execute(_HELD, parameters)
        return {unit: Spread(count, tuple(found)) for unit, count, found in cursor.fetchall()}


def stored_spread(procedures: Mapping[int, Collection[int]]) -> dict[int, Spread]:
    """Return by analyte how its latest results lie, in its unit; `procedures` gives for each analyte its procedures."""
    pairs = [(analyte, procedure) for analyte, ids in procedures.items() for procedure in ids]
    if not pairs:
        return {}
    parameters: dict[str, Any] = {
        "analyte": [analyte for analyte, _procedure in pairs],
        "procedure": [procedure for _analyte, procedure in pairs],
        "shares": list(SHARES),
        "limit": PER_PROCEDURE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STORED, parameters)
        return {analyte: Spread(count, tuple(found)) for analyte, count, found in cursor.fetchall()}
