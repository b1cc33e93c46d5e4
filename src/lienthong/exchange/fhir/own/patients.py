"""Patient records as Patients (R4, Patient): one of each sender, linked where they are one person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from lienthong.exchange.fhir import systems
from lienthong.exchange.fhir.own.shelf import Shelf, meta
from lienthong.exchange.fhir.own.wording import GENDER
from lienthong.interop.fhir import Element
from lienthong.results.identity import INSURANCE, NATIONAL
from lienthong.results.reads import PatientFacts

_OWN_NUMBERS = frozenset(("", "MR", "PI", "PT", "PN", "MRN", "U"))


def patient(record: PatientFacts, shelf: Shelf, *, changed_at: dt.datetime, same_person: Collection[str]) -> Element:
    """Return a patient record; `same_person` are the references to the other records of the same person."""
    found: Element = {
        "resourceType": "Patient",
        "id": str(record.record_id),
        "meta": meta(version=1, changed_at=changed_at),
        "identifier": [_identifier(record, system, value, shelf) for system, value in record.identifiers],
        "active": True,
        "name": [{"text": record.full_name}] if record.full_name else [],
        "gender": GENDER.get(record.sex, "unknown"),
        "managingOrganization": shelf.organization(record.facility_id),
        "link": [{"other": {"reference": one}, "type": "seealso"} for one in same_person],
    }
    if record.birth_date:
        found["birthDate"] = record.birth_date.isoformat()
    return {key: value for key, value in found.items() if value != []}


def _identifier(record: PatientFacts, kind: str, value: str, shelf: Shelf) -> Element:
    """National numbers and insurance cards have the system of their country, other numbers one of their sender."""
    country = shelf.country_of(record.facility_id)
    if kind == NATIONAL:
        return {"type": _type("NI"), "system": systems.national_number(country), "value": value}
    if kind == INSURANCE:
        return {"type": _type("HC"), "system": systems.insurance_number(country), "value": value}
    if kind in _OWN_NUMBERS:
        return {"type": _type("MR"), "system": systems.patients_of(record.source), "value": value}
    is_address = ":" in kind and " " not in kind
    return {"system": kind if is_address else f"{systems.patients_of(record.source)}:{kind}", "value": value}


def _type(code: str) -> Element:
    return {"coding": [{"system": systems.IDENTIFIER_TYPE, "code": code}]}
