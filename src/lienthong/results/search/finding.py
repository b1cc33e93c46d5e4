"""Finds resources: those as received and the house's own rows of a kind in one statement, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from lienthong.results.search import imaging, observations, orders, patients, reports, specimens
from lienthong.results.search.branches import Branch, Part, all_of
from lienthong.results.search.conditions import Hit, Query
from lienthong.results.search.received import received

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
    parts = [_select(branch, query) for branch in _branches(query.kind)]
    way = "DESC" if query.order.is_descending else "ASC"
    together = " UNION ALL ".join(f"({one.sql})" for one in parts)
    statement = f"SELECT * FROM ({together}) AS found ORDER BY 3 {way}, 2 {way} LIMIT %s"  # noqa: S608 — names are constants
    parameters: list[Any] = [*(value for one in parts for value in one.parameters), query.count + 1]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [Hit(*row) for row in cursor.fetchall()]


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


def _select(branch: Branch, query: Query) -> Part:
    """Return one branch's page: sorted and cut by itself, so that its index is used and little is joined."""
    sort_value = branch.changed if query.order.by == "changed" else branch.date
    way, sign = ("DESC", "<") if query.order.is_descending else ("ASC", ">")
    where = _where(branch, query)
    if query.after:
        place = Part(f"({sort_value}, {branch.id}) {sign} (%s, %s)", (query.after.value, query.after.id))
        where = all_of([where, place])
    columns = f"{branch.is_received} AS is_received, {branch.id} AS id, {sort_value} AS sort_value, {branch.record}"
    return Part(
        f"SELECT {columns} FROM {branch.tables} WHERE {where.sql} ORDER BY 3 {way}, 2 {way} LIMIT %s",  # noqa: S608 — names are constants
        (*where.parameters, query.count + 1),
    )


def _counted(branch: Branch, query: Query) -> Part:
    where = _where(branch, query)
    return Part(f"SELECT count(*) FROM {branch.tables} WHERE {where.sql}", where.parameters)  # noqa: S608 — names are constants


def _where(branch: Branch, query: Query) -> Part:
    asked = [branch.part(condition) for condition in query.conditions]
    return all_of([Part(branch.holds), *asked, branch.visible(query.reach)])
