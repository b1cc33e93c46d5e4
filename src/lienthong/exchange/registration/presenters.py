"""What the pages of senders show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.core.audit import Event
from lienthong.core.export import Cell
from lienthong.exchange.analyzers.directory import Caller
from lienthong.exchange.history import HistoryRow, in_words
from lienthong.exchange.listening.arrivals import Reception
from lienthong.exchange.models import Source
from lienthong.exchange.registration.actions import PLAIN
from lienthong.exchange.registration.entry import ASTM, DICOM, FILES, HL7V2
from lienthong.exchange.registration.refused import caller
from lienthong.exchange.registration.wording import TUBES, action_words, column_words, protocol_words, value_words
from lienthong.exchange.wording import finding_words, reason_words, state_words
from lienthong.findings import Finding
from lienthong.interop import hl7v2
from lienthong.registry.reads import FacilityFacts
from lienthong.results.actions import Outcome
from lienthong.results.reads import InboxFacts

_NOT_OF_A_CODE = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class SenderRow:
    source: Source
    facility: str
    laboratory: str
    may_change: bool

    @property
    def protocol(self) -> str:
        return protocol_words(self.source.protocol)

    @property
    def known_by(self) -> tuple[tuple[str, str], ...]:
        """What names it in its protocol, in order; of an analyser only what is asked."""
        row = self.source
        if row.protocol == HL7V2:
            return ("MSH-3", row.sending_application or "–"), ("MSH-4", row.sending_facility or "–")
        if row.protocol == FILES:
            return ((_("Code"), row.code),)
        if row.protocol == DICOM:
            named = (("AE title", row.sending_application), (_("Address"), row.peer_address))
            return tuple((name, str(value)) for name, value in named if value)
        told = (("H-5", row.sending_application), (_("Address"), row.peer_address), (_("Port"), row.listening_port))
        return tuple((name, str(value)) for name, value in told if value)

    @property
    def no_certificate(self) -> str:
        """What stands in the place of the name in the certificate; there is none in ASTM."""
        return _("not demanded") if self.source.protocol in (HL7V2, DICOM) else "–"

    @property
    def is_analyzer(self) -> bool:
        return self.source.protocol == ASTM

    @property
    def has_test(self) -> bool:
        """Whether it can be tried by messages: what an entrance test, or the page on analysers, is for."""
        return self.source.protocol in (HL7V2, ASTM)

    @property
    def delivers(self) -> bool:
        """Whether what it has comes as deliveries, of a person or of a connected system."""
        return self.source.protocol == FILES

    @property
    def tubes(self) -> str:
        """Which number of an order its tubes bear."""
        return str(TUBES.get(self.source.tube_number, self.source.tube_number))

    def cells(self) -> list[Cell]:
        """Return the row of the Excel file."""
        row = self.source
        return [
            *(row.code, self.protocol, row.sending_application, row.sending_facility),
            *(row.peer_address or "", row.listening_port, row.certificate, row.control_specimens),
            *(self.tubes, row.tube_days),
            *(self.facility, self.laboratory, row.default_charset, row.dicomweb_url),
        ]


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of a message that was tried."""

    sender: str
    answer: str
    state: str
    tone: str
    reason: str
    findings: tuple[tuple[str, str], ...]
    results_stored: int
    results_held: int
    is_read: bool


def sender_rows(sources: Iterable[Source], administered: frozenset[int]) -> list[SenderRow]:
    return [
        SenderRow(
            source=row,
            facility=row.facility.name,
            laboratory=row.laboratory.name if row.laboratory else "",
            may_change=row.facility_id in administered,
        )
        for row in sources
    ]


def sender_header() -> list[str]:
    columns = (
        *("protocol", "sending_application", "sending_facility", "peer_address", "listening_port", "certificate"),
        *("control_specimens", "tube_number", "tube_days", "facility_id", "laboratory_id", "default_charset"),
        "dicomweb_url",
    )
    return [_("Code"), *map(column_words, columns)]


def unknown_header() -> list[str]:
    return [_("Known by"), _("Messages"), _("Since"), _("Last")]


def history_rows(events: Iterable[Event]) -> list[HistoryRow]:
    """Lay out what was done to a sender."""
    return in_words(events, action=action_words, detail=column_words, value=value_words)


def values_of(row: Source) -> dict[str, str]:
    """Return what the form shows of a registered sender."""
    name = {ASTM: "analyzer_name", DICOM: "ae_title"}.get(row.protocol, "sending_application")
    return {
        **{column: str(getattr(row, column) or "") for column in PLAIN if column != "sending_application"},
        name: row.sending_application,
        "code": row.code,
        "facility": row.facility.code,
        "laboratory": str(row.laboratory_id or ""),
    }


def first_values(message: InboxFacts | None, facilities: Mapping[int, FacilityFacts]) -> dict[str, str]:
    """Return what a refused message says of its sender; the facility where MSH-4 is its licence code."""
    if message and (called := caller(message)):
        return _values_of_caller(called)
    header = hl7v2.header(message.raw) if message else None
    if header is None:
        return {}
    component = header.delimiters.component
    names = (header.sending_application.split(component)[0], header.sending_facility.split(component)[0])
    place = next((one.code for one in facilities.values() if one.code in names), "")
    return {
        "code": _code("-".join(dict.fromkeys(name for name in names if name))),
        "sending_application": header.sending_application,
        "sending_facility": header.sending_facility,
        "facility": place,
    }


def _values_of_caller(called: Caller) -> dict[str, str]:
    name = called.name.split("^")[0].strip()
    return {
        "code": _code(name),
        "protocol": ASTM,
        "analyzer_name": name,
        "peer_address": called.address,
        "listening_port": str(called.port),
    }


def _code(names: str) -> str:
    return _NOT_OF_A_CODE.sub("-", names).strip("-")[:60]


def trial(reception: Reception, outcome: Outcome | None) -> Trial:
    """Lay out how a message would be answered and what a worker would make of it."""
    arrival = reception.arrival
    state = outcome.state if outcome else arrival.state
    reason = outcome.reason if outcome else arrival.reason
    findings: tuple[Finding, ...] = outcome.findings if outcome else arrival.findings
    tones = {"stored": "good", "control": "good", "duplicate": "info", "held": "warn", "rejected": "bad"}
    is_whole = state in ("stored", "control", "duplicate") and not (outcome and outcome.results_held)
    return Trial(
        sender=arrival.source or arrival.sender or _("Unknown sender"),
        answer=reception.code or _("none"),
        state=state_words(state, reason),
        tone=tones.get(state, "info") if is_whole or state in ("held", "rejected") else "warn",
        reason=reason_words(reason) if reason else "",
        findings=tuple((one.where, finding_words(one)) for one in findings),
        results_stored=outcome.results_stored if outcome else 0,
        results_held=outcome.results_held if outcome else 0,
        is_read=outcome is not None,
    )
