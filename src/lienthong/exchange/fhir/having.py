"""`_has`: what is referred to by something that meets a further search (R4, Search, reverse chaining).

What refers is looked for as the caller would search it: its scope is asked for, and what may not be read counts not.
The cost is bounded. Where an index serves the further search, it comes first; else those that may be meant come first,
and only what refers to them is read. Where they are too many for that, a whole facility would be read: it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.chains import MOST_CHAINED
from lienthong.exchange.fhir.errors import Invalid
from lienthong.exchange.fhir.kinds import KINDS, OF_REFERRING
from lienthong.exchange.fhir.own.few import PLACES, find_few
from lienthong.exchange.fhir.showing import show
from lienthong.exchange.fhir.shown import Shown
from lienthong.interop.fhir.r4.search import ReferenceValue, search_values
from lienthong.results.resources.compartment import OF_PATIENT
from lienthong.results.resources.names import is_name
from lienthong.results.search import finding, loading
from lienthong.results.search.conditions import Condition, HasCode, Hit, Named, OfPatients, Query, RefersTo

HAS = OF_REFERRING[0]
DEEPEST = 3  # `_has` inside `_has`
# Reads a parameter of a kind that is no `_has`: kind, name, value.
Reader = Callable[[str, str, str], Condition]


@dataclass(frozen=True, slots=True)
class _Link:
    """What is asked for: `kind` that a reference of `source` names, of what meets `rest`."""

    kind: str
    source: str
    parameter: str
    rest: str

    @property
    def is_of_patient(self) -> bool:
        return self.kind == "Patient" and self.parameter in OF_PATIENT


def is_has(name: str) -> bool:
    """Whether a parameter is `_has:Type:reference:parameter`."""
    return name.partition(":")[0] == HAS


def having(
    kind: str, name: str, text: str, *, others: Sequence[Condition], caller: FhirCaller, read: Reader, depth: int = 1
) -> Condition:
    """Return the condition of a kind to be referred to; `others` are what else is asked for of it.

    Raises Invalid for what can't be understood or costs too much, and ScopeMissing where the token doesn't let both
    types be searched: whether too many may be meant would else tell how many there are.
    """
    link = _link(kind, name, depth)
    for one in (kind, link.source):
        caller.check(one, "s")
    is_nested = is_has(link.rest)
    inner = None if is_nested else read(link.source, link.rest, text)
    is_quick = inner is not None and _is_indexed(link.source, inner)
    narrow = None if is_quick else _narrow(link, others, caller)
    if inner is None:
        within = narrow or ()
        inner = having(link.source, link.rest, text, others=within, caller=caller, read=read, depth=depth + 1)
    elif narrow is None and not is_quick:
        told = (
            f"more than {MOST_CHAINED} of {kind} may be meant, and what {name[:60]} asks for is served by no index;"
            f" ask for fewer of {kind} in the same search, such as by _id, identifier, name or _lastUpdated"
        )
        raise Invalid.because("too-costly", told)
    return _referred(link, inner, narrow, caller)


def _link(kind: str, name: str, depth: int) -> _Link:
    """Read `_has:Type:reference:parameter`; raise Invalid."""
    source, parameter, rest = ([*name.split(":", 3)[1:], "", "", ""])[:3]
    if source not in KINDS or not parameter or not rest:
        told = "_has must be _has:Type:reference:parameter, such as _has:Observation:patient:code"
        raise Invalid.because("value", told)
    fitting = {code for code, one in KINDS[source].references.items() if not one.targets or kind in one.targets}
    if parameter not in fitting:
        allowed = ", ".join(sorted(fitting))
        told = f"no {parameter[:60]} of {source} refers to {kind}; {allowed or 'none of its parameters'} may"
        raise Invalid.because("not-supported", told)
    if depth > DEEPEST:
        raise Invalid.because("too-costly", f"_has may stand in itself {DEEPEST} deep at most")
    return _Link(kind, source, parameter, rest)


def _is_indexed(kind: str, condition: Condition) -> bool:
    """Whether what meets a condition is found without reading all of a kind; codes of the house's own rows are not."""
    if isinstance(condition, Named | OfPatients):
        return True
    is_coded = isinstance(condition, RefersTo) or (isinstance(condition, HasCode) and not condition.is_negated)
    return is_coded and kind not in finding.OWN


