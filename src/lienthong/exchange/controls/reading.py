"""From orders of control specimens to control values: material to lot and level, code to measuring system, unit, time.

Nothing is written here. What can't be told waits, each for its own reason; what is no result of a control is left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from lienthong.exchange.controls.book import ControlBook
from lienthong.exchange.processing.measured import has_no_value, reported_unit, unit_text
from lienthong.exchange.senders import SourceFacts
from lienthong.exchange.terms.codebook import CodeBook, Meaning, local_code_of, loincs_of
from lienthong.findings import Finding
from lienthong.interop import hl7v2, ucum
from lienthong.interop.hl7v2 import ControlMaterial, Observation, OruOrder
from lienthong.iqc.actions import GivenControl
from lienthong.results.actions import HeldDraft, Waiting

# HL7 table 0369, what else than a control no patient gave: calibrators and items of proficiency testing are no IQC.
NOT_IQC = frozenset({"B", "C", "F", "O", "V"})
NO_RESULT = frozenset("INO")
WITHDRAWN = frozenset("DWX")
PRELIMINARY = frozenset("PRS")


@dataclass(frozen=True, slots=True)
class UnknownMaterial:
    """A control of which it is not known which lot and level it is; `position` names its order."""

    position: str
    told: ControlMaterial
    asked_on: dt.date


@dataclass(slots=True)
class ControlsRead:
    """What the controls of a message give.

    `given` can be recorded; `unknown` wait for a mapping of the material, `held` for one of a code or its unit;
    `refused` need a person, and what is told beside is in `findings`.
    """

    source: str
    given: list[GivenControl] = field(default_factory=list)
    unknown: list[UnknownMaterial] = field(default_factory=list)
    held: list[HeldDraft] = field(default_factory=list)
    refused: list[Finding] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_controls(
    waiting: Waiting, orders: Sequence[OruOrder], source: SourceFacts, book: CodeBook, controls: ControlBook
) -> ControlsRead:
    """Read the orders of control specimens of a claimed message."""
    reader = _Reader(ControlsRead(source.code), source, book, controls, waiting.received_at)
    materials = _materials(waiting.raw, orders, source)
    for order in orders:
        reader.take(order, materials.get(order.position, ControlMaterial()))
    return reader.read


def _materials(raw: bytes, orders: Sequence[OruOrder], source: SourceFacts) -> dict[str, ControlMaterial]:
    """Return what is told of each order's material, by position; analysers that speak ASTM number their controls."""
    if source.protocol == "astm":
        return {
            one.position: ControlMaterial(material=one.filler_order_number[:100], name=_descriptor(one))
            for one in orders
        }
    message, _ = hl7v2.parse(raw, default_charset=source.default_charset)
    return hl7v2.control_materials(message) if message else {}


def _descriptor(order: OruOrder) -> str:
    return order.specimen.type.display if order.specimen and order.specimen.type else ""


