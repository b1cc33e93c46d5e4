"""The second gate: is the result young enough? The window runs from specimen collection, never from receipt.

Of an imaging item the collection time is that of the examination, and the facts hold `imaging` (true).

The rules, and the facts each verdict carries:

collection_time             collected_at, at (instants); unknown without one, or with one that lies after the order;
                            stands_in, where the time is not that of the collection: `order`
window_set                  item; unknown where the policy neither sets a window nor leaves it to the clinician
window_left_to_clinician    hours_since; the policy sets no window, and the clinician judges the age
window_open                 hours, hours_since, until (instant)
window_positive_only        outcome; of some items only positive results are shared
window_not_reference_only   item; some items never replace a new measurement
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from lienthong.policy._facts import EarlierResult
from lienthong.policy._values import Window, ruling
from lienthong.policy._verdict import Fact, Gate, RuleVerdict, Verdict, verdict_of


def window_rules(
    result: EarlierResult, window: Window | None, *, at: datetime, is_imaging: bool = False
) -> Iterator[RuleVerdict]:
    """Yield the verdicts on the collection time, the window and its condition at the instant of the order."""
    of_imaging: dict[str, Fact] = {"imaging": True} if is_imaging else {}
    hours_since = _hours_since(result, at)
    known: dict[str, Fact] = {"collected_at": _written(result.collected_at), "at": at.isoformat(), **of_imaging}
    if result.is_order_time:
        known["stands_in"] = "order"
    yield _ruling("collection_time", Verdict.UNKNOWN if hours_since is None else Verdict.YES, window, known)
    if window is None:
        yield _ruling("window_set", Verdict.UNKNOWN, None, {"item": result.item})
        return
    if window.hours is None:
        yield _ruling("window_left_to_clinician", Verdict.YES, window, {"hours_since": hours_since, **of_imaging})
    else:
        opened = _window_open(result, window, hours_since=hours_since, at=at)
        yield replace(opened, facts={**opened.facts, **of_imaging})
    yield from _condition(result, window)


def closes_at(result: EarlierResult, window: Window | None) -> datetime | None:
    """Return the last instant of the window; None where there is no window or no collection time."""
    if window is None or window.hours is None or result.collected_at is None:
        return None
    return result.collected_at + timedelta(hours=window.hours)


def _window_open(result: EarlierResult, window: Window, *, hours_since: float | None, at: datetime) -> RuleVerdict:
    until = closes_at(result, window)
    is_open = None if hours_since is None or until is None else at <= until
    facts = {"hours": window.hours, "hours_since": hours_since, "until": _written(until)}
    return _ruling("window_open", verdict_of(is_open), window, facts)


def _condition(result: EarlierResult, window: Window) -> Iterator[RuleVerdict]:
    if window.condition == "positive_only":
        positive = None if result.outcome is None else result.outcome == "positive"
        yield _ruling("window_positive_only", verdict_of(positive), window, {"outcome": result.outcome})
    elif window.condition == "reference_only":
        yield _ruling("window_not_reference_only", Verdict.NO, window, {"item": result.item})


def _hours_since(result: EarlierResult, at: datetime) -> float | None:
    """Return the hours from collection to the order; None where they can't be told."""
    if result.collected_at is None or result.collected_at > at:
        return None
    return (at - result.collected_at) / timedelta(hours=1)


def _ruling(rule: str, verdict: Verdict, window: Window | None, facts: dict[str, Fact]) -> RuleVerdict:
    return ruling(rule, verdict, window.source if window else None, gate=Gate.WINDOW, facts=facts)


def _written(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