def _narrow(link: _Link, others: Sequence[Condition], caller: FhirCaller) -> tuple[Condition, ...] | None:
    """Return the condition to refer to one of those that may be meant; None where they are too many."""
    hits = finding.find(Query(link.kind, tuple(others), caller.reach, count=MOST_CHAINED))
    if len(hits) > MOST_CHAINED:
        return None
    if link.is_of_patient:
        names = [UUID(one.id) for one in hits if one.is_received]
        return (loading.of_patients(names, [int(one.id) for one in hits if not one.is_received]),)
    few = find_few(link.kind, others, on=caller.on)
    return (RefersTo(link.parameter, (*(f"{link.kind}/{one.id}" for one in hits), *(one.reference for one in few))),)


def _referred(link: _Link, inner: Condition, narrow: tuple[Condition, ...] | None, caller: FhirCaller) -> Condition:
    """Return the condition to be one of those to which something refers that meets the further search."""
    if not link.is_of_patient:
        return _named(link, _pointed_at(link, _found(link, (inner, *(narrow or ())), caller), caller), caller)
    if narrow is None:
        hits = _hits(link, (inner,), caller)
        records = {one.patient_record_id for one in hits if one.patient_record_id is not None}
        waiting = [one for one in hits if one.patient_record_id is None]
        return loading.of_patients(_patients(link, _shown(link, waiting, caller), caller), records)
    [asked] = (one for one in narrow if isinstance(one, OfPatients))
    of_records = finding.records(link.source, inner, asked, reach=caller.reach)
    if not asked.resources:
        return loading.of_patients((), of_records)
    targets = RefersTo(link.parameter, tuple(f"Patient/{one}" for one in asked.resources))
    return loading.of_patients(_patients(link, _found(link, (inner, targets), caller), caller), of_records)


def _hits(link: _Link, conditions: tuple[Condition, ...], caller: FhirCaller) -> list[Hit]:
    hits = finding.find(Query(link.source, conditions, caller.reach, count=MOST_CHAINED))
    if len(hits) > MOST_CHAINED:
        told = f"more than {MOST_CHAINED} of {link.source} meet what {HAS} asks for; ask for fewer"
        raise Invalid.because("too-costly", told)
    return hits


def _found(link: _Link, conditions: tuple[Condition, ...], caller: FhirCaller) -> list[Shown]:
    few = find_few(link.source, conditions, on=caller.on)
    return [*few, *_shown(link, _hits(link, conditions, caller), caller)]


def _shown(link: _Link, hits: Sequence[Hit], caller: FhirCaller) -> list[Shown]:
    return show(link.source, hits, reader=caller.reader_of(link.source), on=caller.on, edition=caller.edition)


def _pointed_at(link: _Link, found: Sequence[Shown], caller: FhirCaller) -> set[str]:
    """Return the ids of what resources refer to, as the caller reads them."""
    ids = set()
    for one in found:
        for value in search_values(one.element, one.kind, codes=(link.parameter,)).get(link.parameter, ()):
            if isinstance(value, ReferenceValue) and value.type == link.kind and _is_shared(one, value.id, link.kind):
                ids.add(value.id)
    return ids


def _is_shared(one: Shown, id_: str, kind: str) -> bool:
    """Whether an id means the same to the caller: of another sender's own, it may be another resource's here."""
    return not one.is_of_other or kind in PLACES or is_name(id_)


def _named(link: _Link, ids: set[str], caller: FhirCaller) -> Named:
    several = sorted(ids)
    return Named(tuple(name for one in several for name in caller.names_of(link.kind, one)), tuple(several))


def _patients(link: _Link, found: Sequence[Shown], caller: FhirCaller) -> tuple[UUID, ...]:
    return _named(link, _pointed_at(link, found, caller), caller).names
