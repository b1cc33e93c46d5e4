"""Read a result message (ORU^R01): patients, orders, observations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from lienthong.findings import Finding
from lienthong.interop.hl7v2._delimiters import STANDARD, transcode
from lienthong.interop.hl7v2._header import header_of
from lienthong.interop.hl7v2._instant import Instant, read_instant
from lienthong.interop.hl7v2._message import Message, Segment
from lienthong.interop.hl7v2._oru_types import (
    COMPOSITE_TYPES,
    Coded,
    Identifier,
    Observation,
    Organisation,
    OruMessage,
    OruOrder,
    PatientIdentity,
    PatientResults,
    Specimen,
    coded_from,
)
from lienthong.interop.hl7v2._reading import is_placeholder

# Findings that only say how something was read: the message can be used.
NOTES = frozenset({"status-assumed", "no-value", "several-values", "sex", "segment-ignored"})

STATUSES = frozenset("CDFIOPRSUWXBNAV")  # HL7 table 0085
_NULL = '""'
_SEXES = {
    **{code: code for code in "FMOUAN"},
    **dict.fromkeys(("FEMALE", "NỮ", "NU", "女"), "F"),
    **dict.fromkeys(("MALE", "NAM", "男"), "M"),
    **dict.fromkeys(("UNKNOWN", "未知"), "U"),
}


def read_oru(message: Message) -> tuple[OruMessage | None, tuple[Finding, ...]]:
    """Read a result message; None where the message is of another type.

    Findings whose code is in `NOTES` tell how something was read; any other is a fault that a person should look at.
    """
    header = header_of(message)
    is_oru = header.message_code == "ORU" and header.trigger_event in ("R01", "")
    if not (is_oru or header.message_structure == "ORU_R01"):
        return None, (Finding("MSH-9", "message-type", "MSH-9 must be ORU^R01 to be read as results."),)
    reader = _Reader()
    for segment in message.segments[1:]:
        reader.take(segment)
    return OruMessage(header=header, patients=reader.finish()), tuple(reader.findings)


@dataclass(slots=True)
class _OpenOrder:
    order: OruOrder
    observations: list[Observation] = field(default_factory=list)
    specimen_observations: list[Observation] = field(default_factory=list)
    specimens: list[Specimen] = field(default_factory=list)
    is_after_specimen: bool = False

    def close(self) -> OruOrder:
        return replace(
            self.order,
            observations=tuple(self.observations),
            specimen_observations=tuple(self.specimen_observations),
            specimens=tuple(self.specimens) or self.order.specimens,
        )


@dataclass(slots=True)
class _Reader:
    findings: list[Finding] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)
    _done: list[PatientResults] = field(default_factory=list)
    _patient: PatientIdentity | None = None
    _orders: list[_OpenOrder] = field(default_factory=list)
    _common: Segment | None = None  # ORC before its OBR

    def take(self, segment: Segment) -> None:
        self._counts[segment.name] = self._counts.get(segment.name, 0) + 1
        count = self._counts[segment.name]
        where = f"{segment.name}({count})" if count > 1 or segment.name in ("OBX", "OBR", "SPM") else segment.name
        source = _Source(segment, where, self.findings)
        step = {"PID": self._pid, "ORC": self._orc, "OBR": self._obr, "OBX": self._obx, "SPM": self._spm}
        if segment.name in step:
            step[segment.name](source)
        elif segment.name == "NTE":
            self._nte(source)

    def finish(self) -> tuple[PatientResults, ...]:
        self._close_patient()
        if not self._counts.get("PID"):
            self.findings.append(Finding("PID", "segment-missing", "A result message must hold PID."))
        if not self._counts.get("OBR"):
            self.findings.append(Finding("OBR", "segment-missing", "A result message must hold OBR."))
        return tuple(self._done)

    def _close_patient(self) -> None:
        orders = tuple(one.close() for one in self._orders)
        if self._patient or orders:
            self._done.append(PatientResults(patient=self._patient or PatientIdentity(), orders=orders))
        self._patient, self._orders, self._common = None, [], None

    def _pid(self, source: _Source) -> None:
        self._close_patient()
        self._patient = _read_patient(source)

    def _orc(self, source: _Source) -> None:
        self._common = source.segment

    def _obr(self, source: _Source) -> None:
        self._orders.append(_OpenOrder(_read_order(source, self._common)))
        self._common = None

    def _obx(self, source: _Source) -> None:
        if not self._orders:
            self.findings.append(Finding(source.where, "segment-order", "OBX comes before any OBR and was not read."))
            return
        order, observation = self._orders[-1], _read_observation(source)
        (order.specimen_observations if order.is_after_specimen else order.observations).append(observation)

    def _spm(self, source: _Source) -> None:
        if not self._orders:
            self.findings.append(Finding(source.where, "segment-order", "SPM comes before any OBR and was not read."))
            return
        order = self._orders[-1]
        order.specimens.append(_read_specimen(source))
        order.is_after_specimen = bool(order.observations)  # some send SPM between OBR and its OBX

    def _nte(self, source: _Source) -> None:
        notes = tuple(source.segment.text(one) for one in source.segment.repetitions(3))
        if not self._orders or not any(notes):
            return
        order = self._orders[-1]
        group = order.specimen_observations or order.observations
        if group:
            group[-1] = replace(group[-1], notes=(*group[-1].notes, *notes))
        elif not order.specimens:
            order.order = replace(order.order, notes=(*order.order.notes, *notes))


@dataclass(slots=True)
class _Source:
    """A segment being read, its place, and where its findings go. HL7's null (`""`) is read as blank."""

    segment: Segment
    where: str
    findings: list[Finding]

    def value(self, number: int, component: int = 1, *, repetition: int = 1, subcomponent: int = 1) -> str:
        text = self.segment.value(number, component, repetition=repetition, subcomponent=subcomponent).strip()
        return "" if text == _NULL else text

    def whole(self, number: int) -> str:
        """The first repetition as one text, whatever delimiters a careless sender left in it."""
        text = self.segment.text(next(iter(self.segment.repetitions(number)), "")).strip()
        return "" if text == _NULL else text

    def coded(self, number: int) -> Coded | None:
        if not self.segment.sent(number):
            return None
        parts = ["" if part == _NULL else part for part in self.segment.components(number)]
        coded = coded_from(parts)
        return coded if coded != Coded() else None

    def instant(self, number: int, component: int = 1) -> Instant | None:
        text = self.value(number, component)
        instant = read_instant(text) if text else None
        if text and instant is None:
            place = f"{self.where}-{number}"
            self.report(f"{place}", "date", f"{place} is not a time; write YYYYMMDDHHMMSS with the offset as +0700.")
        return instant

    def report(self, where: str, code: str, message: str) -> None:
        self.findings.append(Finding(where, code, message))


