"""What other apps and the command line may ask of the exchange."""

from __future__ import annotations

import datetime as dt

from lienthong.errors import NotFound
from lienthong.exchange.certification.actions import filling_of, judge_certification
from lienthong.exchange.certification.cases import cases, wire
from lienthong.exchange.certification.judging import CaseVerdict
from lienthong.exchange.certification.models import Certification
from lienthong.results.reads import InboxCount
from lienthong.results.reads import inbox_counts as counts_of_inbox

__all__ = [
    "CaseVerdict",
    "InboxCount",
    "case_files",
    "certification_verdicts",
    "inbox_counts",
    "open_certification",
]


def inbox_counts(*, since: dt.datetime | None = None) -> list[InboxCount]:
    """Count the messages of the inbox by state and reason, those received since an instant or all."""
    return counts_of_inbox(since=since)


def open_certification(source: str) -> int:
    """Return the key of the open entrance test of a sender; raise NotFound where none is open."""
    rows = Certification.objects.open().filter(source__code=source, is_self_test=False)
    found = rows.values_list("pk", flat=True).first()
    if found is None:
        raise NotFound("no entrance test of this sender is open; open one with --open")
    return found


def case_files(certification_id: int) -> list[tuple[str, bytes]]:
    """Return name and bytes of what goes over the wire in an entrance test, in order."""
    filling = filling_of(_certification(certification_id))
    return [one for case in cases() for one in wire(filling, case)]


def certification_verdicts(certification_id: int, *, at: dt.datetime) -> list[CaseVerdict]:
    """Return what each case of an entrance test says so far."""
    return judge_certification(_certification(certification_id), at=at)


def _certification(certification_id: int) -> Certification:
    return Certification.objects.select_related("source").get(pk=certification_id)
