"""How far an order is: what may follow what, and what the reports that answer it say."""

from __future__ import annotations

from collections.abc import Iterable

from lienthong.results.models import OrderVersion, Report

_S = OrderVersion.Status
# Results may come in spite of a cancellation that crossed them; a withdrawn report opens its order again.
ALLOWED_TRANSITIONS: dict[str, frozenset[str]] = {
    _S.REQUESTED: frozenset({_S.ACCEPTED, _S.ON_HOLD, _S.REPORTED, _S.COMPLETED, _S.CANCELLED, _S.REPLACED}),
    _S.ACCEPTED: frozenset({_S.ON_HOLD, _S.REPORTED, _S.COMPLETED, _S.CANCELLED, _S.REPLACED}),
    _S.ON_HOLD: frozenset({_S.REQUESTED, _S.ACCEPTED, _S.REPORTED, _S.COMPLETED, _S.CANCELLED, _S.REPLACED}),
    _S.REPORTED: frozenset({_S.ACCEPTED, _S.COMPLETED, _S.CANCELLED}),
    _S.COMPLETED: frozenset({_S.ACCEPTED, _S.REPORTED}),
    _S.CANCELLED: frozenset({_S.REPORTED, _S.COMPLETED}),
    _S.REPLACED: frozenset({_S.REPORTED, _S.COMPLETED}),
}


def next_status(current: str, said: str) -> str:
    """Return the status after `said`; what may not follow, and nothing said, leave it as it is."""
    return said if said in ALLOWED_TRANSITIONS[current] else current


def status_by_reports(statuses: Iterable[str]) -> str:
    """Return what the reports of one order make of it; empty where there is none."""
    found = set(statuses)
    if not found:
        return ""
    if found == {Report.Status.WITHDRAWN}:
        return _S.ACCEPTED
    return _S.REPORTED if Report.Status.PRELIMINARY in found else _S.COMPLETED
