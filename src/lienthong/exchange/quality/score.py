"""The quality of what a sender sends, from counts of days: shares, delays, and one number. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# How much each part weighs in the score; they add up to 1. They are this platform's own, and only rank senders.
WEIGHTS = {"complete": 0.4, "mapped": 0.2, "timely": 0.2, "accepted": 0.15, "once": 0.05}
TIMELY_SECONDS = 2 * 3600


@dataclass(frozen=True, slots=True)
class Counts:
    """What one sender sent over some days. `expected` counts the fields that its results should have."""

    messages: int
    duplicates: int
    held: int
    rejected: int
    results: int
    unmapped: int
    filled: int
    expected: int
    missing: Mapping[str, int]
    delays: Sequence[int]


@dataclass(frozen=True, slots=True)
class Quality:
    """Shares from 0 to 1 (nan where nothing was sent), delays in seconds, and the score from 0 to 100."""

    counts: Counts
    completeness: float
    unmapped: float
    duplicates: float
    held: float
    rejected: float
    timely: float
    delay_median: float
    delay_p95: float
    score: float


def quality(counts: Counts, ends: Sequence[float]) -> Quality:
    """Return the quality of what was counted; `ends` are the upper ends of the classes of delay, in seconds."""
    completeness = _share(counts.filled, counts.expected)
    unmapped = _share(counts.unmapped, counts.results + counts.unmapped)
    duplicates = _share(counts.duplicates, counts.messages)
    held, rejected = (_share(part, counts.messages) for part in (counts.held, counts.rejected))
    timely = _share(sum(counts.delays[: sum(end <= TIMELY_SECONDS for end in ends)]), sum(counts.delays))
    parts = {
        "complete": completeness,
        "mapped": 1 - unmapped,
        "timely": timely,
        "accepted": 1 - held - rejected,
        "once": 1 - duplicates,
    }
    return Quality(
        counts=counts,
        completeness=completeness,
        unmapped=unmapped,
        duplicates=duplicates,
        held=held,
        rejected=rejected,
        timely=timely,
        delay_median=quantile(counts.delays, ends, 0.5),
        delay_p95=quantile(counts.delays, ends, 0.95),
        score=_score(parts),
    )


def total(days: Iterable[Counts]) -> Counts:
    """Return the counts of several days together."""
    found = list(days)
    missing = {name: 0 for one in found for name in one.missing}
    for one in found:
        for name, count in one.missing.items():
            missing[name] += count
    width = max((len(one.delays) for one in found), default=0)
    return Counts(
        messages=sum(one.messages for one in found),
        duplicates=sum(one.duplicates for one in found),
        held=sum(one.held for one in found),
        rejected=sum(one.rejected for one in found),
        results=sum(one.results for one in found),
        unmapped=sum(one.unmapped for one in found),
        filled=sum(one.filled for one in found),
        expected=sum(one.expected for one in found),
        missing=missing,
        delays=[sum(one.delays[place] for one in found if place < len(one.delays)) for place in range(width)],
    )


def quantile(classes: Sequence[int], ends: Sequence[float], share: float) -> float:
    """Return the delay, in seconds, within which a share of the results came; nan where there are none.

    Within a class delays are taken to lie evenly on a scale of ratios. Inf where it lies beyond the last end.
    """
    wanted, before = share * sum(classes), 0
    if not sum(classes):
        return math.nan
    for place, count in enumerate(classes):
        if count and before + count >= wanted:
            if place >= len(ends):
                return math.inf
            low = ends[place - 1] if place else ends[0] / 2
            return float(low * (ends[place] / low) ** ((wanted - before) / count))
        before += count
    return math.inf


def _score(parts: Mapping[str, float]) -> float:
    """Weigh the parts that are known; nan where nothing was sent."""
    known = {name: share for name, share in parts.items() if not math.isnan(share)}
    weight = sum(WEIGHTS[name] for name in known)
    return 100 * sum(WEIGHTS[name] * max(0.0, share) for name, share in known.items()) / weight if weight else math.nan


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan
