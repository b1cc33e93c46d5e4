"""What a result message (ORU^R01, OUL^R22 to R24) holds: its patients, and for each the orders and observations."""

from __future__ import annotations

from msgspec import Struct

from lienthong.interop.hl7v2._datatypes import Comment
from lienthong.interop.hl7v2._header import Header
from lienthong.interop.hl7v2._observation import Observation
from lienthong.interop.hl7v2._order import OruOrder
from lienthong.interop.hl7v2._patient import PatientIdentity, Visit


class PatientResults(Struct, frozen=True, gc=False):
    """One patient of a message and the orders for him or her; `observations` are OBX about the patient (OUL)."""

    patient: PatientIdentity
    orders: tuple[OruOrder, ...] = ()
    visit: Visit | None = None
    comments: tuple[Comment, ...] = ()
    observations: tuple[Observation, ...] = ()


class OruMessage(Struct, frozen=True, gc=False):
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
