"""Reads and searches what a caller may see; each patient record that is read goes into the audit log first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from lienthong.core import audit
from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.errors import Gone, NotHere
from lienthong.exchange.fhir.kinds import KINDS
from lienthong.exchange.fhir.own.few import find_few
from lienthong.exchange.fhir.query import Asked, Include
from lienthong.exchange.fhir.showing import Shown, own_versions, show, shown
from lienthong.interop.fhir.r4.search import ReferenceValue, search_values
from lienthong.results.search import finding, loading
from lienthong.results.search.conditions import After, Condition, Named, Query, RefersTo

MOST_INCLUDED = 1_000
FEW = -(2**62)  # stands in `_after` where a page ends among what the house has few of


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search: what was found, what is included with it, where the next begins, how many there are."""

    found: tuple[Shown, ...]
    included: tuple[Shown, ...] = ()
    after: After | None = None
    total: int | None = None


def read(kind: str, id_: str, *, caller: FhirCaller) -> Shown:
    """Return a resource as it is now; raise NotHere, Gone."""
    caller.check(kind, "r")
    found = _one(kind, id_, caller)
    note([found], caller)
    return found


def read_version(kind: str, id_: str, version: str, *, caller: FhirCaller) -> Shown:
    """Return one version of a resource; raise NotHere, Gone."""
    found = next((one for one in history(kind, id_, caller=caller) if str(one.version) == version), None)
    if found is None:
        raise NotHere.because("not-found", f"there is no such version of the {kind}")
    if found.is_deleted:
        raise Gone.because("deleted", f"this version deleted the {kind}")
    return found


def history(kind: str, id_: str, *, caller: FhirCaller) -> list[Shown]:
    """Return the versions of a resource, newest first; of a row of the house that keeps none, the present one."""
    caller.check(kind, "r")
    now = _one(kind, id_, caller)
    note([now], caller)
    names = [name for name in caller.names_of(kind, id_) if name in loading.existing([name])]
    if names:
        return shown(loading.versions(names[0]), reader=caller.reader)
    return own_versions(id_, reader=caller.reader, on=caller.on) if kind == "Observation" else [now]


def search(asked: Asked, *, caller: FhirCaller) -> Page:
    """Return a page of what meets all conditions."""
    caller.check(asked.kind, "s")
    query = asked.query
    few = find_few(asked.kind, query.conditions, on=caller.on)
    first, after = _page_of_few(few, query)
    left = replace(query, count=query.count - len(first), after=None if _is_among_few(query) else query.after)
    hits = finding.find(left) if query.count and after is None else []
    found = [*first, *show(asked.kind, hits[: left.count], reader=caller.reader, on=caller.on)]
    if len(hits) > left.count:
        last = hits[left.count - 1] if left.count else None
        after = After(last.sort_value, last.id) if last else After(FEW, first[-1].id)
    total = finding.count(query) + len(few) if asked.wants_total else None
    included = _included(found, asked.includes, caller)
    note([*found, *included], caller)
    return Page(tuple(found), tuple(included), after, total)


def _is_among_few(query: Query) -> bool:
    return query.after is not None and query.after.value == FEW


def _page_of_few(few: Sequence[Shown], query: Query) -> tuple[list[Shown], After | None]:
    """Return what of the few stands on the page, before all that is found, and where the next begins if more follow."""
    if query.after and not _is_among_few(query):
        return [], None
    rest = [one for one in few if query.after is None or one.id > query.after.id]
    page = rest[: query.count]
    return page, After(FEW, page[-1].id) if page and len(rest) > len(page) else None


def own_matches(kind: str, conditions: Sequence[Condition], *, caller: FhirCaller) -> list[str]:
    """Return the ids of the sender's own resources that meet conditions, two at most (R4, http, conditional create)."""
    hits = finding.find(Query(kind, tuple(conditions), caller.reach, count=100))
    facts = loading.resources([UUID(one.id) for one in hits if one.is_received])
    return [one.own_id for one in facts.values() if one.source == caller.writes_for().code][:2]


def _one(kind: str, id_: str, caller: FhirCaller) -> Shown:
    named = Named(tuple(caller.names_of(kind, id_)), (id_,))
    if few := find_few(kind, [named], on=caller.on):
        return few[0]
    hits = finding.find(Query(kind, (named,), caller.reach, count=2))
    found = show(kind, hits[:1], reader=caller.reader, on=caller.on)
    if not found:
        raise NotHere.because("not-found", f"there is no {kind} with this id, or it may not be seen")
    return found[0]


def _included(found: Sequence[Shown], includes: Sequence[Include], caller: FhirCaller) -> list[Shown]:
    """Return what is asked for beside the matches, each once and no match again; a kind without a scope is left out."""
    seen = {(one.kind, one.id) for one in found}
    included: list[Shown] = []
    for include in includes:
        more = _pointing_to(found, include, caller) if include.is_reverse else _pointed_at(found, include, caller)
        for one in more:
            if (one.kind, one.id) not in seen and len(included) < MOST_INCLUDED:
                seen.add((one.kind, one.id))
                included.append(one)
    return included


def _pointed_at(found: Iterable[Shown], include: Include, caller: FhirCaller) -> list[Shown]:
    wanted: dict[str, set[str]] = {}
    for one in found:
        if one.kind != include.kind:
            continue
        for target in _targets(one, include):
            kind, _slash, id_ = target.partition("/")
            if kind in KINDS and caller.caller.may(kind, "r") and include.target in ("", kind):
                wanted.setdefault(kind, set()).add(id_)
    return [one for kind, ids in wanted.items() for one in _by_ids(kind, ids, caller)]


def _targets(one: Shown, include: Include) -> list[str]:
    wanted = KINDS[one.kind].references if include.parameter == "*" else (include.parameter,)
    values = search_values(one.element, one.kind)
    return [
        f"{value.type}/{value.id}"
        for code in wanted
        for value in values.get(code, ())
        if isinstance(value, ReferenceValue) and value.type and value.id
    ]


def _by_ids(kind: str, ids: Iterable[str], caller: FhirCaller) -> list[Shown]:
    several = sorted(ids)
    names = tuple(name for one in several for name in caller.names_of(kind, one))
    named = Named(names, tuple(several))
    few = find_few(kind, [named], on=caller.on)
    hits = finding.find(Query(kind, (named,), caller.reach, count=MOST_INCLUDED))
    return [*few, *show(kind, hits, reader=caller.reader, on=caller.on)]


def _pointing_to(found: Sequence[Shown], include: Include, caller: FhirCaller) -> list[Shown]:
    if not caller.caller.may(include.kind, "s"):
        return []
    targets = [one.target for one in found if include.target in ("", one.kind)]
    asked = [RefersTo(include.parameter, tuple(targets))]
    hits = finding.find(Query(include.kind, tuple(asked), caller.reach, count=MOST_INCLUDED))
    return show(include.kind, hits, reader=caller.reader, on=caller.on)


def note(read_now: Iterable[Shown], caller: FhirCaller, *, relation: str = "") -> None:
    """Write which patient records are read, one event for each; the answer waits for it."""
    by_record = {one.record_id: (one.kind, one.id) for one in read_now if one.record_id is not None}
    relations = {} if relation else caller.reach.relations(by_record)
    audit.record_reads(
        {record: (*of, relations.get(record, relation)) for record, of in by_record.items()},
        by=caller.user,
        at=caller.at,
        facility=caller.facility.code,
    )
