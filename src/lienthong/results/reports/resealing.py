"""The statements of sealed versions, made anew of what is stored now.

The latest version of a report is made of what people are shown: the row of the report and its current results. An older
one is made of its kept head and of the rows that it names. So whatever was changed, added or taken away past the
application gives another digest than the leaf's.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from lienthong.results.imaging.documents import Beside
from lienthong.results.reports.sealing import ResultSaid, Teller, number, statement
from lienthong.results.reports.statements import TIMES, VALUES

_VERSIONS = """
SELECT kept.id, kept.report_id, kept.version, kept.salt, kept.head, kept.results, kept.earlier, NOT EXISTS (
  SELECT FROM results_report_version later
  WHERE later.report_id = kept.report_id AND (later.version, later.id) > (kept.version, kept.id))
FROM results_report_version kept WHERE kept.id = ANY(%s)
"""
_NAMED = """
SELECT report_id, array_agg(DISTINCT named) FROM results_report_version, unnest(results || earlier) AS named
WHERE report_id = ANY(%s) GROUP BY report_id
"""
OWN = (
    *("source", "number", "placer_number", "facility_id", "patient_record_id", "service", "requester", "specimen"),
    *("status", "collected_at", "received_at", "released_at", "comment", "inbox_id"),
)
_REPORTS = f"SELECT id, version, {', '.join(OWN)} FROM results_report WHERE id = ANY(%s)"  # noqa: S608 — made of constants
_BEFORE = ("report_id", "patient_record_id", "is_current", "replaces", "id", "inbox_id", "key", "version", "status")
_RESULTS = f"""
SELECT {", ".join(_BEFORE)}, {", ".join(VALUES)}, {", ".join(TIMES)}, marks
FROM results_result WHERE report_id = ANY(%s) ORDER BY key, version
"""  # noqa: S608 — made of constants


@dataclass(frozen=True, slots=True)
class Resealed:
    """A sealed version as its rows are today. `problem` says what no digest can tell; empty where there is nothing.

    `results` are the keys of the results that stood with the version, as it names them.
    """

    entry: int
    report_id: int
    version: int
    source: str
    salt: bytes
    statement: bytes
    results: tuple[int, ...]
    is_latest: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """A stored result: where it hangs, and what a statement says of it."""

    patient_record_id: int
    is_current: bool
    replaces: int | None
    said: ResultSaid


@dataclass(slots=True)
class _Stored:
    """What is stored of some reports."""

    reports: dict[int, tuple[int, dict[str, Any]]]
    rows: dict[int, list[_Row]]
    named: dict[int, set[int]]
    teller: Teller = field(default_factory=Teller)


def reseal(entries: Collection[int]) -> dict[int, Resealed]:
    """Return the versions sealed under these keys, each made anew; those that are gone are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS, [list(entries)])
        kept = cursor.fetchall()
    stored = _load({row[1] for row in kept})
    return {row[0]: _reseal(row, stored) for row in kept}


def load_results(report_ids: Collection[int], teller: Teller) -> dict[int, list[tuple[bool, ResultSaid]]]:
    """Return what statements say of all stored results of reports, with whether each is current."""
    return {
        report_id: [(row.is_current, row.said) for row in rows] for report_id, rows in _rows(report_ids, teller).items()
    }


def load_reports(report_ids: Collection[int]) -> dict[int, tuple[int, dict[str, Any]]]:
    """Return the version and the own columns of reports as they are stored, with `documents`, the digests of these."""
    beside = Beside()
    beside.load(report_ids)
    with connection.cursor() as cursor:
        cursor.execute(_REPORTS, [list(report_ids)])
        stored = cursor.fetchall()
    return {
        id_: (version, dict(zip(OWN, own, strict=True)) | {"documents": beside.digests(id_)})
        for id_, version, *own in stored
    }


def named_results(report_ids: Collection[int]) -> dict[int, set[int]]:
    """Return the keys of the results that any version of a report names."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, [list(report_ids)])
        return {report_id: set(named) for report_id, named in cursor.fetchall()}


def _load(report_ids: Collection[int]) -> _Stored:
    teller = Teller()
    return _Stored(load_reports(report_ids), _rows(report_ids, teller), named_results(report_ids), teller)


def _rows(report_ids: Collection[int], teller: Teller) -> dict[int, list[_Row]]:
    found: dict[int, list[_Row]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_RESULTS, [list(report_ids)])
        stored = cursor.fetchall()
    for report_id, patient_record_id, is_current, replaces, *said in stored:
        found[report_id].append(_Row(patient_record_id, is_current, replaces, _said(said, teller)))
    return found


def _said(row: Sequence[Any], teller: Teller) -> ResultSaid:
    """Return what a statement says of a stored row: its columns in the order of the statement."""
    *before, value, outcome, range_, low, high = row[:-8]
    flags, comment, filled_in, collected, measured, released, observed, marks = row[-8:]
    times = [teller.time(one) for one in (collected, measured, released, observed)]
    limits, known = (number(low), number(high)), teller.marks(json.loads(marks))
    said = [*before, number(value), outcome, range_, *limits, flags, comment, filled_in, *times, known]
    return ResultSaid(*said)


def _reseal(kept: tuple[Any, ...], stored: _Stored) -> Resealed:
    entry, report_id, version, salt, head, results, earlier, is_latest = kept
    said = json.loads(head)
    rows, problem = stored.rows.get(report_id, []), ""
    if report_id not in stored.reports:
        problem = "the report is gone"
    elif is_latest:
        number_now, own = stored.reports[report_id]
        said, head = own, stored.teller.head(report_id, number_now, own).decode()
        problem = _problem(rows, stored.named.get(report_id, set()))
    patient = said.get("patient_record_id", said.get("patient_record"))
    own_rows = [row for row in rows if row.patient_record_id == patient]
    stand = [row for row in own_rows if (row.is_current if is_latest else row.said.id in results)]
    beside = [row.said for row in own_rows if row.said.id in earlier]
    made = statement(head.encode(), [row.said for row in stand], beside)
    names = report_id, version, said["source"]
    return Resealed(entry, *names, bytes(salt), made, tuple(results), is_latest, problem)


def _problem(rows: Iterable[_Row], named: set[int]) -> str:
    """Say what is wrong with the rows of a report that no statement of it tells."""
    last: dict[str, int] = {}
    for row in rows:
        if row.said.id not in named:
            return "a result was added that no version names"
        if row.replaces != last.get(row.said.key):
            return "a result says that it replaces another than it does"
        last[row.said.key] = row.said.id
    return ""
