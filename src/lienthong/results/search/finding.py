"""Finds resources: those as received and the house's own rows of a kind, a page at a time or one after the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import connection

from lienthong.core.bulk import fetch_by_one_plan
from lienthong.results.models import PatientRecord
from lienthong.results.reach import Reach
from lienthong.results.search import imaging, observations, orders, patients, reports, specimens
from lienthong.results.search.branches import YES, Branch, Part, all_of
from lienthong.results.search.conditions import Condition, Hit, InTime, OfPatients, Query
from lienthong.results.search.received import received
from lienthong.results.search.visible import of_known_records

MOST_RECORDS = 100
SOME_DAYS = dt.timedelta(days=8)
_FROM, _UNTIL = frozenset(("eq", "ap", "ge", "gt", "sa")), frozenset(("eq", "ap", "le", "lt", "eb"))

OWN: Mapping[str, Branch] = {
    "DiagnosticReport": reports.OWN,
    "ImagingStudy": imaging.STUDIES,
    "Media": imaging.MEDIA,
    "Observation": observations.OWN,
    "Patient": patients.OWN,
    "ServiceRequest": orders.OWN,
    "Specimen": specimens.OWN,
}


def find(query: Query) -> list[Hit]:
    """Return up to `count` + 1 hits behind `after`: one more than a page says that there is a next."""
    whole = _records_read_whole(query)
    parts = [_select(branch, query, whole) for branch in _branches(query.kind)]
    way = "DESC" if query.order.is_descending else "ASC"
    together = " UNION ALL ".join(f"({one.sql})" for one in parts)
    # A limit that is not written out counts as a tenth of what is found when one plan is made for all values: whole
    # tables would be read in the order that is asked for.
    statement = f"SELECT * FROM ({together}) AS found ORDER BY 3 {way}, 2 {way} LIMIT {query.count + 1:d}"  # noqa: S608 — names are constants
    parameters: list[Any] = [value for one in parts for value in one.parameters]
    return [Hit(*row) for row in _rows(statement, parameters, whole)]


def records(kind: str, condition: Condition, among: OfPatients, *, reach: Reach) -> list[int]:
    """Return those of some patients' records of which something of a kind meets a condition and may be read.

    They are asked for a part at a time, so that never more is read than what is theirs.
    """
    asked = sorted(set(among.record_ids))
    parts = [tuple(asked[at : at + MOST_RECORDS]) for at in range(0, len(asked), MOST_RECORDS)]
    of_parts = [replace(among, record_ids=part, resources=()) for part in parts]
    return [record for part in of_parts for record in _records(Query(kind, (condition, part), reach))]


def _records(query: Query) -> list[int]:
    whole = _records_read_whole(query)
    several = [(branch, _where(branch, query, whole)) for branch in _branches(query.kind)]
    statement = " UNION ".join(
        f"SELECT {branch.record} FROM {branch.tables} WHERE {where.sql}"  # noqa: S608 — names are constants
        for branch, where in several
    )
    return [row[0] for row in _rows(statement, [one for _branch, where in several for one in where.parameters], whole)]


def _rows(statement: str, parameters: list[Any], whole: frozenset[int]) -> list[Any]:
    if whole:
        return fetch_by_one_plan(statement, parameters)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def _records_read_whole(query: Query) -> frozenset[int]:
    """Return the patient records that are asked for, if all may be read whole; the search need not ask row by row."""
    asked = [one for one in query.conditions if isinstance(one, OfPatients)]
    if len(asked) != 1 or not 0 < len(asked[0].record_ids) <= MOST_RECORDS:
        return frozenset()
    records = frozenset(asked[0].record_ids)
    if asked[0].facility_ids <= query.reach.own_facility_ids:
        return records
    whole = PatientRecord.objects.filter(query.reach.whole_records(), pk__in=records).count()
    return records if whole == len(records) else frozenset()


def walk(query: Query, *, at_once: int) -> Iterator[list[Hit]]:
    """Yield everything that is found, `at_once` hits at most at a time, in no order; needs the caller's transaction.

    The hits stay at the server until they are fetched, so that memory does not grow with them.
    """
    for branch in _branches(query.kind):
        where = _where(branch, query)
        columns = f"{branch.is_received}, {branch.id}, {branch.changed}, {branch.record}, {branch.changed}"
        statement = f"SELECT {columns} FROM {branch.tables} WHERE {where.sql}"  # noqa: S608 — names are constants
        parameters: list[Any] = [*where.parameters]
        with connection.chunked_cursor() as cursor:
            cursor.execute(statement, parameters)
            while rows := cursor.fetchmany(at_once):
                yield [Hit(*row) for row in rows]


def count(query: Query) -> int:
    """Return how many there are in all; it takes as long as there are many."""
    parts = [_counted(branch, query) for branch in _branches(query.kind)]
    parameters: list[Any] = [value for one in parts for value in one.parameters]
    statement = f"SELECT {' + '.join(f'({one.sql})' for one in parts)}"
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: int = cursor.fetchone()[0]
    return found


def _branches(kind: str) -> Sequence[Branch]:
    return (received(kind), OWN[kind]) if kind in OWN else (received(kind),)


def _select(branch: Branch, query: Query, whole: frozenset[int]) -> Part:
    """Return one branch's page: sorted and cut by itself, so that its index is used and little is joined."""
    sort_value = branch.changed if query.order.by == "changed" else branch.date
    if _is_of_days(query.conditions):  # read by their time and sorted, not all in the order that is asked for
        sort_value = f"({sort_value} + 0)"
    way, sign = ("DESC", "<") if query.order.is_descending else ("ASC", ">")
    where = _where(branch, query, whole)
    if query.after:
        place = Part(f"({sort_value}, {branch.id}) {sign} (%s, %s)", (query.after.value, query.after.id))
        where = all_of([where, place])
    columns = f"{branch.is_received}, {branch.id}, {sort_value}, {branch.record}, {branch.changed}"
    return Part(
        f"SELECT {columns} FROM {branch.tables} WHERE {where.sql} ORDER BY 3 {way}, 2 {way} LIMIT {query.count + 1:d}",  # noqa: S608 — names are constants
        where.parameters,
    )


def _is_of_days(conditions: Sequence[Condition]) -> bool:
    """Whether no more than some days of clinical time are asked for."""
    asked = [one.spans[0] for one in conditions if isinstance(one, InTime) and len(one.spans) == 1]
    begins = [one.end if one.comparison in ("gt", "sa") else one.start for one in asked if one.comparison in _FROM]
    ends = [one.start if one.comparison in ("lt", "eb") else one.end for one in asked if one.comparison in _UNTIL]
    return bool(begins and ends) and min(ends) - max(begins) <= SOME_DAYS


def _counted(branch: Branch, query: Query) -> Part:
    where = _where(branch, query)
    return Part(f"SELECT count(*) FROM {branch.tables} WHERE {where.sql}", where.parameters)  # noqa: S608 — names are constants


def _where(branch: Branch, query: Query, whole: frozenset[int] = frozenset()) -> Part:
    asked = [branch.part(condition) for condition in query.conditions]
    return all_of([Part(branch.holds), *asked, _visible(branch, query, whole)])


def _visible(branch: Branch, query: Query, whole: frozenset[int]) -> Part:
    if not whole or not branch.is_of_record:
        return branch.visible(query.reach)
    return of_known_records(query.reach, whole) if branch.is_received else YES
