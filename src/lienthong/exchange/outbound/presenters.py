"""What the pages of outlets show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.core.audit import Event
from lienthong.core.export import Cell
from lienthong.exchange.history import HistoryRow, in_words
from lienthong.exchange.outbound.hl7v2.settings import Hl7Settings, read_settings
from lienthong.exchange.outbound.labels import label_of
from lienthong.exchange.outbound.models import Outlet
from lienthong.exchange.outbound.reads import DispatchState, OutletState
from lienthong.exchange.outbound.wording import (
    DISPATCH_STATES,
    FILES,
    MODES,
    OUTLET_STATES,
    REPORTS,
    WITHDRAWN,
    action_words,
    detail_words,
    fault_words,
    reason_words,
)

HL7 = Outlet.Channel.HL7V2


@dataclass(frozen=True, slots=True)
class Status:
    tone: str
    symbol: str
    words: str


@dataclass(frozen=True, slots=True)
class OutletRow:
    """An outlet in the list and at the head of its page."""

    facts: OutletState
    facility: str
    status: Status
    channel: str
    address: str
    fault: str

    @property
    def is_hl7(self) -> bool:
        return self.facts.channel == HL7

    @property
    def is_over(self) -> bool:
        return self.facts.state == Outlet.State.OFF

    @property
    def is_paused(self) -> bool:
        return self.facts.state == Outlet.State.PAUSED

    def cells(self) -> list[Cell]:
        """Return the row of the Excel file."""
        one = self.facts
        return [
            *(one.code, one.name, self.facility, self.channel, self.address, self.status.words),
            *(one.waiting, one.oldest_at, one.dead, one.last_delivered_at),
            *(one.last_error_code, one.last_error, one.last_error_at),
        ]


@dataclass(frozen=True, slots=True)
class DispatchRow:
    """A dispatch; `thing` is what it tells, in words without the patient."""

    facts: DispatchState
    control_id: str
    thing: str
    status: Status
    fault: str

    def cells(self) -> list[Cell]:
        """Return the row of the Excel file."""
        one = self.facts
        return [
            *(self.control_id, self.thing, one.version, self.status.words, one.attempts, one.queued_at),
            *(one.last_attempt_at, one.next_attempt_at, one.delivered_at, one.last_error_code, one.last_error),
        ]


def outlet_rows(found: Iterable[OutletState], facilities: Mapping[int, str]) -> list[OutletRow]:
    """Lay out outlets; `facilities` are the names by key."""
    return [
        OutletRow(
            facts=one,
            facility=facilities.get(one.facility_id, ""),
            status=Status(*_words(OUTLET_STATES, _state(one))),
            channel=str(Outlet.Channel(one.channel).label),
            address=_address(one),
            fault=fault_words(one.last_error_code),
        )
        for one in found
    ]


def header() -> list[str]:
    return [
        *(_("Code"), _("Name"), _("Facility"), _("Channel"), _("Address"), _("State"), _("Waiting")),
        *(_("Oldest since"), _("Dead letters"), _("Last delivered")),
        *(_("Fault"), _("What was found"), _("Time of the fault")),
    ]


def dispatch_rows(
    found: Iterable[DispatchState], reports: Mapping[int, tuple[str, int]], facilities: Mapping[int, str]
) -> list[DispatchRow]:
    """Lay out dispatches; `reports` are numbers and facilities by key."""
    return [
        DispatchRow(
            facts=one,
            control_id=label_of(one.id),
            thing=_thing(one, reports, facilities),
            status=Status(*_words(DISPATCH_STATES, one.state)),
            fault=fault_words(one.last_error_code),
        )
        for one in found
    ]


def dispatch_header() -> list[str]:
    return [
        *(_("Control id"), _("What it tells"), _("Version"), _("State"), _("Attempts"), _("Queued")),
        *(_("Last attempt"), _("Next attempt"), _("Delivered"), _("Fault"), _("What was found")),
    ]


def settings_rows(row: OutletRow) -> list[tuple[str, str]]:
    """Return the settings of an outlet of HL7 v2 in words; the other channel's are its own resource."""
    if not row.is_hl7:
        return []
    one: Hl7Settings = read_settings(row.facts.settings)
    return [
        (_("Address"), row.address),
        ("MSH-3, MSH-4", f"{one.sending_application} / {one.sending_facility}"),
        ("MSH-5, MSH-6", f"{one.receiving_application or '–'} / {one.receiving_facility or '–'}"),
        ("MSH-18", one.charset),
        (_("Which reports"), str(REPORTS[one.reports])),
        (_("Acknowledgment"), str(MODES[one.acknowledgment])),
        (_("Withdrawn results"), str(WITHDRAWN[one.withdrawn])),
        (_("Files and pictures beside a report"), str(FILES[one.attachments])),
        (_("Seconds to wait for an answer"), str(one.answer_seconds)),
    ]


def history_rows(events: Iterable[Event]) -> list[HistoryRow]:
    """Lay out what was done to an outlet."""
    return in_words(events, action=action_words, detail=detail_words, value=_told)


def _told(name: str, value: object) -> str:
    if not value:
        return ""
    if name == "why":
        return reason_words(str(value))
    if name == "channel":
        return str(Outlet.Channel(str(value)).label)
    return f"LT{int(str(value)):X}" if name == "dispatch" else str(value)


def _state(one: OutletState) -> str:
    return "failing" if one.state == Outlet.State.ACTIVE and one.failing_since else one.state


def _words(table: Mapping[str, tuple[str, str, object]], state: str) -> tuple[str, str, str]:
    tone, symbol, words = table[state]
    return tone, symbol, str(words)


def _address(one: OutletState) -> str:
    if one.channel != HL7:
        return str(one.settings.get("endpoint", ""))
    settings = read_settings(one.settings)
    return f"{settings.host}:{settings.port}" + (" (TLS)" if settings.tls else "")


def _thing(one: DispatchState, reports: Mapping[int, tuple[str, int]], facilities: Mapping[int, str]) -> str:
    """Name a report by its number and its laboratory; anything else by its kind and key."""
    if one.kind == "report" and one.subject.isdecimal() and int(one.subject) in reports:
        number, facility = reports[int(one.subject)]
        return f"{number}, {facilities.get(facility, '')}".rstrip(", ")
    return f"{one.kind}/{one.subject}"
