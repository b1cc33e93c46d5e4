"""From the parameters of a search to its conditions (R4, Search): what is not understood is refused, never left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import parse_qsl

from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.chains import of_patients, targets_of
from lienthong.exchange.fhir.errors import Invalid
from lienthong.exchange.fhir.kinds import KINDS, OF_PATIENT
from lienthong.exchange.fhir.values import condition_of
from lienthong.interop.fhir import r4
from lienthong.results.search.conditions import (
    After,
    ChangedWithin,
    Condition,
    HasCode,
    InTime,
    IsMissing,
    Named,
    Order,
    Query,
    RefersTo,
)

Pairs: TypeAlias = Sequence[tuple[str, str]]
MOST, USUAL = 500, 50
_SORTS = {"_lastUpdated": "changed", "date": "date", "collected": "date", "authored": "date", "birthdate": "date"}
MOST_CHAINED_KINDS = 10
# What the form of the answer depends on, not what is found.
_OF_ANSWER = frozenset(("_format", "_pretty"))


@dataclass(frozen=True, slots=True)
class Include:
    """`_include=Observation:subject:Patient`, or with `is_reverse` `_revinclude`; `parameter` may be `*`."""

    kind: str
    parameter: str
    target: str = ""
    is_reverse: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as it was asked for: `pairs` are its parameters, for the links of its pages."""

    kind: str
    query: Query
    includes: tuple[Include, ...] = ()
    wants_total: bool = False
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Reading:
    kind: str
    caller: FhirCaller
    conditions: list[Condition] = field(default_factory=list)
    includes: list[Include] = field(default_factory=list)
    order: Order = field(default_factory=Order)
    after: After | None = None
    count: int = USUAL
    wants_total: bool = False


def parse_search(kind: str, pairs: Pairs, *, caller: FhirCaller) -> Asked:
    """Read the parameters of a search; raise Invalid with what is not understood and what is allowed."""
    read = _Reading(kind, caller)
    kept = tuple(pair for pair in pairs if pair[0] not in _OF_ANSWER)
    _check_texts(kept)
    for name, text in kept:
        handler = _RESULT_PARAMETERS.get(name.partition(":")[0])
        if handler:
            handler(read, name, text)
        elif text:
            read.conditions.append(_condition(kind, name, text, caller))
    query = Query(kind, tuple(read.conditions), caller.reach, read.order, read.after, read.count)
    return Asked(kind, query, tuple(read.includes), read.wants_total, kept)


def parse_condition(kind: str, text: str, *, caller: FhirCaller) -> list[Condition]:
    """Read the condition of a conditional create, update or reference; it must ask for something."""
    if kind not in KINDS:
        raise Invalid.because("not-supported", "this type of resource is not kept here; see /fhir/metadata")
    pairs = [pair for pair in parse_qsl(text) if pair[0] not in _OF_ANSWER]
    _check_texts(pairs)
    found = [_condition(kind, name, value, caller) for name, value in pairs]
    if not found:
        raise Invalid.because("value", "a condition must name a search parameter and a value, such as identifier=1")
    return found


def _check_texts(pairs: Pairs) -> None:
    """Refuse a character that neither R4's texts nor the database have."""
    for name, text in pairs:
        if "\0" in text:
            raise Invalid.because("value", f"{name[:60]} has a character that no text has (U+0000)")


def _condition(kind: str, name: str, text: str, caller: FhirCaller) -> Condition:
    """Read one parameter: `code`, `code:not`, `patient.identifier`, `subject:Patient.identifier`."""
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
    return _any(parameter, [targets_of(parameter, one, _condition(one, rest, text, caller), caller) for one in targets])


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
    references = [reference for one in text.split(",") if one for reference in _typed(one, kinds)]
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
    """Return `Kind/id`; an id alone may be of each kind that the parameter names."""
    parts = text.split("?")[0].rstrip("/").split("/")
    return ["/".join(parts[-2:])] if len(parts) >= 2 else [f"{kind}/{text}" for kind in kinds]


def _truth(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise Invalid.because("value", f"{name[:60]} must be true or false")
    return text == "true"


def _count(read: _Reading, name: str, text: str) -> None:
    if not (text.isdecimal() and text.isascii() and len(text) < 8):
        raise Invalid.because("value", "_count must be a whole number")
    read.count, read.wants_total = min(int(text), MOST), read.wants_total or int(text) == 0


def _sort(read: _Reading, name: str, text: str) -> None:
    by = text.removeprefix("-")
    if by not in _SORTS or (by != "_lastUpdated" and by not in KINDS[read.kind].parameters):
        raise Invalid.because("not-supported", f"_sort may be _lastUpdated or the clinical time of a {read.kind}")
    is_changed = _SORTS[by] == "changed"
    read.order = Order("changed" if is_changed else "date", is_descending=text.startswith("-"))


def _after(read: _Reading, name: str, text: str) -> None:
    value, tilde, id_ = text.partition("~")
    is_number = value.isascii() and value.removeprefix("-").isdecimal() and len(value) <= 20
    if not tilde or not is_number or abs(int(value)) >= 2**63:
        raise Invalid.because("value", "_after must be that of the link to the next page")
    read.after = After(int(value), id_)


def _total(read: _Reading, name: str, text: str) -> None:
    if text not in ("none", "estimate", "accurate"):
        raise Invalid.because("value", "_total must be none, estimate or accurate")
    read.wants_total = text != "none"


def _summary(read: _Reading, name: str, text: str) -> None:
    if text not in ("count", "false"):
        raise Invalid.because("not-supported", "_summary may be count or false")
    if text == "count":
        read.count, read.wants_total = 0, True


def _include(read: _Reading, name: str, text: str) -> None:
    is_reverse = name.startswith("_rev")
    kind, _colon, rest = text.partition(":")
    parameter, _colon, target = rest.partition(":")
    source = KINDS.get(kind)
    is_known = source is not None and (parameter in source.references or (parameter == "*" and not is_reverse))
    if not is_known or (target and target not in KINDS):
        raise Invalid.because(
            "value", f"{name[:40]} must be Kind:parameter of a reference, such as Observation:patient"
        )
    read.includes.append(Include(kind, parameter, target, is_reverse))


_RESULT_PARAMETERS: Mapping[str, Callable[[_Reading, str, str], None]] = {
    "_after": _after,
    "_count": _count,
    "_include": _include,
    "_revinclude": _include,
    "_sort": _sort,
    "_summary": _summary,
    "_total": _total,
}
