"""Read PID, PV1 and MRG of a message that is no result."""

from __future__ import annotations

from lienthong.interop.hl7v2._elements import Elements
from lienthong.interop.hl7v2._patient import PatientIdentity, Visit, patient_from, visit_from
from lienthong.interop.hl7v2._patient_types import Merge

_DELETABLE = {5: "the name", 7: "the birth date", 8: "the sex"}


def read_pid(pid: Elements) -> PatientIdentity:
    """Read PID. What is blank or can't be read is left out; the latter is told."""
    for number, what in _DELETABLE.items():
        if pid.is_null(number):
            place = f"{pid.where}-{number}"
            pid.tell(number, "null-ignored", f"{place} asks to delete {what}, which is kept; send the right value.")
    return patient_from(pid.sent, pid.fields, pid.where, pid.findings)


def read_pv1(pv1: Elements) -> Visit:
    """Read PV1."""
    return visit_from(pv1.sent, pv1.fields, pv1.where, pv1.findings)


def read_merge(mrg: Elements) -> Merge:
    """Read MRG."""
    return Merge(
        identifiers=mrg.identifiers(1) or mrg.identifiers(4),
        account=next(iter(mrg.identifiers(3)), None),
        visit_number=next(iter(mrg.identifiers(5)), None),
        names=mrg.names(7),
        position=mrg.where,
    )
