"""Compose a result message (ORU^R01) from the same dataclasses that reading one gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lienthong.interop.hl7v2._charset import find_codec
from lienthong.interop.hl7v2._delimiters import STANDARD, Delimiters, escape, transcode
from lienthong.interop.hl7v2._header import Header
from lienthong.interop.hl7v2._instant import Instant
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
    Specimen,
)


def make_oru(oru: OruMessage) -> Message:
    """Compose the message with the delimiters of its header; `read_oru` of it gives `oru` again.

    The header's codec must be the one that its MSH-18 names (UTF-8 where that is blank); ValueError otherwise.
    """
    header = oru.header
    if find_codec(header.charset or "utf-8") != header.codec:
        raise ValueError(f"codec must be that of MSH-18, {header.charset or 'UNICODE UTF-8'}, but got {header.codec!r}")
    composer = _Composer(header.delimiters)
    named_fields = [composer.msh(header), *composer.body(oru)]
    segments = (Segment(name, _trimmed(fields), header.delimiters, header.codec) for name, fields in named_fields)
    return Message(tuple(segments), header.delimiters, header.codec)


@dataclass(frozen=True, slots=True)
class _Composer:
    delimiters: Delimiters

    def msh(self, header: Header) -> tuple[str, list[str]]:
        kind = (header.message_code, header.trigger_event, header.message_structure)
        return "MSH", [
            self.delimiters.field,
            self.delimiters.encoding_characters,
            header.sending_application,
            header.sending_facility,
            header.receiving_application,
            header.receiving_facility,
            header.message_at,
            "",
            self._join(kind),
            self._text(header.control_id),
            self._text(header.processing_id),
            self._text(header.version),
            "",
            "",
            header.accept_acknowledgment,
            header.application_acknowledgment,
            "",
            header.charset,
        ]

    def body(self, oru: OruMessage) -> Iterator[tuple[str, list[str]]]:
        for number, results in enumerate(oru.patients, start=1):
            yield "PID", self._pid(results.patient, number)
            for order_number, order in enumerate(results.orders, start=1):
                yield from self._order(order, order_number)

    def _order(self, order: OruOrder, number: int) -> Iterator[tuple[str, list[str]]]:
        yield "ORC", ["RE", self._text(order.placer_order_number), self._text(order.filler_order_number)]
        yield "OBR", self._obr(order, number)
        yield from self._notes(order.notes)
        for observation in order.observations:
            yield "OBX", self._obx(observation)
            yield from self._notes(observation.notes)
        for specimen_number, specimen in enumerate(order.specimens, start=1):
            yield "SPM", self._spm(specimen, specimen_number)
        for observation in order.specimen_observations:
            yield "OBX", self._obx(observation)
            yield from self._notes(observation.notes)

    def _pid(self, patient: PatientIdentity, number: int) -> list[str]:
        name = (patient.family_name, patient.given_name, patient.middle_name)
        return _fields(
            {
                1: str(number),
                3: self._repeat(self._cx(one) for one in patient.identifiers),
                5: self._join((*name, "", "", "", "L")) if any(name) else "",
                7: f"{patient.birth_date:%Y%m%d}".zfill(8) if patient.birth_date else "",
                8: patient.sex or "",
            }
        )

    def _obr(self, order: OruOrder, number: int) -> list[str]:
        return _fields(
            {
                1: str(number),
                2: self._text(order.placer_order_number),
                3: self._text(order.filler_order_number),
                4: self._coded(order.service),
                6: _time(order.requested_at),
                7: _time(order.observed_at),
                16: self._join(("", order.requester)) if order.requester else "",
                22: _time(order.reported_at),
                25: self._text(order.result_status),
            }
        )

    def _obx(self, observation: Observation) -> list[str]:
        return _fields(
            {
                1: self._text(observation.set_id),
                2: self._text(observation.value_type),
                3: self._coded(observation.code),
                4: self._text(observation.sub_id),
                5: self._repeat(self._value(observation.value_type, one) for one in observation.values),
                6: self._coded(observation.unit),
                7: self._text(observation.reference_range),
                8: self._repeat(self._text(one) for one in observation.flags),
                11: self._text(observation.status),
                14: _time(observation.observed_at),
                17: self._coded(observation.method),
                18: self._repeat(self._text(one) for one in observation.equipment),
                19: _time(observation.analysed_at),
                23: self._organisation(observation.producer),
            }
        )

    def _spm(self, specimen: Specimen, number: int) -> list[str]:
        return _fields(
            {
                1: str(number),
                2: self._join(("", specimen.identifier)),
                4: self._coded(specimen.type),
                11: self._text(specimen.role),
                17: _time(specimen.collected_at),
                18: _time(specimen.received_at),
            }
        )

    def _notes(self, notes: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
        for number, note in enumerate(notes, start=1):
            yield "NTE", [str(number), "", self._text(note)]

    def _cx(self, identifier: Identifier) -> str:
        return self._join((identifier.value, "", "", identifier.system, identifier.type_code))

    def _coded(self, coded: Coded | None) -> str:
        if coded is None:
            return ""
        return self._join((coded.code, coded.text, coded.system, coded.alt_code, coded.alt_text, coded.alt_system))

    def _organisation(self, producer: Organisation | None) -> str:
        return self._join((producer.name, *[""] * 8, producer.code)) if producer else ""

    def _value(self, value_type: str, value: str) -> str:
        if value_type in COMPOSITE_TYPES:
            return transcode(value, source=STANDARD, target=self.delimiters)
        return self._text(value)

    def _text(self, text: str) -> str:
        return escape(text, self.delimiters)

    def _join(self, parts: Iterable[str]) -> str:
        component = self.delimiters.component
        return component.join(self._text(part) for part in parts).rstrip(component)

    def _repeat(self, repetitions: Iterable[str]) -> str:
        return self.delimiters.repetition.join(repetitions)


def _fields(valued: dict[int, str]) -> list[str]:
    return [valued.get(number, "") for number in range(1, max(valued) + 1)]


def _time(instant: Instant | None) -> str:
    return instant.text if instant else ""


def _trimmed(fields: list[str]) -> tuple[str, ...]:
    while fields and not fields[-1]:
        fields = fields[:-1]
    return tuple(fields)
