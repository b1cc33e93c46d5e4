"""Who read a record, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.core.export import Cell
from lienthong.portal.access_log import ReadEvent
from lienthong.portal.relations import BREAK_GLASS


@dataclass(frozen=True, slots=True)
class LogRow:
    at: dt.datetime
    actor: str
    facility: str
    what: str
    why: str
    reason: str
    is_break_glass: bool


def log_rows(events: Sequence[ReadEvent], facilities: Mapping[str, str]) -> list[LogRow]:
    """Return the events for the page; `facilities` are names by code."""
    return [
        LogRow(
            at=event.at,
            actor=event.actor,
            facility=facilities.get(event.facility, event.facility),
            what=_what(event.object_kind),
            why=_why(event.relation),
            reason=event.reason,
            is_break_glass=event.relation == BREAK_GLASS,
        )
        for event in events
    ]


def log_sheet(rows: Sequence[LogRow]) -> tuple[list[str], list[list[Cell]]]:
    """Return header and rows of the table as shown."""
    header = [_("When"), _("Who"), _("Facility"), _("What"), _("Why"), _("Reason")]
    return header, [[row.at, row.actor, row.facility, row.what, row.why, row.reason] for row in rows]


def _what(kind: str) -> str:
    names = {
        "patient": _("all reports and results"),
        "patient_list": _("name in a list of patients"),
        "patient_look_up": _("look-up by number"),
        "report": _("report"),
        "report_versions": _("all versions of a report"),
        "report_file": _("file of a report"),
        "report_picture": _("image of a report"),
        "order": _("form of an order"),
        "order_check": _("check of an order"),
        "order_receipt": _("signed order"),
        "notices": _("notice that a result changed"),
        "access_log": _("this log"),
        "bulk-export": _("export of a connected system"),
    }
    return names.get(kind, kind)


def _why(relation: str) -> str:
    names = {
        "same-facility": _("works at the facility of the record"),
        "order": _("an order for the patient"),
        "break-glass": _("emergency access"),
        "oversight": _("oversight of laboratories, without the name"),
    }
    return names.get(relation, relation)
