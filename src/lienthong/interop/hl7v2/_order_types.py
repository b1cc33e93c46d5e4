"""What an order message (ORM^O01, OML^O21, O33, O35) holds, as dataclasses in HL7's words (chapter 4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from lienthong.interop.hl7v2._datatypes import Coded, Organisation
from lienthong.interop.hl7v2._header import Header
from lienthong.interop.hl7v2._instant import Instant
from lienthong.interop.hl7v2._patient import PatientIdentity, Visit
from lienthong.interop.hl7v2._specimen import Specimen


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """ORC with its OBR, timing, diagnoses and specimens.

    `control` is ORC-1 (HL7 table 0119: NW, CA, DC, XO, RP, RO, SC, SN …), `status` ORC-5 (table 0038: IP, CM, HD …),
    `priority` TQ1-9, else the sixth component of OBR-27 or ORC-7, else OBR-5 (S, A, R, P, C, T as a rule).
    Numbers are the first component of an EI, `placer_authority` the second or third of ORC-2.
    """

    control: str
    placer_number: str = ""
    placer_authority: str = ""
    filler_number: str = ""
    group_number: str = ""
    status: str = ""
    service: Coded = field(default_factory=Coded)
    priority: str = ""
    specimens: tuple[Specimen, ...] = ()
    requester: str = ""
    ordering_facility: Organisation | None = None
    requested_at: Instant | None = None
    wanted_at: Instant | None = None
    diagnoses: tuple[Coded, ...] = ()
    reasons: tuple[Coded, ...] = ()
    notes: tuple[str, ...] = ()
    position: str = field(default="", compare=False)

    @property
    def specimen(self) -> Specimen | None:
        """The first specimen."""
        return next(iter(self.specimens), None)

    @property
    def is_quality_control(self) -> bool:
        """Whether the material is a control, a calibrator or a proficiency testing item, not a patient's."""
        return any(not specimen.is_of_patient for specimen in self.specimens)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientOrders:
    """One patient of a message and the orders for him or her; `patient` is None where PID is missing."""

    patient: PatientIdentity | None
    visit: Visit | None = None
    orders: tuple[OrderRequest, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMessage:
    """An order message."""

    header: Header
    patients: tuple[PatientOrders, ...] = ()

    @property
    def orders(self) -> tuple[OrderRequest, ...]:
        return tuple(order for patient in self.patients for order in patient.orders)

    @property
    def is_quality_control(self) -> bool:
        """Whether MSH-11 or any order says that this is a control."""
        return self.header.processing_id == "Q" or any(order.is_quality_control for order in self.orders)
