"""A stay's results in the words of HL7, in which all results are read.

XML4 tells no time of collection. The order's time (NGAY_YL of XML3) is never later than that, so it stands for it; the
time of the result (NGAY_KQ) never does. Its time of carrying out (NGAY_TH_YL) is not taken as that of measurement: no
text was seen that says so of laboratories.
"""

from __future__ import annotations

import re

from lienthong.findings import Finding
from lienthong.interop.hl7v2 import (
    Address,
    Coded,
    Comment,
    EntityIdentifier,
    Identifier,
    Observation,
    OruOrder,
    PatientIdentity,
    PatientResults,
    Person,
    PersonName,
    Telecom,
    is_placeholder,
)
from lienthong.interop.vn_xml._joining import JoinedResult, ServiceOrder, join
from lienthong.interop.vn_xml._rows import Stay, StayPatient

# What rows and orders are called in positions: `row(3)` is XML4/CHI_TIET_CLS[3].
ROW, ORDER = "row", "order"
LONGEST_CODE = 60  # of what a mapping can name
SEXES = {"1": "M", "2": "F", "3": "U"}
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_COMMA = re.compile(r"[<>≤≥=]*\s*[+-]?\d+,\d+", re.ASCII)


def results_of(stay: Stay, findings: list[Finding]) -> PatientResults | None:
    """Return the patient of a stay and the orders that have results; None where its XML1 is missing.

    Orders of one number (`MA_LK/NGAY_YL`) are one report.
    """
    if stay.patient is None:
        return None
    orders, joined = join(stay)
    findings += joined
    named = _services_without_indices(stay)
    read = tuple(order for one in orders for order in _orders(one, named, findings))
    return PatientResults(_identity(stay.patient), read)


def value_of(one: JoinedResult) -> str | None:
    """Return GIA_TRI, else the conclusion, else the description; None where the row has none."""
    result = one.result
    texts = ("" if is_placeholder(result.value) else result.value, result.conclusion, result.description)
    return next((text for text in texts if text), None)


def _identity(patient: StayPatient) -> PatientIdentity:
    numbers = [
        Identifier(patient.patient_number, type_code="PI"),
        Identifier(patient.citizen_number, "CCCD", "NI"),
        *(Identifier(card, "BHYT", "HC") for card in patient.insurance_cards),
    ]
    return PatientIdentity(
        identifiers=tuple(one for one in numbers if one.value),
        names=(_name(patient.name),),
        birth=patient.birth,
        sex=SEXES.get(patient.sex),
        addresses=(Address(street=patient.address, kind="H"),) if patient.address else (),
        phones=(Telecom(number=patient.phone),) if patient.phone else (),
    )


def _name(text: str) -> PersonName:
    """Part a Vietnamese name: the family name first, the given name last."""
    family, *rest = text.split() or [""]
    return PersonName(family=family, given=rest[-1] if rest else "", middle=" ".join(rest[:-1]))


def _services_without_indices(stay: Stay) -> frozenset[str]:
    """Return the services of which several indices came without a code: only their names tell them apart."""
    names: dict[str, set[str]] = {}
    for one in stay.results:
        if not one.index_code:
            names.setdefault(one.service_code, set()).add(one.index_name)
    return frozenset(code for code, found in names.items() if len(found) > 1)


def _orders(order: ServiceOrder, named: frozenset[str], findings: list[Finding]) -> list[OruOrder]:
    """Return one order for each service and time of result: these are what its results share."""
    groups: dict[tuple[str, str], list[JoinedResult]] = {}
    for one in order.results:
        if value_of(one) is None:
            place = f"{one.result.row.position}/GIA_TRI"
            findings.append(Finding(place, "no-value", f"{place} is blank; the row gives no result."))
            continue
        at = one.result.result_at
        groups.setdefault((one.result.service_code, at.text if at else ""), []).append(one)
    return [_order(order, group, named, findings) for group in groups.values()]


def _order(order: ServiceOrder, group: list[JoinedResult], named: frozenset[str], findings: list[Finding]) -> OruOrder:
    first = group[0]
    service = first.service
    return OruOrder(
        service=Coded(first.result.service_code, service.service_name if service else "", "MA_DICH_VU"),
        filler=EntityIdentifier(order.number),
        requested_at=order.ordered_at,
        observed_at=order.ordered_at,  # stands for the collection, and is marked so
        requesters=(Person(service.ordered_by),) if service and service.ordered_by else (),
        reported_at=first.result.result_at,
        result_status=_status(first),
        observations=tuple(_observation(one, named, findings) for one in group),
        segment=ORDER,
        ordinal=first.result.row.ordinal,
    )


def _observation(one: JoinedResult, named: frozenset[str], findings: list[Finding]) -> Observation:
    result = one.result
    value = value_of(one) or ""
    if _COMMA.fullmatch(value):
        place = f"{result.row.position}/GIA_TRI"
        told = "has a comma, which may part thousands; it is kept as text. Write a decimal point."
        findings.append(Finding(place, "number", f"{place} {told}"))
    return Observation(
        code=_code(one, named),
        sub_id=result.service_code if result.index_code else "",
        value_type="NM" if _NUMBER.fullmatch(value) else "ST",
        values=(value,),
        unit=Coded(result.unit, result.unit) if result.unit else None,
        status=_status(one),
        instruments=tuple(EntityIdentifier(device) for device in one.devices),
        observers=(Person(result.read_by),) if result.read_by else (),
        comments=tuple(Comment(text) for text in _notes(one, value)),
        segment=ROW,
        ordinal=result.row.ordinal,
    )


def _status(one: JoinedResult) -> str:
    """What is exported with the time of its result was released; without that, nobody knows."""
    return "F" if one.result.result_at else "P"


def _notes(one: JoinedResult, value: str) -> list[str]:
    """Return what the row says beside its value, each text once."""
    return [text for text in dict.fromkeys((one.result.description, one.result.conclusion)) if text and text != value]


def _code(one: JoinedResult, named: frozenset[str]) -> Coded:
    """Return the code that a mapping names: the index, else the service where that has one index, else the name.

    A service's own code never stands for one of its indices: a blood count is not its haemoglobin.
    """
    result = one.result
    if result.index_code:
        return Coded(result.index_code, result.index_name, "MA_CHI_SO")
    if result.service_code in named:
        return Coded(result.index_name[:LONGEST_CODE], result.index_name, "TEN_CHI_SO")
    name = result.index_name or (one.service.service_name if one.service else "")
    return Coded(result.service_code, name, "MA_DICH_VU")
