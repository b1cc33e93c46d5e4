"""One parameter of a search as a condition: of a value, of a reference, of what a reference names (R4, Search)."""

from __future__ import annotations

from collections.abc import Sequence

from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.chains import of_patients, targets_of
from lienthong.exchange.fhir.errors import Invalid
from lienthong.exchange.fhir.kinds import KINDS
from lienthong.exchange.fhir.values import condition_of
from lienthong.interop.fhir import r4
from lienthong.results.resources.compartment import OF_PATIENT
from lienthong.results.search.conditions import (
    ChangedWithin,
    Condition,
    HasCode,
    InTime,
    IsMissing,
    Named,
    RefersTo,
)

MOST_CHAINED_KINDS = 10
DEEPEST_CHAIN = 4  # references that follow one another; each is a search of its own


def read_parameter(kind: str, name: str, text: str, *, caller: FhirCaller) -> Condition:
    """Read one parameter: `code`, `code:not`, `patient.identifier`, `subject:Patient.identifier`; raise Invalid."""
    if name.count(".") > DEEPEST_CHAIN:
        raise Invalid.because("too-costly", f"a chain has at most {DEEPEST_CHAIN} references, but got more")
    head, dot, rest = name.partition(".")
    code, _colon, modifier = head.partition(":")
    parameter = KINDS[kind].parameters.get(code)
    if parameter is None:
        known = ", ".join(sorted(KINDS[kind].parameters))
        raise Invalid.because("not-supported", f"{kind} has no parameter {code[:60]}; it has {known}")
    if dot:
        return _chained(parameter, modifier, rest, text, caller)
    if modifier == "missing":
        return IsMissing(code, _truth(name, text))
    if code == "_id":
        ids = tuple(one for one in text.split(",") if one)
        return Named(tuple(name for one in ids for name in caller.names_of(kind, one)), ids)
    if parameter.type == "reference":
        return _reference(parameter, modifier, text, caller)
    found = condition_of(parameter, modifier, text, zone=caller.zone, at=caller.at)
    if code == "_lastUpdated" and isinstance(found, InTime):
        return ChangedWithin(found.spans)
    return found


def _chained(parameter: r4.SearchParameter, modifier: str, rest: str, text: str, caller: FhirCaller) -> Condition:
    """Look first for what the reference may name, then for what refers to one of them."""
    if parameter.type != "reference":
        raise Invalid.because("value", f"{parameter.code} is no reference, so nothing can be chained to it")
    code = rest.partition(".")[0].partition(":")[0]
    targets = [one for one in _targets(parameter) if modifier in ("", one) and code in KINDS[one].parameters]
    if not targets:
        raise Invalid.because("not-supported", f"nothing that {parameter.code} refers to has a parameter {code[:60]}")
    if len(targets) > MOST_CHAINED_KINDS:
        raise Invalid.because(
            "value", f"name the type that {parameter.code} refers to: {parameter.code}:Type.{code[:60]}"
        )
    targets = _searchable(targets, caller)
    conditions = {one: read_parameter(one, rest, text, caller=caller) for one in targets}
    return _any(parameter, [targets_of(parameter, one, what, caller) for one, what in conditions.items()])


def _searchable(kinds: Sequence[str], caller: FhirCaller) -> list[str]:
    """Return the kinds that the token lets be searched: a chain would else tell what they hold; raise ScopeMissing."""
    found = [one for one in kinds if caller.caller.may(one, "s")]
    if not found:
        caller.check(kinds[0], "s")
    return found


def _targets(parameter: r4.SearchParameter) -> list[str]:
    """Return what a reference may name; that of a patient is asked for by patients, though it may name others."""
    kinds = [one for one in parameter.targets if one in KINDS]
    return ["Patient"] if parameter.code in OF_PATIENT and "Patient" in kinds else kinds


def _any(parameter: r4.SearchParameter, conditions: Sequence[Condition]) -> Condition:
    if len(conditions) == 1:
        return conditions[0]
    named = [target for one in conditions if isinstance(one, RefersTo) for target in one.targets]
    return RefersTo(parameter.code, tuple(named))


def _reference(parameter: r4.SearchParameter, modifier: str, text: str, caller: FhirCaller) -> Condition:
    if modifier == "identifier":
        asked = condition_of(r4.search_parameters("Patient")["identifier"], "", text, zone=caller.zone, at=caller.at)
        codes = asked.codes if isinstance(asked, HasCode) else ()
        return _by_number(parameter, HasCode("identifier", codes), caller)
    if modifier and modifier not in parameter.targets:
        raise Invalid.because("not-supported", f"{parameter.code} has no modifier {modifier[:40]}")
    kinds = [modifier] if modifier else _targets(parameter)
    references = [target for one in text.split(",") if one for target in _typed(caller.relative(one), kinds)]
    if parameter.code in OF_PATIENT and all(one.startswith("Patient/") for one in references):
        return of_patients([one.partition("/")[2] for one in references], caller)
    found = [target for one in references for target in caller.targets_of(one)]
    return RefersTo(parameter.code, tuple(found))


def _by_number(parameter: r4.SearchParameter, condition: HasCode, caller: FhirCaller) -> Condition:
    numbered = [one for one in _targets(parameter) if "identifier" in KINDS[one].parameters]
    if not numbered:
        raise Invalid.because("not-supported", f"nothing that {parameter.code} refers to has an identifier")
    numbered = _searchable(numbered, caller)
    return _any(parameter, [targets_of(parameter, one, condition, caller) for one in numbered[:MOST_CHAINED_KINDS]])


def _typed(text: str, kinds: Sequence[str]) -> list[str]:
    """Return `Kind/id`; an id alone may be of each kind that the parameter names, a URL is another server's."""
    if "://" in text:
        return [text]
    parts = text.split("?")[0].rstrip("/").split("/")
    return ["/".join(parts[-2:])] if len(parts) >= 2 else [f"{kind}/{text}" for kind in kinds]


def _truth(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise Invalid.because("value", f"{name[:60]} must be true or false")
    return text == "true"
