"""From PID to the claim who the patient is: the sender's own number, other numbers, name, birth date, sex."""

from __future__ import annotations

from lienthong.exchange.senders import SourceFacts
from lienthong.findings import Finding
from lienthong.interop.hl7v2 import Identifier, PatientIdentity
from lienthong.results.actions import PatientClaim
from lienthong.results.reads import identifier_kind

LOCAL_TYPES = ("MR", "PI", "PT", "PN", "MRN", "U", "")
LONGEST = 100
KNOWN_SEXES = frozenset({"F", "M"})


def claim_of(identity: PatientIdentity, source: SourceFacts) -> tuple[PatientClaim | None, list[Finding]]:
    """Return the claim; None where PID names nobody by a number. What is missing beside the number is told."""
    local = _local_identifier(identity)
    if local is None:
        return None, [Finding("PID-3", "patient-missing", "PID-3 must hold the sender's number of the patient.")]
    if any(len(one.value) > LONGEST for one in identity.identifiers):
        told = f"PID-3 holds a number of more than {LONGEST} signs; such a number is no patient's."
        return None, [Finding("PID-3", "patient-number", told)]
    claim = PatientClaim(
        source=source.code,
        facility_id=source.facility_id,
        local_system=_clean(local.system),
        local_id=_clean(local.value),
        full_name=_clean(identity.full_name)[:200],
        birth_date=identity.birth_date,
        sex=identity.sex if identity.sex in KNOWN_SEXES else "",
        identifiers=tuple(dict.fromkeys(_pair(one) for one in identity.identifiers)),
        other_name=_clean(_other_name(identity)),
        phone=_clean(next((one.display for one in identity.phones), "")),
        address=_clean(_address(identity)),
    )
    return claim, _missing(claim)


def _local_identifier(identity: PatientIdentity) -> Identifier | None:
    """Choose the number that the sender itself gave; a national number stands in where there is no other."""
    by_type = [one for kind in LOCAL_TYPES for one in identity.identifiers if one.type_code.upper() == kind]
    return next(iter([*by_type, *identity.identifiers]), None)


def _other_name(identity: PatientIdentity) -> str:
    """Return the first name that differs from the legal one: in another script, else an alias."""
    names = (one.full_name for one in (*identity.names, *identity.aliases))
    return next((one for one in names if one and one != identity.full_name), "")


def _address(identity: PatientIdentity) -> str:
    if not identity.addresses:
        return ""
    home = next((one for one in identity.addresses if one.kind == "H"), identity.addresses[0])
    return ", ".join(part for part in (home.street, home.other, home.county, home.city, home.province) if part)


def _pair(identifier: Identifier) -> tuple[str, str]:
    kind = identifier_kind(system=identifier.system, type_code=identifier.type_code)
    return _clean(kind)[:60], _clean(identifier.value)


def _missing(claim: PatientClaim) -> list[Finding]:
    told = (
        ("PID-5", not claim.full_name, "the name"),
        ("PID-7", claim.birth_date is None, "the birth date"),
        ("PID-8", not claim.sex, "the sex (F or M)"),
    )
    return [
        Finding(place, "patient-incomplete", f"{place} does not tell {what}; the record can't be linked by it.")
        for place, is_missing, what in told
        if is_missing
    ]


def _clean(text: str) -> str:
    return text.replace("\0", "")[:LONGEST]
