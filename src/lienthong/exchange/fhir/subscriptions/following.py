"""Which resources of a kind changed, with their places: by the log, where a result or a report changed, and else by
what was noted when a resource, a patient or an order was written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from lienthong.results import feed
from lienthong.results.feed import Change
from lienthong.results.resources.changes import ResourceChange, told_otherwise
from lienthong.results.search import loading

Subjects: TypeAlias = list[tuple[int, str]]


def subjects_of_log(kind: str, changes: Sequence[Change]) -> Subjects:
    """Return places and ids of the resources of a kind that some changes of the log touch."""
    return _OF_LOG[kind](changes) if kind in _OF_LOG else []


def subjects_of_resources(kind: str, changes: Sequence[ResourceChange]) -> Subjects:
    """Return places and ids of the resources of a kind among some changes, without those of which the log tells."""
    of_kind = [(one.position, one.subject) for one in changes if one.kind == kind]
    names = {name for _place, subject in of_kind if (name := name_in(subject))}
    others = {str(name) for name in told_otherwise(kind, sorted(names))}
    return [(place, subject) for place, subject in of_kind if subject not in others]


def name_in(subject: str) -> UUID | None:
    """Return the name of a resource as received; None for the id of a row of the house."""
    try:
        return UUID(subject) if len(subject) == 36 else None
    except ValueError:
        return None


def _observations(changes: Sequence[Change]) -> Subjects:
    """Return results that are new with a change; one that was replaced since comes by that."""
    new = feed.new_results(changes)
    subjects = loading.subjects_of_results({key for several in new.values() for key in several})
    return [(position, subjects[key]) for position, several in new.items() for key in several if key in subjects]


def _reports(changes: Sequence[Change]) -> Subjects:
    """Return reports; one that has a newer version comes by that."""
    subjects = loading.subjects_of_reports({one.report_id for one in changes})
    return [
        (one.position, subjects[one.report_id][0])
        for one in changes
        if one.report_id in subjects and subjects[one.report_id][1] <= one.version
    ]


def _specimens(changes: Sequence[Change]) -> Subjects:
    """Return the specimens that reports name which came as something else than a resource: they have its id."""
    return [(position, subject) for position, subject in _reports(changes) if not name_in(subject)]


_OF_LOG: Mapping[str, Callable[[Sequence[Change]], Subjects]] = {
    "DiagnosticReport": _reports,
    "Observation": _observations,
    "Specimen": _specimens,
}
