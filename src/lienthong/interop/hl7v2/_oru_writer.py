"""Compose a result message (ORU^R01) from the same values that reading one gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lienthong.interop.hl7v2._charset import find_codec
from lienthong.interop.hl7v2._composing import Composing
from lienthong.interop.hl7v2._datatypes import Comment
from lienthong.interop.hl7v2._header import Header
from lienthong.interop.hl7v2._message import Message, Segment
from lienthong.interop.hl7v2._observation import Observation
from lienthong.interop.hl7v2._order import OrderControl, OruOrder, Timing
from lienthong.interop.hl7v2._oru_types import OruMessage, PatientResults
from lienthong.interop.hl7v2._patient import PatientIdentity, Visit
from lienthong.interop.hl7v2._specimen import Container, Material, Specimen

Written = tuple[str, dict[int, str]]  # the name of a segment, and its fields by number


def make_oru(oru: OruMessage) -> Message:
    """Compose the message with the delimiters of its header; `read_oru` of it gives `oru` again.

    The header's codec must be the one that its MSH-18 names (UTF-8 where that is blank), and what holds subcomponents
    needs a delimiter for them; ValueError otherwise.
    """
    header = oru.header
    if find_codec(header.charset or "utf-8") != header.codec:
        raise ValueError(f"codec must be that of MSH-18, {header.charset or 'UNICODE UTF-8'}, but got {header.codec!r}")
    composer = _Composer(Composing(header.delimiters))
    written = [composer.msh(header)]
    for number, results in enumerate(oru.patients, start=1):
        written += composer.results(results, number)
    segments = (Segment(name, _in_order(fields), header.delimiters, header.codec) for name, fields in written)
    return Message(tuple(segments), header.delimiters, header.codec)


class _Composer:
    def __init__(self, composing: Composing) -> None:
        self.to, self.field = composing, composing.field

    def msh(self, header: Header) -> Written:
        delimiters, field = header.delimiters, self.field
        kind = (header.message_code, header.trigger_event, header.message_structure)
        return "MSH", {
            1: delimiters.field,
            2: delimiters.encoding_characters,
            3: header.sending_application,
            4: header.sending_facility,
            5: header.receiving_application,
            6: header.receiving_facility,
            7: header.message_at,
            9: self.to.components(map(field, kind)),
            10: field(header.control_id),
            11: field(header.processing_id),
            12: field(header.version),
            15: header.accept_acknowledgment,
            16: header.application_acknowledgment,
            18: header.charset,
        }

    def results(self, results: PatientResults, number: int) -> Iterator[Written]:
        yield "PID", {1: str(number), **self._pid(results.patient)}
        yield from self._notes(results.comments)
        for observation in results.observations:
            yield from self._obx(observation)
        if results.visit:
            yield "PV1", {1: "1", **self._pv1(results.visit)}
        for order_number, order in enumerate(results.orders, start=1):
            yield from self._order(order, order_number)

    def _order(self, order: OruOrder, number: int) -> Iterator[Written]:
        if order.control:
            yield "ORC", self._orc(order.control)
        yield "OBR", {1: str(number), **self._obr(order)}
        yield from self._notes(order.comments)
        for timing_number, timing in enumerate(order.timings, start=1):
            yield "TQ1", {1: str(timing_number), **self._tq1(timing)}
        for observation in order.observations:
            yield from self._obx(observation)
        for material in order.materials:
            yield "INV", self._inv(material)
        for specimen_number, specimen in enumerate(order.specimens, start=1):
            yield from self._specimen(specimen, specimen_number)

    def _specimen(self, specimen: Specimen, number: int) -> Iterator[Written]:
        yield "SPM", {1: str(number), **self._spm(specimen)}
        yield from self._notes(specimen.comments)
        for container in specimen.containers:
            yield "SAC", self._sac(container)
        for material in specimen.materials:
            yield "INV", self._inv(material)
        for observation in specimen.observations:
            yield from self._obx(observation)

    def _notes(self, comments: Iterable[Comment]) -> Iterator[Written]:
        for number, one in enumerate(comments, start=1):
            fields = {2: self.field(one.source), 3: self.field(one.text), 4: self.field(one.kind)}
            yield "NTE", {1: str(number), **fields}

    def _pid(self, one: PatientIdentity) -> dict[int, str]:
        field = self.field
        return {
            3: field(one.identifiers),
            4: field(one.alternate_identifiers),
            5: field(one.names),
            6: field(one.mothers_maiden_names),
            7: field(one.birth),
            8: field(one.sex),
            9: field(one.aliases),
            10: field(one.races),
            11: field(one.addresses),
            13: field(one.phones),
            14: field(one.business_phones),
            15: field(one.language),
            16: field(one.marital_status),
            17: field(one.religion),
            18: field(one.account),
            21: field(one.mothers_identifiers),
            22: field(one.ethnic_groups),
            23: field(one.birth_place),
            24: field(one.is_multiple_birth),
            25: field(one.birth_order),
            26: field(one.citizenships),
            28: field(one.nationality),
            29: field(one.died_at),
            30: field(one.death_indicator),
            31: field(one.identity_unknown_indicator),
            32: field(one.reliability),
            33: field(one.updated_at),
        }

    def _pv1(self, one: Visit) -> dict[int, str]:
        field = self.field
        return {
            2: field(one.patient_class),
            3: field(one.location),
            4: field(one.admission_type),
            6: field(one.prior_location),
            7: field(one.attending),
            8: field(one.referring),
            9: field(one.consulting),
            10: field(one.hospital_service),
            17: field(one.admitting),
            18: field(one.patient_type),
            19: field(one.number),
            36: field(one.discharge_disposition),
            44: field(one.admitted_at),
            45: field(one.discharged_at),
            50: field(one.alternate_number),
            51: field(one.visit_indicator),
        }

    def _orc(self, one: OrderControl) -> dict[int, str]:
        field = self.field
        return {
            1: field(one.control),
            2: field(one.placer),
            3: field(one.filler),
            4: field(one.placer_group),
            5: field(one.status),
            8: self.to.pair(one.parent_placer, one.parent_filler),
            9: field(one.transaction_at),
            10: field(one.entered_by),
            11: field(one.verified_by),
            12: field(one.requesters),
            13: field(one.location),
            14: field(one.callback),
            15: field(one.effective_at),
            16: field(one.reason),
            17: field(one.entering_organisation),
            21: field(one.facility),
            22: field(one.facility_address),
            23: field(one.facility_phones),
            25: field(one.status_modifier),
            29: field(one.kind),
        }

    def _obr(self, one: OruOrder) -> dict[int, str]:
        field = self.field
        interpreter = (one.principal_interpreter,) if one.principal_interpreter else ()
        return {
            2: field(one.placer),
            3: field(one.filler),
            4: field(one.service),
            5: field(one.priority),
            6: field(one.requested_at),
            7: field(one.observed_at),
            8: field(one.observed_until),
            10: field(one.collectors),
            11: field(one.action_code),
            12: field(one.danger),
            13: field(one.clinical_information),
            16: field(one.requesters),
            17: field(one.callback),
            18: field(one.placer_field_1),
            19: field(one.placer_field_2),
            20: field(one.filler_field_1),
            21: field(one.filler_field_2),
            22: field(one.reported_at),
            24: field(one.section),
            25: field(one.result_status),
            26: field(one.parent_result),
            28: field(one.result_copies),
            29: self.to.pair(one.parent_placer, one.parent_filler),
            31: field(one.reasons),
            32: self.to.named_persons(interpreter),
            33: self.to.named_persons(one.assistants),
            34: self.to.named_persons(one.technicians),
            36: field(one.scheduled_at),
            44: field(one.procedure),
        }

    def _tq1(self, one: Timing) -> dict[int, str]:
        field = self.field
        return {
            2: field(one.quantity),
            7: field(one.begin),
            8: field(one.end),
            9: field(one.priorities),
            10: field(one.condition),
            11: field(one.instruction),
        }

    def _obx(self, one: Observation) -> Iterator[Written]:
        field = self.field
        values = (self.to.value(one.value_type, value) for value in one.values)
        yield (
            "OBX",
            {
                1: field(one.set_id),
                2: field(one.value_type),
                3: field(one.code),
                4: field(one.sub_id),
                5: self.to.delimiters.repetition.join(values),
                6: field(one.unit),
                7: field(one.reference_range),
                8: field(one.interpretations),
                9: field(one.probability),
                10: field(one.nature),
                11: field(one.status),
                12: field(one.range_effective_at),
                13: field(one.access_checks),
                14: field(one.observed_at),
                15: field(one.producer_id),
                16: field(one.observers),
                17: field(one.method),
                18: field(one.instruments),
                19: field(one.analysed_at),
                20: field(one.sites),
                21: field(one.instance_id),
                22: field(one.mood),
                23: field(one.performing_organisation),
                24: field(one.performing_address),
                25: field(one.medical_director),
                26: field(one.release_category),
                27: field(one.root_cause),
                28: field(one.process_control),
                29: field(one.kind),
            },
        )
        yield from self._notes(one.comments)

    def _spm(self, one: Specimen) -> dict[int, str]:
        field, to = self.field, self.to
        collected = to.components((field(one.collected_at), field(one.collected_until)))
        return {
            2: to.pair(one.placer, one.filler),
            3: to.delimiters.repetition.join(to.pair(None, parent) for parent in one.parents),
            4: field(one.type),
            5: field(one.type_modifiers),
            6: field(one.additives),
            7: field(one.collection_method),
            8: field(one.source_site),
            9: field(one.site_modifiers),
            10: field(one.collection_site),
            11: field(one.roles),
            12: field(one.amount),
            13: field(one.grouped_count),
            14: field(one.descriptions),
            15: field(one.handling),
            16: field(one.risks),
            17: collected,
            18: field(one.received_at),
            19: field(one.expires_at),
            20: field(one.is_available),
            21: field(one.reject_reasons),
            22: field(one.quality),
            23: field(one.appropriateness),
            24: field(one.conditions),
            25: field(one.current_quantity),
            26: field(one.container_count),
            27: field(one.container_type),
            28: field(one.container_condition),
            29: field(one.child_role),
            30: field(one.accessions),
        }

    def _sac(self, one: Container) -> dict[int, str]:
        field = self.field
        return {
            1: field(one.external_accession),
            2: field(one.accession),
            3: field(one.identifier),
            4: field(one.primary),
            5: field(one.equipment),
            7: field(one.registered_at),
            8: field(one.status),
            9: field(one.carrier_type),
            10: field(one.carrier),
            11: field(one.position),
            27: field(one.additives),
        }

    def _inv(self, one: Material) -> dict[int, str]:
        field = self.field
        return {
            1: field(one.identifier),
            2: field(one.statuses),
            3: field(one.kind),
            4: field(one.container),
            5: field(one.carrier),
            6: field(one.position),
            7: field(one.initial_quantity),
            8: field(one.current_quantity),
            9: field(one.available_quantity),
            10: field(one.consumption_quantity),
            11: field(one.unit),
            12: field(one.expires_at),
            13: field(one.first_used_at),
            14: field(one.on_board),
            15: field(one.used_for),
            16: field(one.lot),
            17: field(one.manufacturer),
            18: field(one.supplier),
        }


def _in_order(valued: dict[int, str]) -> tuple[str, ...]:
    """Return the fields by number, as far as they are valued."""
    last = max((number for number, text in valued.items() if text), default=0)
    return tuple(valued.get(number, "") for number in range(1, last + 1))
