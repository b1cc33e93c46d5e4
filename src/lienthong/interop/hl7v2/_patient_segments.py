"""Read PID, PV1 and MRG."""

from __future__ import annotations

from lienthong.interop.hl7v2._elements import Elements
from lienthong.interop.hl7v2._oru import _read_patient as read_identity
from lienthong.interop.hl7v2._oru import _Source
from lienthong.interop.hl7v2._patient_types import Merge, Patient, Visit

_DELETABLE = {5: "the name", 7: "the birth date", 8: "the sex"}


def read_patient(pid: Elements) -> Patient:
    """Read PID. What is blank or can't be read is left out; the latter is told."""
    died_at = pid.instant(29)
    for number, what in _DELETABLE.items():
        if pid.is_null(number):
            place = f"{pid.where}-{number}"
            pid.tell(number, "null-ignored", f"{place} asks to delete {what}, which is kept; send the right value.")
    return Patient(
        identity=read_identity(_Source(pid.segment, pid.where, pid.findings)),
        names=pid.names(5),
        former_numbers=tuple(one for number in (2, 4) for one in pid.identifiers(number)) if pid.value(3) else (),
        account=next(iter(pid.identifiers(18)), None),
        telephones=tuple(dict.fromkeys((*pid.telephones(13), *pid.telephones(14)))),
        died_at=died_at,
        is_deceased=_is_deceased(pid, has_time=died_at is not None),
    )


def read_visit(pv1: Elements) -> Visit:
    """Read PV1."""
    location = tuple(pv1.value(3, component) for component in (1, 2, 3, 4))
    return Visit(
        number=next(iter(pv1.identifiers(19)), None),
        patient_class=pv1.value(2),
        location=tuple(part for part in location if part),
        attending=pv1.person(7),
        service=pv1.value(10),
        admitted_at=pv1.instant(44),
        discharged_at=pv1.instant(45),
    )


def read_merge(mrg: Elements) -> Merge:
    """Read MRG."""
    return Merge(
        identifiers=mrg.identifiers(1) or mrg.identifiers(4),
        account=next(iter(mrg.identifiers(3)), None),
        visit_number=next(iter(mrg.identifiers(5)), None),
        names=mrg.names(7),
        position=mrg.where,
    )


def _is_deceased(pid: Elements, *, has_time: bool) -> bool | None:
    told = {"Y": True, "N": False}.get(pid.value(30).upper())
    return True if has_time and told is None else told
