"""A patient's reports over facilities, newest first, with their results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lienthong.core.export import Cell
from lienthong.portal.evidence import Shelf, Shown
from lienthong.portal.presenters.filled import filled_names, is_order_time
from lienthong.portal.presenters.status import StatusWords, status_words
from lienthong.portal.presenters.values import ShownValue, as_reported
from lienthong.portal.relations import SAME_FACILITY, Reading
from lienthong.results.reads import TREATING_ROLES, ReportFacts


@dataclass(frozen=True, slots=True)
class TimelineResult:
    name: str
    value: ShownValue
    marks: tuple[str, ...]
    status: StatusWords
    comment: str
    filled: str


@dataclass(frozen=True, slots=True)
class TimelineReport:
    id: int
    number: str
    facility: str
    status: StatusWords
    collected_at: dt.datetime | None
    is_order_time: bool
    released_at: dt.datetime | None
    is_corrected: bool
    comment: str
    results: tuple[TimelineResult, ...]


@dataclass(frozen=True, slots=True)
class TimelineView:
    title: str
    reports: tuple[TimelineReport, ...]
    hidden: str


def readable_reports(reports: Sequence[ReportFacts], *, reading: Reading) -> list[ReportFacts]:
    """Keep what the relation opens: work at a facility opens its own reports, an order those of all."""
    if reading.relation != SAME_FACILITY:
        return list(reports)
    own = reading.access.facilities_as(*TREATING_ROLES)
    return [report for report in reports if report.facility_id in own]


def timeline_view(reports: Sequence[ReportFacts], *, shelf: Shelf, hidden: int) -> TimelineView:
    """Return the timeline; `hidden` is the number of reports that the relation does not open."""
    return TimelineView(
        title=ngettext("%(number)s report", "%(number)s reports", len(reports)) % {"number": len(reports)},
        reports=tuple(_report(report, shelf) for report in reports),
        hidden=_hidden(hidden),
    )


def timeline_sheet(page: TimelineView) -> tuple[list[str], list[list[Cell]]]:
    """Return header and rows of the table as shown."""
    header = [
        *(_("Collected"), _("Facility"), _("Report"), _("Test"), _("Result"), _("Unit"), _("Flag")),
        *(_("Interval of that laboratory"), _("Mark"), _("Status"), _("Comment"), _("Comment on the report")),
        _("Filled in"),
    ]
    return header, [
        [
            *(report.collected_at, report.facility, report.number, one.name, one.value.text, one.value.unit),
            *(one.value.flag, one.value.interval, ", ".join(one.marks), one.status.words),
            *(one.comment, report.comment, one.filled),
        ]
        for report in page.reports
        for one in report.results
    ]


def _hidden(number: int) -> str:
    if not number:
        return ""
    words = ngettext(
        "%(number)s report of another facility is not shown: reading it needs an order.",
        "%(number)s reports of other facilities are not shown: reading them needs an order.",
        number,
    )
    return words % {"number": number}


def _report(report: ReportFacts, shelf: Shelf) -> TimelineReport:
    held = [one for one in (shelf.get(result.id) for result in report.results) if one]
    facility = next((one.facility.name for one in held), "")
    return TimelineReport(
        id=report.id,
        number=report.number,
        facility=facility,
        status=status_words(report.status),
        collected_at=report.collected_at,
        is_order_time=is_order_time(report.results),
        released_at=report.released_at,
        is_corrected=any(one.version > 1 for one in report.results),
        comment=report.comment,
        results=tuple(_result(one) for one in held),
    )


def _result(one: Shown) -> TimelineResult:
    return TimelineResult(
        name=one.analyte.name,
        value=as_reported(one.result, one.analyte, one.procedure),
        marks=tuple(dict.fromkeys(str(mark["mark"]) for mark in one.result.marks)),
        status=status_words(one.result.status),
        comment=one.result.comment,
        filled=filled_names(one.result),
    )
