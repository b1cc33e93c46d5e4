"""Read PID, PV1 and MRG."""

from __future__ import annotations

from datetime import date

from lienthong.interop.hl7v2._elements import Elements
from lienthong.interop.hl7v2._instant import read_instant
from lienthong.interop.hl7v2._oru_types import Identifier, PatientIdentity
from lienthong.interop.hl7v2._patient_types import Merge, Patient, PersonName, Visit

_SEXES = {
    **{code: code for code in "FMOUAN"},  # HL7 table 0001
    **dict.fromkeys(("FEMALE", "NỮ", "NU", "女"), "F"),
    **dict.fromkeys(("MALE", "NAM", "男"), "M"),
    **dict.fromkeys(("UNKNOWN", "未知"), "U"),
}
_DELETABLE = {5: "the name", 7: "the birth date", 8: "the sex"}


def read_patient(pid: Elements) -> Patient:
    """Read PID. What is blank or can't be read is left out; the latter is told."""
    names = pid.names(5)
    died_at = pid.instant(29)
    for number, what in _DELETABLE.items():
        if pid.is_null(number):
            place = f"{pid.where}-{number}"
            pid.tell(number, "null-ignored", f"{place} asks to delete {what}, which is kept; send the right value.")
    return Patient(
        identity=_identity(pid, names),
        names=names,
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


def _identity(pid: Elements, names: tuple[PersonName, ...]) -> PatientIdentity:
    legal = [name for name in names if name.type_code == "L"]
    name = next(iter([*legal, *names]), PersonName())
    return PatientIdentity(
        identifiers=_numbers(pid),
        family_name=name.family,
        given_name=name.given,
        middle_name=name.middle,
        birth_date=_birth_date(pid),
        sex=_sex(pid),
    )


def _numbers(pid: Elements) -> tuple[Identifier, ...]:
    """PID-3; the fields that older versions used beside it (PID-2, PID-4) where it is blank; PID-19."""
    found = list(pid.identifiers(3) or pid.identifiers(2) or pid.identifiers(4))
    national = pid.value(19)
    if national and all(one.value != national for one in found):
        found.append(Identifier(value=national, type_code="SS"))
    return tuple(found)


def _birth_date(pid: Elements) -> date | None:
    text = pid.value(7)
    instant = read_instant(text) if text else None
    if instant and instant.value:
        return instant.value.date()
    if text:
        pid.tell(7, "date", f"{pid.where}-7 is not a full date; write it as YYYYMMDD.")
    return None


def _sex(pid: Elements) -> str | None:
    text = pid.value(8).upper()
    if text and text not in _SEXES:
        pid.tell(8, "sex", f"{pid.where}-8 is not of HL7 table 0001 (F, M, O, U, A, N) and was not read.")
    return _SEXES.get(text)


def _is_deceased(pid: Elements, *, has_time: bool) -> bool | None:
    told = {"Y": True, "N": False}.get(pid.value(30).upper())
    return True if has_time and told is None else told