def _read_patient(source: _Source) -> PatientIdentity:
    family, given, middle = _name(source)
    return PatientIdentity(
        identifiers=_identifiers(source),
        family_name=family,
        given_name=given,
        middle_name=middle,
        birth_date=_birth_date(source),
        sex=_sex(source),
    )


def _identifiers(source: _Source) -> tuple[Identifier, ...]:
    """PID-3; the fields that older versions used beside it (PID-2, PID-4) where it is blank; PID-19."""
    numbers = next((number for number in (3, 2, 4) if any(_cx(source, number))), 3)
    found = [identifier for identifier in _cx(source, numbers) if identifier]
    national = source.value(19)
    if national and all(identifier.value != national for identifier in found):
        found.append(Identifier(value=national, type_code="SS"))
    return tuple(found)


def _cx(source: _Source, number: int) -> Iterable[Identifier | None]:
    for repetition in range(1, len(source.segment.repetitions(number)) + 1):
        value = source.value(number, 1, repetition=repetition)
        namespace = source.value(number, 4, repetition=repetition)
        universal = source.value(number, 4, repetition=repetition, subcomponent=2)
        type_code = source.value(number, 5, repetition=repetition)
        yield Identifier(value=value, system=universal or namespace, type_code=type_code) if value else None


def _name(source: _Source) -> tuple[str, str, str]:
    """The legal name (XPN-7 `L`) of PID-5, else its first repetition that is valued."""
    repetitions = [
        number
        for number in range(1, len(source.segment.repetitions(5)) + 1)
        if source.value(5, 1, repetition=number) or source.value(5, 2, repetition=number)
    ]
    if not repetitions:
        return "", "", ""
    legal = [number for number in repetitions if source.value(5, 7, repetition=number) == "L"]
    chosen = (legal or repetitions)[0]
    family, given, middle = (source.value(5, component, repetition=chosen) for component in (1, 2, 3))
    return family, given, middle


def _birth_date(source: _Source) -> date | None:
    text = source.value(7)
    instant = read_instant(text) if text else None
    if instant and instant.value:
        return instant.value.date()
    if text:
        place = f"{source.where}-7"
        source.report(place, "date", f"{place} is not a full date; write it as YYYYMMDD.")
    return None


