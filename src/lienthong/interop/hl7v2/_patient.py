"""Who a message is about and where the patient is: PID and PV1 (HL7 chapter 3)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from msgspec import Struct

from lienthong.findings import Finding
from lienthong.interop.hl7v2._datatypes import Address, Coded, Identifier, Person, PersonName, Place, Telecom
from lienthong.interop.hl7v2._fields import Fields
from lienthong.interop.hl7v2._instant import Instant

_NOBODY = PersonName()
_BLANKS = [""] * 52
_SEXES = {
    **{code: code for code in "FMOUAN"},
    **dict.fromkeys(("FEMALE", "NỮ", "NU", "女"), "F"),
    **dict.fromkeys(("MALE", "NAM", "男"), "M"),
    **dict.fromkeys(("UNKNOWN", "未知"), "U"),
}


class PatientIdentity(Struct, frozen=True, gc=False):
    """Who PID says the patient is. `sex` is HL7 table 0001 (F, M, O, U, A, N) or None.

    `identifiers` are PID-3, or the fields that older versions used beside it (PID-2, PID-4) where that is blank, and
    PID-19. `names` are PID-5 and then PID-9, the aliases; `birth` keeps the precision of PID-7.
    """

    identifiers: tuple[Identifier, ...] = ()
    names: tuple[PersonName, ...] = ()
    birth: Instant | None = None
    sex: str | None = None
    addresses: tuple[Address, ...] = ()
    phones: tuple[Telecom, ...] = ()
    business_phones: tuple[Telecom, ...] = ()
    mothers_maiden_names: tuple[PersonName, ...] = ()
    aliases: tuple[PersonName, ...] = ()
    alternate_identifiers: tuple[Identifier, ...] = ()
    races: tuple[Coded, ...] = ()
    language: Coded | None = None
    marital_status: Coded | None = None
    religion: Coded | None = None
    account: Identifier | None = None
    mothers_identifiers: tuple[Identifier, ...] = ()
    ethnic_groups: tuple[Coded, ...] = ()
    birth_place: str = ""
    is_multiple_birth: str = ""
    birth_order: str = ""
    citizenships: tuple[Coded, ...] = ()
    nationality: Coded | None = None
    died_at: Instant | None = None
    death_indicator: str = ""
    identity_unknown_indicator: str = ""
    reliability: tuple[Coded, ...] = ()
    updated_at: Instant | None = None

    @property
    def name(self) -> PersonName:
        """The legal name (XPN-7 `L`) of PID-5, else its first that is valued."""
        valued = [name for name in self.names if name.family or name.given]
        legal = (name for name in valued if name.kind == "L")
        return next(legal, valued[0] if valued else _NOBODY)

    @property
    def family_name(self) -> str:
        return self.name.family

    @property
    def given_name(self) -> str:
        return self.name.given

    @property
    def middle_name(self) -> str:
        return self.name.middle

    @property
    def full_name(self) -> str:
        """Family, middle and given name, as Vietnamese and Chinese names run; ideographs without blanks between."""
        return self.name.full_name

    @property
    def birth_date(self) -> date | None:
        """The day of birth; None where PID-7 holds no full date."""
        value: datetime | None = self.birth.value if self.birth else None
        return value.date() if value else None

    @property
    def is_dead(self) -> bool | None:
        """PID-30, or PID-29 where that is blank; None where neither tells."""
        return True if self.died_at else _YES_OR_NO.get(self.death_indicator)


_YES_OR_NO = {"Y": True, "N": False}


class Visit(Struct, frozen=True, gc=False):
    """The encounter (PV1): `patient_class` is HL7 table 0004 (E, I, O, P, R, B …), empty where it is not told."""

    patient_class: str = ""
    number: Identifier | None = None
    location: Place | None = None
    admission_type: str = ""
    prior_location: Place | None = None
    attending: tuple[Person, ...] = ()
    referring: tuple[Person, ...] = ()
    consulting: tuple[Person, ...] = ()
    hospital_service: str = ""
    admitting: tuple[Person, ...] = ()
    patient_type: str = ""
    discharge_disposition: str = ""
    admitted_at: Instant | None = None
    discharged_at: Instant | None = None
    alternate_number: Identifier | None = None
    visit_indicator: str = ""


def patient_from(sent: list[str], fields: Fields, where: str, findings: list[Finding]) -> PatientIdentity:
    """Read PID from its fields as sent (`sent[3]` is PID-3), telling where it stands what is wrong."""
    count = len(sent)
    sent = sent + _BLANKS
    has_more = sent[6] or sent[9] or sent[10] or (count > 14 and any(sent[14:]))
    rare: tuple[Any, ...] = _rare(sent, fields, where, findings) if has_more else ()
    return PatientIdentity(
        _identifiers(sent, fields),
        fields.names(sent[5]),
        _birth(sent[7], fields, where, findings) if sent[7] else None,
        _sex(sent[8], fields, where, findings) if sent[8] else None,
        fields.addresses(sent[11]) if sent[11] else (),
        fields.telecoms(sent[13]) if sent[13] else (),
        *rare,
    )


def visit_from(sent: list[str], fields: Fields, where: str, findings: list[Finding]) -> Visit:
    """Read PV1 from its fields as sent."""
    count = len(sent)
    sent = sent + _BLANKS
    return Visit(
        fields.value(sent[2]),
        fields.identifier(sent[19]) if sent[19] else None,
        fields.place(sent[3]) if sent[3] else None,
        fields.value(sent[4]) if sent[4] else "",
        fields.place(sent[6]) if sent[6] else None,
        fields.persons(sent[7]) if sent[7] else (),
        fields.persons(sent[8]) if sent[8] else (),
        fields.persons(sent[9]) if sent[9] else (),
        fields.value(sent[10]) if sent[10] else "",
        fields.persons(sent[17]) if sent[17] else (),
        fields.value(sent[18]) if sent[18] else "",
        *(_discharge(sent, fields, where, findings) if count > 36 else ()),
    )


def _discharge(
    sent: list[str], fields: Fields, where: str, findings: list[Finding]
) -> tuple[str, Instant | None, Instant | None, Identifier | None, str]:
    return (
        fields.value(sent[36]),
        instant_at(sent, 44, fields, where, findings),
        instant_at(sent, 45, fields, where, findings),
        fields.identifier(sent[50]),
        fields.value(sent[51]),
    )


def instant_at(sent: list[str], number: int, fields: Fields, where: str, findings: list[Finding]) -> Instant | None:
    """Read a time of a segment; a finding says that what stands there is none."""
    text = sent[number]
    if not text:
        return None
    instant = fields.instant(text)
    if instant is None and fields.value(text):
        findings.append(not_a_time(f"{where}-{number}"))
    return instant


def not_a_time(place: str) -> Finding:
    return Finding(place, "date", f"{place} is not a time; write YYYYMMDDHHMMSS with the offset as +0700.")


def _rare(sent: list[str], fields: Fields, where: str, findings: list[Finding]) -> tuple[Any, ...]:
    """What a laboratory seldom sends, in the order of the struct after `phones`."""
    return (
        fields.telecoms(sent[14]),
        fields.names(sent[6]),
        fields.names(sent[9]),
        fields.identifiers(sent[4]) if any(fields.identifiers(sent[3])) else (),
        fields.codeds(sent[10]),
        fields.coded(sent[15]),
        fields.coded(sent[16]),
        fields.coded(sent[17]),
        fields.identifier(sent[18]),
        fields.identifiers(sent[21]),
        fields.codeds(sent[22]),
        fields.value(sent[23]),
        fields.value(sent[24]),
        fields.value(sent[25]),
        fields.codeds(sent[26]),
        fields.coded(sent[28]),
        instant_at(sent, 29, fields, where, findings),
        fields.value(sent[30]),
        fields.value(sent[31]),
        fields.codeds(sent[32]),
        instant_at(sent, 33, fields, where, findings),
    )


def _identifiers(sent: list[str], fields: Fields) -> tuple[Identifier, ...]:
    """PID-3; where it is blank, PID-2 or PID-4; and PID-19."""
    found = fields.identifiers(sent[3]) or fields.identifiers(sent[2]) or fields.identifiers(sent[4])
    national = fields.value(sent[19]) if sent[19] else ""
    if national and all(identifier.value != national for identifier in found):
        return (*found, Identifier(national, type_code="SS"))
    return found


def _birth(sent: str, fields: Fields, where: str, findings: list[Finding]) -> Instant | None:
    birth = fields.instant(sent)
    if (birth is None or birth.value is None) and fields.value(sent):
        place = f"{where}-7"
        findings.append(Finding(place, "date", f"{place} is not a full date; write it as YYYYMMDD."))
    return birth


def _sex(sent: str, fields: Fields, where: str, findings: list[Finding]) -> str | None:
    text = fields.value(sent)
    sex = _SEXES.get(text.upper())
    if text and sex is None:
        place = f"{where}-8"
        findings.append(Finding(place, "sex", f"{place} is not of HL7 table 0001 (F, M, O, U, A, N) and was not read."))
    return sex