@dataclass(slots=True)
class _Reader:
    read: ControlsRead
    source: SourceFacts
    book: CodeBook
    controls: ControlBook
    received_at: dt.datetime

    def take(self, order: OruOrder, told: ControlMaterial) -> None:
        roles = {specimen.role for specimen in order.specimens} & NOT_IQC
        if roles:
            place = f"{order.position}: the specimen is a calibrator or an item of proficiency testing, not a control."
            self.read.findings.append(Finding(order.position, "not-a-control", place))
            return
        for one in order.observations:
            if self._is_value(one):
                self._take_value(order, one, told)

    def _is_value(self, one: Observation) -> bool:
        """Whether an observation is a measured value; what describes the run, or supplements a value, is not."""
        if one.status in NO_RESULT or _is_supplement(one):
            return False
        if has_no_value(one):
            if self._is_known(one) or one.value_type == "NM":
                self._tell(one, 5, "no-value", "holds no value; the control counts as not measured.")
            return False
        if one.number is None or one.comparator:
            if one.comparator or self._is_known(one):
                self._tell(one, 5, "control-not-number", "is not a number; the control counts as not measured.")
            return False
        if one.status in PRELIMINARY:
            self._tell(one, 11, "control-preliminary", "says that the value is not final; its final one is recorded.")
            return False
        return True

    def _take_value(self, order: OruOrder, one: Observation, told: ControlMaterial) -> None:
        measured_at = self._measured_at(order, one)
        if measured_at is None or one.status in WITHDRAWN:
            self._refuse(one, is_withdrawn=measured_at is not None)
            return
        on = self._on(measured_at)
        meaning = self.book.meaning(self.source.code, one.code, on=on)
        if meaning is None:
            self._hold(one, on, "code-unknown", "is no mapped code of this sender; map it, then it is replayed.")
            return
        procedure = self.book.procedure(self.source, meaning, equipment=one.equipment, on=on)
        if procedure is None:
            wanted = "does not tell which measuring system; name the system in the mapping of the code."
            self._hold(one, on, "system-unknown", wanted)
            return
        lot_id = self.controls.control_lot(self.source.code, told, on=on)
        if lot_id is None:
            self._wait_for_material(order, told, on)
            return
        self._give(one, meaning, procedure_id=procedure.id, lot_id=lot_id, measured_at=measured_at)

    def _give(
        self, one: Observation, meaning: Meaning, *, procedure_id: int, lot_id: int, measured_at: dt.datetime
    ) -> None:
        try:
            unit = reported_unit(one, meaning.analyte)
        except ucum.UnitError:
            told = "is no unit that is known; correct it at the sender or map it, then replay."
            self._hold(one, self._on(measured_at), "unit", told, number=6)
            return
        assert one.number is not None  # noqa: S101 — only numbers are taken
        self.read.given.append(
            GivenControl(
                where=f"{one.position}-5",
                procedure_id=procedure_id,
                control_lot_id=lot_id,
                value=one.number,
                unit=unit,
                measured_at=measured_at,
            )
        )

    def _refuse(self, one: Observation, *, is_withdrawn: bool) -> None:
        if is_withdrawn:
            told = "withdraws a control value; a point is never deleted: exclude it on the page of its system."
            self.read.refused.append(Finding(f"{one.position}-11", "control-withdrawn", f"{one.position}-11 {told}"))
        else:
            told = "must hold the time of measurement, with the hour; without it a run has no place in its series."
            self.read.refused.append(Finding(f"{one.position}-19", "control-time", f"{one.position}-19 {told}"))

    def _wait_for_material(self, order: OruOrder, told: ControlMaterial, on: dt.date) -> None:
        if any(one.position == order.position for one in self.read.unknown):
            return
        self.read.unknown.append(UnknownMaterial(order.position, told, on))
        words = "names a control material whose lot and level are not known; map it, then it is replayed."
        self.read.findings.append(Finding(order.position, "control-unknown", f"{order.position} {words}"))

    def _hold(self, one: Observation, on: dt.date, reason: str, told: str, *, number: int = 3) -> None:
        system, code = local_code_of(one.code)
        place = f"{one.position}-{number}"
        self.read.findings.append(Finding(place, reason, f"{place} {told}"))
        self.read.held.append(
            HeldDraft(
                position=f"{one.position}-3",
                local_code=code,
                local_system=system,
                local_name=one.code.display,
                loinc=next(iter(loincs_of(one.code)), ""),
                unit=unit_text(one),
                number=one.number,
                asked_on=on,
                reason=reason,
            )
        )

    def _measured_at(self, order: OruOrder, one: Observation) -> dt.datetime | None:
        """Return when the control was measured: OBX-19, OBX-14 or OBR-7, whichever first tells the hour.

        Some analysers tell the time of a control as that of its order (OBR-6); it is taken where there is no other.
        """
        told = (one.analysed_at, one.observed_at, order.observed_at)
        found = next((instant for instant in told if instant and instant.has_time), None)
        if found is None and order.requested_at and order.requested_at.has_time:
            found = order.requested_at
            words = "tells no time of measurement; that of the order is taken."
            self.read.findings.append(Finding(one.position, "time-assumed", f"{one.position} {words}"))
        return found.at(self.source.zone) if found else None

    def _on(self, instant: dt.datetime) -> dt.date:
        return instant.astimezone(self.source.zone).date()

    def _is_known(self, one: Observation) -> bool:
        return self.book.meaning(self.source.code, one.code, on=self._on(self.received_at)) is not None

    def _tell(self, one: Observation, number: int, code: str, told: str) -> None:
        place = f"{one.position}-{number}"
        self.read.findings.append(Finding(place, code, f"{place} {told}"))


def _is_supplement(one: Observation) -> bool:
    """IHE LAW marks what an analyser adds to a value (raw counts, pipetting time) by S_ codes of its own."""
    return one.code.alt_system == "IHELAW" and one.code.alt_code.startswith("S_")
