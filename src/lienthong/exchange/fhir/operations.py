"""Observation/$lastn and Patient/$match (R4, operations)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.errors import Invalid
from lienthong.exchange.fhir.query import Asked, Pairs, parse_search
from lienthong.exchange.fhir.reading import Page, note, search
from lienthong.exchange.fhir.showing import patients_shown
from lienthong.exchange.fhir.shown import Shown
from lienthong.interop.fhir import Element
from lienthong.results import reads as results
from lienthong.results.search.conditions import OfPatients, Order

MOST_OF_PATIENT = 2_000
_GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade"


def last_observations(pairs: Pairs, *, caller: FhirCaller, is_lenient: bool = False) -> tuple[Page, Asked]:
    """Return the newest results of each code of a patient: one each, or as many as `max` says."""
    most = next((value for name, value in pairs if name == "max"), "1")
    if not (most.isdecimal() and most.isascii() and len(most) <= 3 and 1 <= int(most) <= 100):
        raise Invalid.because("value", "max must be a whole number from 1 to 100")
    kept = [pair for pair in pairs if pair[0] != "max"]
    asked = parse_search("Observation", kept, caller=caller, is_lenient=is_lenient)
    if not any(isinstance(one, OfPatients) for one in asked.query.conditions):
        raise Invalid.because("required", "$lastn needs a patient: the parameter patient or subject")
    query = replace(asked.query, count=MOST_OF_PATIENT, order=Order("date", is_descending=True))
    page = search(replace(asked, query=query), caller=caller, picking=lambda found: _newest(found, int(most)))
    return replace(page, after=None, total=len(page.found)), asked


def _newest(found: Sequence[Shown], most: int) -> list[Shown]:
    """Return the first of each code, `most` of them."""
    counts: Counter[str] = Counter()
    newest = []
    for one in found:
        counts[_code(one)] += 1
        if counts[_code(one)] <= most:
            newest.append(one)
    return newest


def pairs_of(parameters: Element) -> Pairs:
    """Return Parameters of simple values as the pairs that a URL would have; raise Invalid for another body."""
    given = [one for one in _list(parameters.get("parameter")) if isinstance(one, dict)]
    pairs = [(str(one.get("name")), _simple(one)) for one in given]
    if parameters.get("resourceType") != "Parameters" or any(value is None for _name, value in pairs):
        raise Invalid.because("value", "the body must be Parameters of simple values", "Parameters.parameter")
    return [(name, str(value)) for name, value in pairs]


def match_patient(parameters: Element, *, caller: FhirCaller, base: str) -> Element:
    """Return whom the traits of a Patient name, as a searchset with one match or none: of whom may be read."""
    caller.check("Patient", "s")
    patient = _patient_in(parameters)
    identifiers = [
        (str(one.get("system", "")), str(one.get("value", "")))
        for one in _list(patient.get("identifier"))
        if isinstance(one, dict)
    ]
    sex = {"female": "F", "male": "M"}.get(str(patient.get("gender", "")), "")
    found = results.match_patient(
        identifiers=identifiers,
        birth_date=_day(patient.get("birthDate")),
        sex=sex,
        name=_name(patient),
        reach=caller.reach,
    )
    matches = patients_shown([found.record_id], reader=caller.reader, on=caller.on, reach=caller.reach) if found else []
    note(matches, caller)
    entries: list[Element] = [
        {
            "fullUrl": f"{base}/{one.reference}",
            "resource": one.element,
            "search": {"extension": [{"url": _GRADE, "valueCode": "certain"}], "mode": "match", "score": 1},
        }
        for one in matches
    ]
    bundle: Element = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return bundle | ({"entry": entries} if entries else {})


def _patient_in(parameters: Element) -> Element:
    if parameters.get("resourceType") == "Patient":
        return parameters
    for one in _list(parameters.get("parameter")):
        resource = one.get("resource") if isinstance(one, dict) and one.get("name") == "resource" else None
        if isinstance(resource, dict) and resource.get("resourceType") == "Patient":
            return resource
    raise Invalid.because("required", "the body must be Parameters with a Patient as resource", "Parameters.parameter")


def _simple(parameter: Mapping[str, object]) -> str | None:
    """Return the value of a parameter as a URL would have it; None where it is an object, or there is none."""
    values = [value for name, value in parameter.items() if name.startswith("value")]
    if len(values) != 1 or isinstance(values[0], dict | list):
        return None
    return str(values[0]).lower() if isinstance(values[0], bool) else str(values[0])


def _name(patient: Element) -> str:
    """Return the first name as one text; where it is in parts, the family name stands first."""
    for one in _list(patient.get("name")):
        if not isinstance(one, dict):
            continue
        if one.get("text"):
            return str(one["text"])
        given = [str(part) for part in _list(one.get("given"))]
        return " ".join([str(one.get("family", "")), *given]).strip()
    return ""


def _day(text: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def _code(one: Shown) -> str:
    """Return what a result is of: its LOINC code, else its first code, else its text."""
    code = one.element.get("code")
    codings = [c for c in _list(code.get("coding")) if isinstance(c, dict)] if isinstance(code, dict) else []
    chosen = next((c for c in codings if c.get("system") == "http://loinc.org"), codings[0] if codings else {})
    text = code.get("text", "") if isinstance(code, dict) else ""
    return f"{chosen.get('system', '')}|{chosen.get('code', '')}" if chosen else str(text)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
