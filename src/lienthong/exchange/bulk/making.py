"""Makes one export: walks over everything that may be read, of one view of the database, and writes it into files.

Nothing is kept in memory but the batch that is being written and a bit for each patient record. An export that is
interrupted begins anew: the view that it had is gone, and another has another instant.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.utils import timezone

from lienthong.core.limits import most_export_lines
from lienthong.errors import NotFound
from lienthong.exchange.bulk.files import WrittenFile, lines_of
from lienthong.exchange.bulk.marked import Marked
from lienthong.exchange.bulk.models import BulkExport
from lienthong.exchange.bulk.pseudonyms import Pseudonyms
from lienthong.exchange.bulk.snapshot import Snapshot, snapshot
from lienthong.exchange.fhir.own.few import PLACES, find_few
from lienthong.exchange.fhir.showing import show
from lienthong.exchange.fhir.shown import Shown
from lienthong.interop.fhir import Element, Issue, operation_outcome, r4
from lienthong.registry import reads as registry
from lienthong.registry.reads import FacilityFacts
from lienthong.results.oversight import OversightReach
from lienthong.results.reads import Reach, reach_of_facility
from lienthong.results.search import finding
from lienthong.results.search.conditions import Condition, Query

AT_ONCE = 1_000
MESSAGES = "OperationOutcome"
OnProgress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """What an export holds, and as of when: how many resources of each type, which facilities and which records.

    `records` has for each relation that allowed it the patient records of which something was read.
    """

    snapshot: Snapshot
    files: tuple[WrittenFile, ...]
    facilities: tuple[str, ...]
    records: dict[str, Marked]

    def counts(self) -> Counter[str]:
        """Return how many resources of each type there are."""
        counts: Counter[str] = Counter()
        for one in self.files:
            if not one.is_message:
                counts[one.kind] += one.lines
        return counts


@dataclass(slots=True)
class _Work:
    """One export while it is made."""

    export: BulkExport
    folder: Path
    reach: Reach
    names: Pseudonyms | None
    conditions: tuple[Condition, ...]
    on: dt.date
    on_progress: OnProgress
    written: int = 0
    left_out: int = 0
    facility_ids: set[int] = field(default_factory=set)
    records: Marked = field(default_factory=Marked)
    files: list[WrittenFile] = field(default_factory=list)


def make_export(export: BulkExport, folder: Path, *, at: dt.datetime, on_progress: OnProgress) -> Made:
    """Write the files of an export into a folder; `on_progress` is told the type and the number of resources so far.

    Raises OSError where the disk is full, NotFound where its facility is not in the registry, and what `on_progress`
    raises to stop it.
    """
    on = timezone.localdate(at)
    facility = registry.facility_by_code(export.facility, on=on)
    if facility is None:
        raise NotFound("the facility of the system is not in the registry")
    with snapshot() as view:
        work = _begin(export, folder, facility, view, at=at, on_progress=on_progress)
        for kind in export.kinds:
            _write_kind(work, kind)
        _write_messages(work)
        relations = _relations(work)
        codes = registry.facilities(work.facility_ids, on=on)
    return Made(view, tuple(work.files), tuple(sorted(one.code for one in codes.values())), relations)


def region_of(facility: FacilityFacts, *, on: dt.date) -> dict[int, FacilityFacts]:
    """Return the facilities that lie in the region of a facility, itself among them, by key."""
    region = facility.region_path[-1]
    return {key: one for key, one in registry.facilities(on=on).items() if region in one.region_path}


def _begin(
    export: BulkExport,
    folder: Path,
    facility: FacilityFacts,
    view: Snapshot,
    *,
    at: dt.datetime,
    on_progress: OnProgress,
) -> _Work:
    on = timezone.localdate(at)
    reach, names = reach_of_facility(facility, at=at), None
    if export.is_oversight:
        region = region_of(facility, on=on)
        names = Pseudonyms.of_centre(facility.code, region)
        reach = OversightReach(facility.id, facility.code, reach.country_ids, at, frozenset(region))
    conditions = (view.changed_since(export.since),) if export.since else ()
    return _Work(export, folder, reach, names, conditions, on, on_progress)


def _write_kind(work: _Work, kind: str) -> None:
    with lines_of(work.folder, kind, most=most_export_lines()) as lines:
        for batch in _batches(work, kind):
            for one, element in _told(work, batch):
                lines.write(r4.write_json(element))
                work.written += 1
                if one.facility_id is not None:
                    work.facility_ids.add(one.facility_id)
            work.records.add(one.record_id for one in batch if one.record_id is not None)
            work.on_progress(kind, work.written)
    work.files += lines.files


def _batches(work: _Work, kind: str) -> Iterator[Sequence[Shown]]:
    """Facilities and definitions have no time of change: they come whenever they are asked for (STU 2, _since)."""
    yield _few(work, kind)
    if kind in PLACES and work.names:
        return
    query = Query(kind, work.conditions, work.reach)
    for hits in finding.walk(query, at_once=AT_ONCE):
        yield show(kind, hits, reader=work.export.reader, on=work.on, reach=work.reach)


def _few(work: _Work, kind: str) -> list[Shown]:
    """A centre is told of the facilities of its region only."""
    found = find_few(kind, [], on=work.on)
    return [one for one in found if work.names is None or one.facility_id in work.names.facilities]


def _told(work: _Work, batch: Sequence[Shown]) -> Iterator[tuple[Shown, Element]]:
    for one in batch:
        element = work.names.resource(one) if work.names else one.element
        if element is None:
            work.left_out += 1
        else:
            yield one, element


def _write_messages(work: _Work) -> None:
    """Write what of the request, and of what was found, is not in the files: a message in each line."""
    issues = [Issue("warning", code, "", message) for code, message in work.export.told]
    if work.left_out:
        told = f"{work.left_out} resources are left out: a modifier extension changes what they say, and can't be told"
        issues.append(Issue("warning", "suppressed", "", told))
    with lines_of(work.folder, MESSAGES, most=most_export_lines(), is_message=True) as lines:
        for one in issues:
            lines.write(r4.write_json(operation_outcome([one])))
    work.files += lines.files


def _relations(work: _Work) -> dict[str, Marked]:
    """Return the records that were read by the relation that allows it, for the audit log."""
    found: dict[str, Marked] = {}
    for some in work.records.some_at_a_time(AT_ONCE):
        relations = work.reach.relations(some)
        for one in some:
            found.setdefault(relations.get(one, ""), Marked()).add([one])
    return found
