"""A patient as pages show him or her: numbers with their middle hidden, age, sex in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.registry.reads import FacilityFacts
from lienthong.results.reads import PatientFacts, number_words

IDENTITY, INSURANCE = "NI", "HC"
_SHOWN_FIRST, _SHOWN_LAST = 6, 3


@dataclass(frozen=True, slots=True)
class PatientStrip:
    record_id: int
    name: str
    birth_date: dt.date | None
    age: int | None
    sex: str
    identity: str
    identity_label: str
    insurance: str
    facility: str


def patient_strip(patient: PatientFacts, *, facility: FacilityFacts | None, on: dt.date) -> PatientStrip:
    """Return a patient for the strip at the top of a page."""
    identity = _number(patient, IDENTITY)
    return PatientStrip(
        record_id=patient.record_id,
        name=patient.full_name,
        birth_date=patient.birth_date,
        age=_age(patient.birth_date, on),
        sex=sex_words(patient.sex),
        identity=_masked(identity),
        identity_label=number_words(IDENTITY, identity) or _("Identity number"),
        insurance=_masked(_number(patient, INSURANCE)),
        facility=facility.name if facility else "",
    )


def sex_words(sex: str) -> str:
    """Name a sex; what is not known is said to be so."""
    return {"F": _("female"), "M": _("male")}.get(sex.upper()[:1], _("sex not known"))


def _number(patient: PatientFacts, system: str) -> str:
    return next((value for held, value in patient.identifiers if held == system), "")


def _masked(number: str) -> str:
    """Hide the middle of a number; a short one is hidden but for its end."""
    if not number:
        return ""
    first = number[:_SHOWN_FIRST] if len(number) > _SHOWN_FIRST + _SHOWN_LAST else ""
    return f"{first} *** {number[-_SHOWN_LAST:]}".strip()


def _age(birth_date: dt.date | None, on: dt.date) -> int | None:
    if birth_date is None or birth_date > on:
        return None
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
