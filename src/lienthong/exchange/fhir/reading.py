"""Reads and searches what a caller may see; each patient record that is read goes into the audit log first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from lienthong.core import audit
from lienthong.exchange.fhir.acting import found_by, presented
from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.chains import of_patients
from lienthong.exchange.fhir.errors import Gone, NotHere
from lienthong.exchange.fhir.kinds import KINDS
from lienthong.exchange.fhir.own import binaries
from lienthong.exchange.fhir.own.few import PLACES, find_few
from lienthong.exchange.fhir.own.rows import own_versions
from lienthong.exchange.fhir.query import Asked, Include
from lienthong.exchange.fhir.received import received_versions
from lienthong.exchange.fhir.showing import show
from lienthong.exchange.fhir.shown import Shown
from lienthong.interop.fhir.r4.search import ReferenceValue, search_values
from lienthong.results.resources.compartment import OF_PATIENT
from lienthong.results.resources.names import is_name, name_of
from lienthong.results.search import finding, loading
from lienthong.results.search.conditions import After, Condition, Hit, Named, Query, RefersTo

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
    found = _file(id_, caller) if kind == "Binary" else None
    found = found or _one(kind, id_, caller)
    note([found], caller)
    return found


def _file(id_: str, caller: FhirCaller) -> Shown | None:
    """Return a file or a picture beside a report of the house that may be read; None where the id names none."""
    named = binaries.named(id_)
    if named is None:
        return None
    reported = _of_report(named, caller)
    element = binaries.binary(named, id_, changed_at=reported.changed_at) if reported else None
    if reported is None or element is None:
        return None
    return replace(reported, kind="Binary", id=id_, version=1, element=element, name=None)


def _of_report(named: binaries.Named, caller: FhirCaller) -> Shown | None:
    """Return the image, else the report, by which a file is read: as far as the caller's reach goes."""
    kind, key = ("Media", named.key) if named.kind == "image" else ("DiagnosticReport", named.report_id)
    hits = finding.find(Query(kind, (Named((), (str(key),)),), caller.reach, count=1))
    return next(iter(show(kind, hits[:1], reader=caller.reader, on=caller.on)), None)


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
    now = (_file(id_, caller) if kind == "Binary" else None) or _one(kind, id_, caller)
    note([now], caller)
    if now.name:
        reader, is_sender = caller.reader_of(kind), now.facility_id == caller.facility.id
        newest, *earlier = received_versions(now, reader=reader, is_sender=is_sender)
        return [*presented(kind, [newest], at=caller.at), *earlier]
    return own_versions(now, reader=caller.reader, on=caller.on)


Picking = Callable[[Sequence[Shown]], Sequence[Shown]]


def search(asked: Asked, *, caller: FhirCaller, picking: Picking = tuple) -> Page:
    """Return a page of what meets all conditions; `picking` chooses what of it is answered."""
    caller.check(asked.kind, "s")
    query = replace(asked.query, conditions=found_by(asked.kind, asked.query.conditions, caller=caller))
    few = find_few(asked.kind, query.conditions, on=caller.on)
    first, after = _page_of_few(few, query)
    left = replace(query, count=query.count - len(first), after=None if _is_among_few(query) else query.after)
    hits = finding.find(left) if query.count and after is None else []
    found = picking([*first, *_shown(asked.kind, hits[: left.count], caller)])
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
    found: list[str] = []
    sender, asked = caller.writes_for(kind).code, found_by(kind, conditions, caller=caller)
    query = Query(kind, asked, caller.reach, count=100)
    while len(found) < 2:
        hits = finding.find(query)
        facts = loading.resources([UUID(one.id) for one in hits[: query.count] if one.is_received])
        found += [one.own_id for one in facts.values() if one.source == sender]
        if len(hits) <= query.count:
            break
        last = hits[query.count - 1]
        query = replace(query, after=After(last.sort_value, last.id))
    return found[:2]


def read_written(versions: Mapping[str, int], *, caller: FhirCaller) -> dict[str, Shown]:
    """Return resources that the caller has written, by `Kind/id`, as far as its token may read them.

    One that has another version by now than the one given is left out: it is not what was written.
    """
    names: dict[str, list[UUID]] = {}
    for kind, _slash, id_ in (one.partition("/") for one in versions):
        if caller.caller.may(kind, "r"):
            names.setdefault(kind, []).append(name_of(kind, source=caller.writes_for(kind).code, own_id=id_))
    found = [one for kind, several in names.items() for one in _by_names(kind, several, caller)]
    same = [one for one in found if versions.get(one.reference) == one.version]
    note(same, caller)
    return {one.reference: one for one in same}


def _by_names(kind: str, names: Sequence[UUID], caller: FhirCaller) -> list[Shown]:
    query = Query(kind, (Named(tuple(names), ()),), caller.reach, count=len(names))
    return _shown(kind, finding.find(query), caller)


def _one(kind: str, id_: str, caller: FhirCaller) -> Shown:
    named = Named(tuple(caller.names_of(kind, id_)), (id_,))
    if few := find_few(kind, [named], on=caller.on):
        return few[0]
    hits = finding.find(Query(kind, (named,), caller.reach, count=2))
    found = _shown(kind, hits, caller)
    if not found:
        raise NotHere.because("not-found", f"there is no {kind} with this id, or it may not be seen")
    return min(found, key=lambda one: one.name is None or one.is_of_other)  # an id of the caller's own means its own


def _shown(kind: str, hits: Sequence[Hit], caller: FhirCaller) -> list[Shown]:
    reader = caller.reader_of(kind)
    found = show(kind, hits, reader=reader, on=caller.on, reach=caller.reach, edition=caller.edition)
    return presented(kind, found, at=caller.at)


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
            if one.is_of_other and kind not in PLACES and not is_name(id_):
                continue  # an id of its sender, which may be another resource's with the caller
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
        if isinstance(value, ReferenceValue) and value.type and value.id and "://" not in value.url
    ]


def _by_ids(kind: str, ids: Iterable[str], caller: FhirCaller) -> list[Shown]:
    several = sorted(ids)
    names = tuple(name for one in several for name in caller.names_of(kind, one))
    named = Named(names, tuple(several))
    few = find_few(kind, [named], on=caller.on)
    hits = finding.find(Query(kind, (named,), caller.reach, count=MOST_INCLUDED))
    return [*few, *_shown(kind, hits, caller)]


def _pointing_to(found: Sequence[Shown], include: Include, caller: FhirCaller) -> list[Shown]:
    if not caller.caller.may(include.kind, "s"):
        return []
    targets = [one for one in found if include.target in ("", one.kind)]
    asked: Condition = RefersTo(include.parameter, tuple(one.target for one in targets))
    if include.parameter in OF_PATIENT and all(one.kind == "Patient" for one in targets):
        asked = of_patients([one.id for one in targets], caller)
    hits = finding.find(Query(include.kind, (asked,), caller.reach, count=MOST_INCLUDED))
    return _shown(include.kind, hits, caller)


def note(read_now: Iterable[Shown], caller: FhirCaller) -> None:
    """Write which patient records are read, one event for each; the answer waits for it."""
    by_record = {one.record_id: (one.kind, one.id) for one in read_now if one.record_id is not None}
    relations = caller.reach.relations(by_record)
    audit.record_reads(
        {record: (*of, relations.get(record, "")) for record, of in by_record.items()},
        by=caller.user,
        at=caller.at,
        facility=caller.facility.code,
    )