def _sex(source: _Source) -> str | None:
    text = source.value(8)
    if text and text.upper() not in _SEXES:
        place = f"{source.where}-8"
        source.report(place, "sex", f"{place} is not of HL7 table 0001 (F, M, O, U, A, N) and was not read.")
    return _SEXES.get(text.upper())


def _read_order(source: _Source, common: Segment | None) -> OruOrder:
    orc = _Source(common, "ORC", source.findings) if common else source
    service = source.coded(4)
    if service is None:
        source.report(f"{source.where}-4", "required", f"{source.where}-4 must name the service, but is blank.")
    return OruOrder(
        service=service or Coded(),
        placer_order_number=source.value(2) or orc.value(2),
        filler_order_number=source.value(3) or orc.value(3),
        requester=_person(source, 16),
        specimens=_old_specimens(source),
        requested_at=source.instant(6),
        observed_at=source.instant(7),
        reported_at=source.instant(22),
        result_status=source.value(25),
        position=source.where,
    )


def _person(source: _Source, position: int) -> str:
    """Return the name of an XCN, family before given, else its number."""
    name = " ".join(part for part in (source.value(position, 2), source.value(position, 3)) if part)
    return name or source.value(position, 1)


def _old_specimens(source: _Source) -> tuple[Specimen, ...]:
    """OBR-15 and OBR-14, which SPM replaced with version 2.5."""
    parts = source.segment.subcomponents(15, 1)
    specimen_type = coded_from(list(parts)) if any(parts) else None
    received_at = source.instant(14)
    return (Specimen(type=specimen_type, received_at=received_at),) if specimen_type or received_at else ()


def _read_specimen(source: _Source) -> Specimen:
    return Specimen(
        identifier=source.value(2, 2) or source.value(2, 1),
        type=source.coded(4),
        role=source.value(11),
        collected_at=source.instant(17),
        received_at=source.instant(18),
    )


def _read_observation(source: _Source) -> Observation:
    segment = source.segment
    code = source.coded(3)
    if code is None:
        source.report(f"{source.where}-3", "required", f"{source.where}-3 must name what was observed, but is blank.")
    observation = Observation(
        code=code or Coded(),
        set_id=source.value(1),
        value_type=source.value(2),
        sub_id=source.whole(4),
        values=_values(source),
        unit=source.coded(6),
        reference_range=source.whole(7),
        flags=tuple(flag for flag in (segment.text(one).split("^")[0] for one in segment.repetitions(8)) if flag),
        status=_status(source),
        observed_at=source.instant(14),
        analysed_at=source.instant(19),
        producer=_producer(source),
        method=source.coded(17),
        equipment=_equipment(source),
        position=source.where,
    )
    _check_value(observation, source)
    return observation


def _equipment(source: _Source) -> tuple[str, ...]:
    found = (source.value(18, repetition=number + 1) for number in range(len(source.segment.repetitions(18))))
    return tuple(one for one in found if one)


def _values(source: _Source) -> tuple[str, ...]:
    segment = source.segment
    repetitions = [one for one in segment.repetitions(5) if one and one != _NULL]
    if source.value(2) not in COMPOSITE_TYPES:
        return tuple(text for text in (segment.text(one) for one in repetitions) if text.strip())
    own = segment.delimiters
    return tuple(transcode(one, source=own, target=STANDARD) for one in repetitions if one.strip(own.component))


def _status(source: _Source) -> str:
    status = source.value(11).upper()
    place = f"{source.where}-11"
    if not status:
        source.report(place, "status-assumed", f"{place} is blank; the result was taken as final.")
        return "F"
    if status not in STATUSES:
        source.report(place, "status", f"{place} is not of HL7 table 0085 (F, C, P, W, X …).")
    return status


def _producer(source: _Source) -> Organisation | None:
    name, code = source.value(23), source.value(23, 10) or source.value(23, 3)
    if not (name or code):
        code, name = source.value(15), source.value(15, 2)
    return Organisation(code=code, name=name) if name or code else None


def _check_value(observation: Observation, source: _Source) -> None:
    place = f"{source.where}-5"
    if observation.value_type not in ("NM", "SN") or not observation.values:
        return
    if len(observation.values) > 1:
        source.report(place, "several-values", f"{place} holds several values; none was taken as the number.")
    elif all(is_placeholder(value) for value in observation.values):
        source.report(place, "no-value", f"{place} holds a placeholder; the result has no value.")
    elif observation.reading.is_empty:
        source.report(place, "number", f"{place} is not a number with a decimal point; it was kept as text.")
