"""What measurement and biology explain of the difference between one patient's results from two systems."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from lienthong.iqc import reads as iqc
from lienthong.metrology import uncertainty
from lienthong.policy import Difference, Policy
from lienthong.registry import reads as registry
from lienthong.results import reads as results


@dataclass(frozen=True, slots=True)
class _Reading:
    """A result that is a plain number, and the systems that may have measured it."""

    result_id: int
    analyte_id: int
    value: float
    collected_at: dt.datetime
    systems: tuple[int, ...]


def differences(
    found: Sequence[results.ResultFacts], systems: Mapping[int, Collection[int]], *, policy: Policy
) -> dict[int, Difference]:
    """Return for each numeric result its difference from the one before it of the same analyte.

    Imprecision is the greatest CV of the systems that may have measured it, from IQC over the policy's period. Bias
    between the systems is not known here and not corrected; where a CV is not known, neither is what it explains.
    """
    pairs = list(_pairs(_readings(found, systems)))
    if not pairs:
        return {}
    cvs = _cvs([one for pair in pairs for one in pair], policy=policy)
    analytes = registry.analytes()
    return {
        newer.result_id: _difference(newer, older, cvs=cvs, analyte=analytes[newer.analyte_id])
        for newer, older in pairs
    }


def _readings(found: Sequence[results.ResultFacts], systems: Mapping[int, Collection[int]]) -> Iterator[_Reading]:
    """Yield what is a number without "<" or ">", has a collection time, and was not withdrawn."""
    for one in found:
        if one.value is None or one.collected_at is None or one.comparator or one.status == "withdrawn":
            continue
        yield _Reading(one.id, one.analyte_id, float(one.value), one.collected_at, tuple(systems[one.id]))


def _pairs(readings: Iterable[_Reading]) -> Iterator[tuple[_Reading, _Reading]]:
    by_analyte: dict[int, list[_Reading]] = defaultdict(list)
    for one in readings:
        by_analyte[one.analyte_id].append(one)
    for rows in by_analyte.values():
        newest_first = sorted(rows, key=lambda one: (one.collected_at, one.result_id), reverse=True)
        yield from itertools.pairwise(newest_first)


def _cvs(readings: Sequence[_Reading], *, policy: Policy) -> dict[int, float]:
    """Return the CV in percent behind each reading, where IQC over the policy's period gives one for every system."""
    coverage = policy.iqc_coverage
    if coverage is None:
        return {}
    oldest = min(timezone.localdate(one.collected_at) for one in readings)
    ids = {system for one in readings for system in one.systems}
    evidence = iqc.evidence(ids, start=oldest - dt.timedelta(days=coverage.period_days), end=policy.on)
    known = {system: row.cv_percent for system, row in evidence.items() if row.cv_percent is not None}
    return {
        one.result_id: max(known[system] for system in one.systems)
        for one in readings
        if one.systems and known.keys() >= set(one.systems)
    }


def _difference(
    newer: _Reading, older: _Reading, *, cvs: Mapping[int, float], analyte: registry.AnalyteFacts
) -> Difference:
    both_known = newer.result_id in cvs and older.result_id in cvs
    pair = (cvs[newer.result_id], cvs[older.result_id]) if both_known else None
    return Difference(
        other_result_id=older.result_id,
        difference=newer.value - older.value,
        measurement_explains=_measurement((newer.value, older.value), pair),
        reference_change_value=_change(older.value, pair, analyte.cv_within),
        unit=analyte.unit,
    )


def _measurement(values: tuple[float, float], cvs: tuple[float, float] | None) -> float | None:
    if cvs is None:
        return None
    u1, u2 = (abs(value) * cv / 100 for value, cv in zip(values, cvs, strict=True))
    return _finite(float(uncertainty.measurement_difference(u1, u2)))


def _change(earlier: float, cvs: tuple[float, float] | None, cv_within: float | None) -> float | None:
    """Return the reference change value in the unit of the earlier result."""
    if cvs is None or cv_within is None:
        return None
    percent = float(uncertainty.reference_change_value(cvs[0], cvs[1], cv_within))
    return _finite(abs(earlier) * percent / 100)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
