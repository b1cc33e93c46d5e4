"""Results as Observations (R4, Observation): what the laboratory reported, and beside it what it is compared as."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from lienthong.core.timekey import instant_of
from lienthong.exchange.fhir import systems
from lienthong.exchange.fhir.own.shelf import Shelf, instant, meta
from lienthong.exchange.fhir.own.wording import STATUS
from lienthong.interop import ucum
from lienthong.interop.fhir import Element
from lienthong.registry.reads import AnalyteFacts
from lienthong.results.reads import ResultFacts
from lienthong.results.search.observations import LENGTH_OF_KEY

_NUMBER = re.compile(r"([<>]=?)?\s*(-?(?:0|[1-9]\d*)(?:\.\d+)?)", re.ASCII)
_OUTCOMES = {"positive": "POS", "negative": "NEG", "indeterminate": "IND"}
_FLAGS = frozenset(("H", "HH", "L", "LL", "N", "A", "AA", "HU", "LU", "POS", "NEG", "R", "S", "I"))


def observation_id(result: ResultFacts) -> str:
    """Return the id that a result has through its versions."""
    return f"{result.report_id}-{result.key[:LENGTH_OF_KEY]}"


def observation(result: ResultFacts, shelf: Shelf, *, patient: str) -> Element:
    """Return one version of a result; `patient` is the reference to its patient."""
    analyte = shelf.analytes.get(result.analyte_id)
    category = "imaging" if shelf.is_examination(result.analyte_id) else "laboratory"
    told = meta(version=result.version, changed_at=instant_of(result.id), profile=systems.RESULT_PROFILE)
    found: Element = {
        "resourceType": "Observation",
        "id": observation_id(result),
        "meta": told | marks(result),
        "status": STATUS[result.status],
        "category": [{"coding": [{"system": systems.CATEGORY, "code": category}]}],
        "code": _code(result, analyte),
        "subject": {"reference": patient},
        **_times(result),
        "performer": [shelf.organization(result.facility_id)],
        **_value(result),
        **_judgement(result, analyte),
        **_method(result, shelf),
    }
    if result.collected_at and category == "laboratory":
        found["specimen"] = {"reference": f"Specimen/{result.report_id}"}
    if compared := _compared(result, analyte):
        found["extension"] = [compared]
    return found


def marks(result: ResultFacts) -> Element:
    """Return the marks as tags, and as extensions of meta with item, scope and right: content stays as it was."""
    if not result.marks:
        return {}
    tags = [{"system": systems.MARK, "code": str(one["mark"])} for one in result.marks]
    return {"tag": [dict(pairs) for pairs in dict.fromkeys(tuple(tag.items()) for tag in tags)]} | {
        "extension": [_mark(one) for one in result.marks]
    }


def _mark(one: Mapping[str, object]) -> Element:
    scope = one.get("scope")
    places = [str(place) for place in scope] if isinstance(scope, list) else []
    parts = [("mark", one.get("mark")), ("item", one.get("item")), ("right", one.get("grant_id"))]
    parts += [("scope", place) for place in places]
    inner = [{"url": name, "valueString": str(value)} for name, value in parts if value is not None]
    return {"url": systems.MARK_EXTENSION, "extension": inner}


def _code(result: ResultFacts, analyte: AnalyteFacts | None) -> Element:
    codings: list[Element] = []
    if analyte and analyte.loinc:
        codings.append({"system": systems.LOINC, "code": analyte.loinc, "display": analyte.name_en})
    if result.local_code:
        local: Element = {"system": systems.codes_of(result.source), "code": result.local_code}
        codings.append(local | ({"display": result.local_name} if result.local_name else {}))
    text = result.local_name or (analyte.name if analyte else "") or result.local_code
    return {"coding": codings, "text": text} if codings else {"text": text}


def _times(result: ResultFacts) -> Element:
    found: Element = {}
    if result.collected_at:
        found["effectiveDateTime"] = instant(result.collected_at)
    if result.released_at:
        found["issued"] = instant(result.released_at)
    return found


def _value(result: ResultFacts) -> Element:
    """Return the value as it was reported: 1.50 stays 1.50."""
    match = _NUMBER.fullmatch(result.reported_value)
    if match:
        number: Element = {"value": Decimal(match[2])}
        if comparator := match[1] or result.comparator:
            number = {"value": Decimal(match[2]), "comparator": comparator}
        return {"valueQuantity": number | _unit(result.reported_unit)}
    if result.reported_value:
        return {"valueString": result.reported_value}
    return {
        "dataAbsentReason": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"}]
        }
    }


@lru_cache(maxsize=10_000)
def _unit(text: str) -> dict[str, str]:
    if not text:
        return {}
    code = ucum.normalise_unit(text)
    return {"unit": text} | ({"system": systems.UCUM, "code": code} if code else {})


def _compared(result: ResultFacts, analyte: AnalyteFacts | None) -> Element | None:
    """Return the value in the analyte's unit where that is another than the reported one."""
    if result.value is None or analyte is None or not analyte.unit or analyte.unit == result.reported_unit:
        return None
    quantity: Element = {"value": _plain(result.value), **_unit(analyte.unit)}
    return {"url": systems.COMPARED_VALUE, "valueQuantity": quantity}


def _judgement(result: ResultFacts, analyte: AnalyteFacts | None) -> Element:
    found: Element = {}
    flags = [one for one in re.split(r"[\s~,;]+", result.flags) if one]
    if outcome := _OUTCOMES.get(result.outcome):
        flags.append(outcome)
    if flags:
        found["interpretation"] = [_flag(one) for one in dict.fromkeys(flags)]
    if limits := _limits(result, analyte):
        found["referenceRange"] = [limits]
    if result.comment:
        found["note"] = [{"text": result.comment}]
    return found


def _flag(code: str) -> Element:
    return {"coding": [{"system": systems.INTERPRETATION, "code": code}]} if code in _FLAGS else {"text": code}


def _limits(result: ResultFacts, analyte: AnalyteFacts | None) -> Element:
    """Return the interval as the laboratory reported it; its limits are kept in the analyte's unit only."""
    found: Element = {}
    if analyte and analyte.unit == ucum.normalise_unit(result.reported_unit):
        limits = (("low", result.reference_low), ("high", result.reference_high))
        found = {side: {"value": _plain(one), **_unit(result.reported_unit)} for side, one in limits if one is not None}
    return found | ({"text": result.reference_range} if result.reference_range else {})


def _plain(number: Decimal) -> Decimal:
    """Return a number of the database, which has ten decimals, without those that say nothing."""
    text = f"{number:f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def _method(result: ResultFacts, shelf: Shelf) -> Element:
    procedure = shelf.procedures.get(result.procedure_id or 0)
    if procedure is None:
        return {}
    found: Element = {
        "method": {"coding": [{"system": systems.PROCEDURE, "code": procedure.code}], "text": procedure.method}
    }
    if procedure.instrument:
        found["device"] = {"display": procedure.instrument}
    return found
