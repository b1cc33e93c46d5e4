"""Which resources were written, in an order into which nothing is put in later, for whoever must follow each change.

The transaction that writes a resource, or a row that is shown as one, notes it here. Its place is given after the
commit, by one at a time: keys that are drawn before a commit are no order, as a transaction that takes long commits
behind those that began after it. Results and reports whose rows change are told by the log (`results.feed`) as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from lienthong.core.bulk import change_prepared, change_rows, fetch_prepared, fetch_rows

# Places begin behind every place of a leaf of the log, so that one number orders what goes out by both.
FIRST_PLACE = 2**62
NOTHING_YET = -1
FOLLOWED = frozenset(("DiagnosticReport", "Observation", "Patient", "ServiceRequest", "Specimen"))
NO_RESULTS = "no-results"
_ONE_NUMBERER = 0x6368616E6765  # advisory lock, "change"
_NOTE = "INSERT INTO results_resourcechange (kind, subject) SELECT * FROM unnest(%s::text[], %s::text[])"
# A Patient tells of the other records of the person: whoever was together with one that moved is another now.
_NOTE_PEOPLE = """
INSERT INTO results_resourcechange (kind, subject)
SELECT 'Patient', record_id::text FROM (
  SELECT unnest(%(changed)s::bigint[]) AS record_id
  UNION
  SELECT other.record_id FROM results_personlink own
  JOIN results_personlink other ON other.person_id = own.person_id AND other.superseded_at IS NULL
  WHERE own.record_id = ANY(%(moved)s)
) AS told
"""
_TAKE_TURN = "SELECT pg_try_advisory_xact_lock(%s)"
_NUMBER = """
UPDATE results_resourcechange AS kept SET place = numbered.place
FROM (
  SELECT id, nextval('results_resourcechange_place') AS place
  FROM (SELECT id FROM results_resourcechange WHERE place IS NULL ORDER BY id LIMIT %s) AS waiting
) AS numbered
WHERE kept.id = numbered.id
"""
_AFTER = "SELECT place, kind, subject FROM results_resourcechange WHERE place > %s ORDER BY place LIMIT %s"
_END = "SELECT max(place) FROM results_resourcechange"
_FORGET = """
DELETE FROM results_resourcechange WHERE id = ANY(ARRAY(
  SELECT id FROM results_resourcechange WHERE place <= %s ORDER BY place LIMIT %s))
"""
# Whose message waits as a whole; whose row its message wrote, so that the log tells it; what waits to be a row. A
# report that was sent without any result waits for a person only, and can't become another than it is.
_OTHERWISE = """
SELECT r.id FROM results_resource r LEFT JOIN results_inbox m ON m.id = r.inbox_id
WHERE r.id = ANY(%s) AND (
  (m.state IN ('received', 'held') AND m.reason <> %s)
  OR EXISTS (SELECT 1 FROM results_{table} o WHERE o.resource_id = r.id AND o.inbox_id = r.inbox_id)
  OR (m.results_held > 0 AND NOT EXISTS (SELECT 1 FROM results_{table} o WHERE o.resource_id = r.id)))
"""
_ROWS = {"DiagnosticReport": "report", "Observation": "result"}


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """That a resource was written: its place, its kind, and the id it is found by, its name or that of a row."""

    position: int
    kind: str
    subject: str


def note_changes(changed: Iterable[tuple[str, object]]) -> None:
    """Note resources, as kind and id, that the caller's transaction writes; other kinds are followed by nobody."""
    noted = [(kind, str(subject)) for kind, subject in changed if kind in FOLLOWED]
    if noted:
        change_prepared(_NOTE, [list(column) for column in zip(*noted, strict=True)])


def note_people(changed: Collection[int], *, moved: Collection[int] = ()) -> None:
    """Note patient records that the caller's transaction changed, and all that were together with those it moved."""
    if moved:
        change_prepared(_NOTE_PEOPLE, {"changed": sorted(changed), "moved": sorted(moved)})
    else:
        note_changes(("Patient", one) for one in sorted(changed))


def number_changes(*, limit: int = 10_000) -> int:
    """Give a place to at most `limit` changes that were committed since; return how many.

    0 as well where another is at it.
    """
    with transaction.atomic():
        if not fetch_prepared(_TAKE_TURN, [_ONE_NUMBERER])[0][0]:
            return 0
        return change_rows(_NUMBER, [limit])


def resource_changes_after(position: int, *, limit: int) -> list[ResourceChange]:
    """Return at most `limit` changes behind a place, in order; NOTHING_YET begins with the first that is kept."""
    return [ResourceChange(*row) for row in fetch_rows(_AFTER, [position, limit])]


def end_of_resource_changes() -> int:
    """Return the place of the last change: who begins there is told of what comes from now on. NOTHING_YET where none
    is kept.
    """
    last = fetch_prepared(_END, [])[0][0]
    return NOTHING_YET if last is None else int(last)


def forget_resource_changes(up_to: int, *, limit: int = 10_000) -> int:
    """Take away changes up to a place, behind which everybody is; return how many."""
    gone = 0
    while count := change_rows(_FORGET, [up_to, limit]):
        gone += count
    return gone


def told_otherwise(kind: str, names: Sequence[UUID]) -> set[UUID]:
    """Return those of these Observations or DiagnosticReports of which the log tells, or will when they are a result.

    What waits in the inbox is noted again when it is stored.
    """
    if kind not in _ROWS or not names:
        return set()
    return {row[0] for row in fetch_rows(_OTHERWISE.format(table=_ROWS[kind]), [list(names), NO_RESULTS])}
