"""What a result message (ORU^R01) holds, as dataclasses in HL7's words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lienthong.interop.hl7v2._delimiters import unescape
from lienthong.interop.hl7v2._header import Header
from lienthong.interop.hl7v2._instant import Instant
from lienthong.interop.hl7v2._reading import Outcome, Reading, read_value

COMPOSITE_TYPES = frozenset(
    {"CE", "CWE", "CNE", "CF", "SN", "NR", "ED", "RP", "EI", "HD", "CX", "XPN", "XAD", "XTN", "XCN", "XON", "PPN", "CP"}
    | {"CQ", "DR", "MA", "MO", "NA", "VR", "MF", "PL", "DLN", "JCC", "FC", "RI", "TQ", "SPS"}
)
# HL7 table 0369: material that is not one patient's, whatever PID says.
NON_PATIENT_ROLES = frozenset({"B", "C", "E", "F", "O", "Q", "V"})


@dataclass(frozen=True, slots=True)
class Coded:
    """A coded element (CE, CWE): the code, its text and system, and the alternate the sender gave."""

    code: str = ""
    text: str = ""
    system: str = ""
    alt_code: str = ""
    alt_text: str = ""
    alt_system: str = ""

    @property
    def codes(self) -> tuple[tuple[str, str], ...]:
        """Each (system, code) that is valued, the sender's first choice first."""
        pairs = ((self.system, self.code), (self.alt_system, self.alt_code))
        return tuple(pair for pair in pairs if pair[1])

    @property
    def display(self) -> str:
        return self.text or self.alt_text or self.code or self.alt_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """A patient identifier (CX): `system` is the assigning authority, `type_code` HL7 table 0203 (MR, NI …)."""

    value: str
    system: str = ""
    type_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientIdentity:
    """Who PID says the patient is. `sex` is HL7 table 0001 (F, M, O, U, A, N) or None."""

    identifiers: tuple[Identifier, ...] = ()
    family_name: str = ""
    given_name: str = ""
    middle_name: str = ""
    birth_date: date | None = None
    sex: str | None = None

    @property
    def full_name(self) -> str:
        """Family, middle and given name, as Vietnamese and Chinese names run; ideographs without blanks between."""
        parts = [part for part in (self.family_name, self.middle_name, self.given_name) if part]
        return ("" if parts and all(part[0] >= "\u3400" for part in parts) else " ").join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """The producer of a result: OBX-23, or OBX-15 where that is blank."""

    code: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """SPM, or before version 2.5 OBR-15 and OBR-14."""

    identifier: str = ""
    type: Coded | None = None
    role: str = ""
    collected_at: Instant | None = None
    received_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """OBX. `values` are the repetitions of OBX-5: simple types as text, composite types (CWE, SN …) as sent, in the
    notation of `^~\\&`. `position` names the segment, as in `OBX(3)`.
    """

    code: Coded
    set_id: str = ""
    value_type: str = ""
    sub_id: str = ""
    values: tuple[str, ...] = ()
    unit: Coded | None = None
    reference_range: str = ""
    flags: tuple[str, ...] = ()
    status: str = "F"
    observed_at: Instant | None = None
    analysed_at: Instant | None = None
    producer: Organisation | None = None
    method: Coded | None = None
    equipment: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    position: str = field(default="", compare=False)

    @property
    def reading(self) -> Reading:
        """What the value says: comparator, number, titre, interval, outcome."""
        return read_value(self.value_type, self.values)

    @property
    def comparator(self) -> str:
        return self.reading.comparator

    @property
    def number(self) -> Decimal | None:
        return self.reading.number

    @property
    def outcome(self) -> Outcome | None:
        return self.reading.outcome

    @property
    def coded(self) -> tuple[Coded, ...]:
        """The values of a coded type; none for other types."""
        if self.value_type not in ("CE", "CWE", "CNE", "CF"):
            return ()
        return tuple(coded_from([unescape(part) for part in value.split("^")]) for value in self.values)

    @property
    def text(self) -> str:
        """The value as a person reads it."""
        if self.coded:
            return "; ".join(one.display for one in self.coded)
        if self.value_type in ("SN", "NR"):
            separator = "–" if self.value_type == "NR" else ""
            return "; ".join(value.replace("^", separator) for value in self.values)
        return "\n".join(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class OruOrder:
    """OBR with its ORC, specimens and observations. `specimen_observations` are OBX that describe the specimen."""

    service: Coded
    placer_order_number: str = ""
    filler_order_number: str = ""
    requester: str = ""
    specimens: tuple[Specimen, ...] = ()
    requested_at: Instant | None = None
    observed_at: Instant | None = None
    reported_at: Instant | None = None
    result_status: str = ""
    observations: tuple[Observation, ...] = ()
    specimen_observations: tuple[Observation, ...] = ()
    notes: tuple[str, ...] = ()
    position: str = field(default="", compare=False)

    @property
    def specimen(self) -> Specimen | None:
        """The first specimen."""
        return next(iter(self.specimens), None)

    @property
    def collected_at(self) -> Instant | None:
        """When the specimen was collected: SPM-17, or OBR-7, which HL7 defines as that time for a specimen."""
        collected = (specimen.collected_at for specimen in self.specimens)
        return next((instant for instant in collected if instant), self.observed_at)

    @property
    def producer(self) -> Organisation | None:
        """The first producer that an observation names."""
        return next((one.producer for one in self.observations if one.producer), None)

    @property
    def is_quality_control(self) -> bool:
        """Whether the material is a control, a calibrator or a proficiency testing item, not a patient's."""
        if any(specimen.role in NON_PATIENT_ROLES for specimen in self.specimens):
            return True
        words = [word for text in (self.service.text, self.service.alt_text) for word in text.upper().split()]
        return any(word in ("LJ", "QC", "QCR") for word in words)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientResults:
    """One patient of a message and the orders for him or her."""

    patient: PatientIdentity
    orders: tuple[OruOrder, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OruMessage:
    """A result message."""

    header: Header
    patients: tuple[PatientResults, ...] = ()

    @property
    def is_quality_control(self) -> bool:
        """Whether MSH-11 or any order says that this is a control; such a message must not reach a patient's record."""
        return self.header.processing_id == "Q" or any(order.is_quality_control for order in self.orders)

    @property
    def orders(self) -> tuple[OruOrder, ...]:
        return tuple(order for patient in self.patients for order in patient.orders)


def coded_from(parts: list[str]) -> Coded:
    """Make a coded element of its components; the original text (CWE-9) stands in where no text is given."""
    texts = [part.strip() for part in (*parts, *[""] * (9 - len(parts)))]
    return Coded(texts[0], texts[1] or ("" if texts[4] else texts[8]), *texts[2:6])
