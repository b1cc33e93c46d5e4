"""The channel: which changes a receiver of HL7 v2 is told, and one report to one receiver."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lienthong.exchange.listening.certificates import BadCertificate, TlsFiles, client_context
from lienthong.exchange.outbound.channels import REPORT, DispatchFacts, OutletFacts, Sent, Wanted
from lienthong.exchange.outbound.hl7v2.answers import outcome_of
from lienthong.exchange.outbound.hl7v2.line import Line, NotReached, Place
from lienthong.exchange.outbound.hl7v2.message import write_report
from lienthong.exchange.outbound.hl7v2.settings import ALL, ORDERS, Hl7Settings, read_settings
from lienthong.exchange.outbound.hl7v2.shelf import Shelf
from lienthong.exchange.outbound.hl7v2.telling import gather
from lienthong.exchange.outbound.labels import label_of_version
from lienthong.exchange.outbound.reach import record_sending
from lienthong.registry.reads import FacilityFacts
from lienthong.results import reads as results
from lienthong.results.feed import Change, relations_to_reports

ENVIRONMENT = ("LIENTHONG_OUTBOUND_TLS_CERT", "LIENTHONG_OUTBOUND_TLS_KEY", "LIENTHONG_OUTBOUND_CA")
NOT_READABLE = Sent(
    outcome="withheld", code="not-readable", text="the facility may not read this report, or wants it no more"
)


def files_of_environment() -> TlsFiles:
    """Return our client certificate with its key, and the authority of the receivers' certificates."""
    certificate, key, authority = (Path(text) if (text := os.environ.get(name)) else None for name in ENVIRONMENT)
    return TlsFiles(certificate, key, authority)


@dataclass(slots=True)
class Hl7Channel:
    """Holds a connection to each receiver while there is something to send to it."""

    files: Callable[[], TlsFiles] = files_of_environment
    _shelf: Shelf = field(default_factory=Shelf)
    _lines: dict[int, tuple[Hl7Settings, Line]] = field(default_factory=dict)

    def wanted(self, changes: Sequence[Change], outlet: OutletFacts, *, at: dt.datetime) -> list[Wanted]:
        """Return the reports that the outlet wants and its facility may read now."""
        receiver, settings = self._shelf.facility(outlet.facility_id, at=at), read_settings(outlet.settings)
        others = [one for one in changes if not _is_own(one.facility_id, receiver, settings)]
        allowed = self._relations({one.report_id for one in others}, receiver, settings, at=at)
        return [
            Wanted(one.position, REPORT, str(one.report_id), one.version) for one in others if one.report_id in allowed
        ]

    def send(self, dispatch: DispatchFacts, outlet: OutletFacts, *, at: dt.datetime) -> Sent:
        """Send the report as it is now, if it may still be read; the read is in the audit log before it goes."""
        settings, receiver = read_settings(outlet.settings), self._shelf.facility(outlet.facility_id, at=at)
        report_id = int(dispatch.subject)
        relation = self._relations({report_id}, receiver, settings, at=at).get(report_id)
        report = results.report(report_id) if relation else None
        if relation is None or report is None or _is_own(report.facility_id, receiver, settings):
            return NOT_READABLE
        control_id = control_id_of(dispatch, told=report.version)
        try:
            message = write_report(
                gather(report, receiver, self._shelf, settings, at=at), settings, control_id=control_id, at=at
            )
        except UnicodeEncodeError:
            told = f"the report holds a letter that the character set {settings.charset} lacks"
            return Sent(outcome="refused", code="charset", text=told)
        who, place = report.patient.record_id, receiver.code
        record_sending(outlet, record_id=who, report_id=report_id, relation=relation, at=at, facility=place)
        return self._exchange(message, outlet, settings, control_id=control_id, version=report.version)

    def rest(self, outlet_id: int) -> None:
        """Hang up."""
        if held := self._lines.pop(outlet_id, None):
            held[1].close()

    def _exchange(
        self, message: bytes, outlet: OutletFacts, settings: Hl7Settings, *, control_id: str, version: int
    ) -> Sent:
        try:
            answer = self._line(outlet, settings).exchange(message, answer_seconds=settings.answer_seconds)
        except NotReached as fault:
            return Sent(outcome="again", code=fault.fault, text=str(fault))
        except BadCertificate as fault:
            return Sent(outcome="again", code=fault.code, text=str(fault))
        sent = outcome_of(answer, control_id=control_id, version=version)
        if sent.outcome == "again":
            self.rest(outlet.id)
        return sent

    def _relations(
        self, report_ids: set[int], receiver: FacilityFacts, settings: Hl7Settings, *, at: dt.datetime
    ) -> dict[int, str]:
        """Return for each of these reports that the facility may read, and may want, the relation that allows it."""
        reach = self._shelf.reach(receiver, at=at)
        return relations_to_reports(reach, report_ids, answers_only=settings.reports == ORDERS)

    def _line(self, outlet: OutletFacts, settings: Hl7Settings) -> Line:
        """Return the connection to a receiver; raise BadCertificate where ours can't be read."""
        held = self._lines.get(outlet.id)
        if held is not None and held[0] == settings:
            return held[1]
        self.rest(outlet.id)
        tls = client_context(self.files()) if settings.tls else None
        line = Line(Place(settings.host, settings.port, tls, settings.tls_name))
        self._lines[outlet.id] = settings, line
        return line


def control_id_of(dispatch: DispatchFacts, *, told: int) -> str:
    """Return MSH-10: the same however often the version `told` is sent."""
    return label_of_version(dispatch.id, newer=told - dispatch.version)


def _is_own(facility_id: int, receiver: FacilityFacts, settings: Hl7Settings) -> bool:
    """Whether a report is the receiver's own and not to come back to it."""
    return facility_id == receiver.id and settings.reports != ALL
