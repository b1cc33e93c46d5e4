"""From the parameters of a search to its conditions (R4, Search): what is not understood is refused, or left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias
from urllib.parse import parse_qsl

from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.errors import Invalid
from lienthong.exchange.fhir.having import HAS, having, is_has
from lienthong.exchange.fhir.kinds import KINDS
from lienthong.exchange.fhir.parameters import read_parameter
from lienthong.interop.fhir import Issue
from lienthong.results.search.conditions import After, Condition, Order, Query

Pairs: TypeAlias = Sequence[tuple[str, str]]
MOST, USUAL = 500, 50
MOST_HAS = 5
# What is asked for is paid by the database that all share: far more than this, and one search stops everybody's.
MOST_PARAMETERS, MOST_VALUES, MOST_CHARACTERS = 100, 2_000, 100_000
_SORTS = {"_lastUpdated": "changed", "date": "date", "collected": "date", "authored": "date", "birthdate": "date"}
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
    """A search as it was asked for: `pairs` are its parameters, for the links of its pages.

    `left_out` tells what of it was not understood, and is not among them.
    """

    kind: str
    query: Query
    includes: tuple[Include, ...] = ()
    wants_total: bool = False
    pairs: tuple[tuple[str, str], ...] = ()
    left_out: tuple[Issue, ...] = ()


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


def parse_search(kind: str, pairs: Pairs, *, caller: FhirCaller, is_lenient: bool = False) -> Asked:
    """Read the parameters of a search; raise Invalid with what is not understood and what is allowed.

    Where it `is_lenient`, a parameter or modifier that is not known here is left out (R4, Search, errors); a value that
    can't be read is refused all the same.
    """
    read = _Reading(kind, caller)
    asked = tuple(pair for pair in pairs if pair[0] not in _OF_ANSWER)
    _check_cost(asked)
    _check_texts(asked)
    kept, left_out = [pair for pair in pairs if pair[0] in _OF_ANSWER], []
    for name, text in _in_order(asked):
        try:
            _take(read, name, text)
        except Invalid as error:
            if not is_lenient or any(one.code != "not-supported" for one in error.issues):
                raise
            left_out += [replace(one, severity="warning", message=f"{one.message}; left out") for one in error.issues]
        else:
            kept.append((name, text))
    query = Query(kind, tuple(read.conditions), caller.reach, read.order, read.after, read.count)
    return Asked(kind, query, tuple(read.includes), read.wants_total, tuple(kept), tuple(left_out))


def _take(read: _Reading, name: str, text: str) -> None:
    bare, _colon, modifier = name.partition(":")
    handler = _RESULT_PARAMETERS.get(bare)
    if handler and modifier:
        raise Invalid.because("not-supported", f"{bare} has no modifier here, such as {modifier[:40]}")
    if handler:
        handler(read, name, text)
    elif text:
        read.conditions.append(_condition(read.kind, name, text, others=read.conditions, caller=read.caller))


def _condition(kind: str, name: str, text: str, *, others: Sequence[Condition], caller: FhirCaller) -> Condition:
    def read(kind: str, name: str, text: str) -> Condition:
        return read_parameter(kind, name, text, caller=caller)

    return having(kind, name, text, others=others, caller=caller, read=read) if is_has(name) else read(kind, name, text)


def _in_order(pairs: Pairs) -> Pairs:
    """Put each `_has` behind what else is asked for, which tells of how many it need be asked; raise Invalid."""
    if sum(is_has(name) for name, _text in pairs) > MOST_HAS:
        raise Invalid.because("too-costly", f"a search may have {MOST_HAS} times {HAS} at most")
    return sorted(pairs, key=lambda pair: is_has(pair[0]))


def parse_condition(kind: str, text: str, *, caller: FhirCaller) -> list[Condition]:
    """Read the condition of a conditional create, update or reference; it must ask for something."""
    if kind not in KINDS:
        raise Invalid.because("not-supported", "this type of resource is not kept here; see /fhir/metadata")
    pairs = [pair for pair in parse_qsl(text, keep_blank_values=True) if pair[0] not in _OF_ANSWER]
    _check_cost(pairs)
    _check_texts(pairs)
    # Left out, as in a search, a blank would let the condition be met by what nobody means.
    if blank := next((name for name, value in pairs if not value.strip(" ,")), ""):
        raise Invalid.because("value", f"{blank[:60]} must have a value in a condition")
    found: list[Condition] = []
    for name, value in _in_order(pairs):
        found.append(_condition(kind, name, value, others=found, caller=caller))
    if not found:
        raise Invalid.because("value", "a condition must name a search parameter and a value, such as identifier=1")
    return found


def _check_cost(pairs: Pairs) -> None:
    """Refuse more parameters, values or characters than a search has; raise Invalid."""
    counted = (
        (len(pairs), MOST_PARAMETERS, "parameters"),
        (sum(1 + text.count(",") for _name, text in pairs), MOST_VALUES, "values"),
        (sum(len(name) + len(text) for name, text in pairs), MOST_CHARACTERS, "characters"),
    )
    for found, most, what in counted:
        if found > most:
            raise Invalid.because("too-costly", f"a search has at most {most} {what}, but got {found}; ask in parts")


def _check_texts(pairs: Pairs) -> None:
    """Refuse a character that neither R4's texts nor the database have."""
    for name, text in pairs:
        if "\0" in text:
            raise Invalid.because("value", f"{name[:60]} has a character that no text has (U+0000)")


def _count(read: _Reading, name: str, text: str) -> None:
    if not (text.isdecimal() and text.isascii() and len(text) < 8):
        raise Invalid.because("value", "_count must be a whole number")
    read.count, read.wants_total = min(int(text), MOST), read.wants_total or int(text) == 0


def _sorts(kind: str) -> list[str]:
    """Return what a kind is sorted by: time of change, clinical time."""
    return [one for one in _SORTS if one == "_lastUpdated" or one in KINDS[kind].parameters]


def _sort(read: _Reading, name: str, text: str) -> None:
    by = text.removeprefix("-")
    if by not in _sorts(read.kind):
        raise Invalid.because(
            "not-supported", f"_sort may be one of {', '.join(_sorts(read.kind))}, with - before it or not"
        )
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
