"""A report as ORU^R01 of v2.5.1: MSH, PID, ORC, OBR and SPM. What the results say stands in `observations`.

docs/outbound.md tells receivers what stands where; the two change together.
"""

from __future__ import annotations

import datetime as dt

from lienthong.exchange.outbound.hl7v2.observations import observations
from lienthong.exchange.outbound.hl7v2.settings import ENHANCED, Hl7Settings
from lienthong.exchange.outbound.hl7v2.telling import Telling
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import (
    Coded,
    Comment,
    EntityIdentifier,
    Header,
    Identifier,
    OrderControl,
    OruMessage,
    OruOrder,
    PatientIdentity,
    PatientResults,
    Person,
    PersonName,
    Specimen,
    read_instant,
)
from lienthong.results.outgoing import PatientNumbers

VERSION = "2.5.1"
REPORT_STATUS = {"preliminary": "P", "final": "F", "corrected": "C", "withdrawn": "X"}  # OBR-25, table 0123
ORDER_STATUS = {"preliminary": "IP", "final": "CM", "corrected": "CM", "withdrawn": "CA"}  # ORC-5, table 0038
_REPORT = Coded("11502-2", "Laboratory report", "LN")
_IDEOGRAPHS = "\u3400"
_LOCAL_KINDS = frozenset({"MR", "PI", "PT", "PN", "MRN", "U", ""})


def write_report(telling: Telling, settings: Hl7Settings, *, control_id: str, at: dt.datetime) -> bytes:
    """Write the message; raise UnicodeEncodeError where the receiver's character set lacks a letter."""
    results = PatientResults(patient=_patient(telling), orders=(_order(telling, settings),))
    header = _header(telling, settings, control_id=control_id, at=at)
    return hl7v2.write(hl7v2.make_oru(OruMessage(header, (results,))))


def _header(telling: Telling, settings: Hl7Settings, *, control_id: str, at: dt.datetime) -> Header:
    is_enhanced = settings.acknowledgment == ENHANCED
    written = telling.instant(at)
    return Header(
        sending_application=settings.sending_application,
        sending_facility=settings.sending_facility,
        receiving_application=settings.receiving_application,
        receiving_facility=settings.receiving_facility,
        message_at=written.text if written else "",
        message_code="ORU",
        trigger_event="R01",
        message_structure="ORU_R01",
        control_id=control_id,
        processing_id="P",
        version=VERSION,
        accept_acknowledgment="AL" if is_enhanced else "",
        application_acknowledgment="NE" if is_enhanced else "",
        charset=settings.charset,
        codec=hl7v2.find_codec(settings.charset) or "utf-8",
    )


def _patient(telling: Telling) -> PatientIdentity:
    """PID: the receiver's own number comes first; then national numbers, and the laboratory's number."""
    who = telling.report.patient
    return PatientIdentity(
        identifiers=tuple(dict.fromkeys(_identifiers(telling))),
        names=(_name(who.full_name),) if who.full_name else (),
        birth=read_instant(f"{who.birth_date:%Y%m%d}") if who.birth_date else None,
        sex=who.sex or "U",
    )


def _identifiers(telling: Telling) -> list[Identifier]:
    source = telling.report.source
    found = [] if telling.own is None else [_own_number(telling.own)]
    for kind, value in telling.theirs.all:
        if kind not in _LOCAL_KINDS:
            found.append(Identifier(value, type_code=kind) if len(kind) == 2 else Identifier(value, system=kind))
    return [*found, Identifier(telling.theirs.local_id, system=source, type_code="PI")]


def _own_number(own: PatientNumbers) -> Identifier:
    return Identifier(own.local_id, system=own.local_system, type_code="MR")


def _name(full: str) -> PersonName:
    """Part a name as it is told: family name first, given name last; ideographs are not parted."""
    words = full.split()
    if len(words) == 1 or full[0] >= _IDEOGRAPHS:
        return PersonName(family=full, kind="L")
    return PersonName(family=words[0], middle=" ".join(words[1:-1]), given=words[-1], kind="L")


def _order(telling: Telling, settings: Hl7Settings) -> OruOrder:
    report, order = telling.report, telling.order
    placer = EntityIdentifier(report.placer_number) if report.placer_number else None
    filler = EntityIdentifier(report.number, report.source)
    requester = report.requester or (order.now.requester if order else "")
    requesters = (Person(family=requester),) if requester else ()
    return OruOrder(
        service=_service(telling),
        placer=placer,
        filler=filler,
        requested_at=telling.instant(order.now.requested_at if order else None),
        observed_at=telling.instant(report.collected_at),
        requesters=requesters,
        reported_at=telling.instant(report.released_at),
        result_status=REPORT_STATUS[report.status],
        control=OrderControl("RE", placer, filler, status=ORDER_STATUS[report.status], requesters=requesters),
        observations=observations(telling, settings),
        specimens=_specimens(telling),
        comments=tuple(Comment(line, "L") for line in report.comment.split("\n") if line),
    )


def _service(telling: Telling) -> Coded:
    """OBR-4: what the receiver ordered in its own code, else what the laboratory called it."""
    now = telling.order.now if telling.order else None
    if now and (now.service_code or now.service):
        return Coded(now.service_code, now.service, now.service_system)
    return Coded(text=telling.report.service) if telling.report.service else _REPORT


def _specimens(telling: Telling) -> tuple[Specimen, ...]:
    report = telling.report
    if not report.specimen:
        return ()
    collected, received = telling.instant(report.collected_at), telling.instant(report.received_at)
    return (Specimen(type=Coded(text=report.specimen), collected_at=collected, received_at=received),)
