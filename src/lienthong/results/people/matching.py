"""Who is this: the records that could be the person of a question, best first. Nothing is created."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from lienthong.core.bulk import fetch_prepared
from lienthong.results.identity import (
    NATIONAL,
    Outcome,
    Side,
    Verdict,
    identifier_kind,
    judge,
    match_keys,
    model,
    read_number,
)
from lienthong.results.people.known_patients import CROWDED, FIELDS, Book, Known
from lienthong.results.reach import Reach

_NEAR = f"""
SELECT {FIELDS} FROM results_patientrecord r
LEFT JOIN results_personlink l ON l.record_id = r.id AND l.superseded_at IS NULL
WHERE r.id IN (
  SELECT few.record_id FROM unnest(%s::bigint[]) AS asked(key)
  CROSS JOIN LATERAL (SELECT k.record_id FROM results_matchkey k WHERE k.key = asked.key LIMIT %s) few
)
"""  # noqa: S608 — made of constants


@dataclass(frozen=True, slots=True)
class Match:
    """A record, the person it leads to, and how it compares."""

    record: Known
    verdict: Verdict


def find_matches(asked: Side) -> list[Match]:
    """Return the records that share a key with what is asked and may be the person, by weight; one statement."""
    keys = match_keys(
        names=asked.names, birth_date=asked.birth_date, numbers=asked.numbers, phone=asked.phone, address=asked.address
    )
    book = Book()
    rows = fetch_prepared(_NEAR, [list(keys), CROWDED])
    judged = (Match(record, judge(asked, record.side(), by=model())) for record in map(book.keep, rows))
    found = [one for one in judged if one.verdict.outcome is not Outcome.DIFFERENT]
    return sorted(found, key=lambda one: (-one.verdict.bits, -one.record.updated_at.timestamp(), -one.record.id))


def side_of(*, identifiers: Collection[tuple[str, str]], birth_date: dt.date | None, sex: str, name: str) -> Side:
    """Return what is asked of traits: of the numbers the national ones count, in doubt where they contradict."""
    values = [value for system, value in identifiers if identifier_kind(system=system, type_code="") == NATIONAL]
    numbers = tuple(one for value in values if (one := read_number(NATIONAL, value)))
    doubted = frozenset(one for one in numbers if one.problem_with(birth_date=birth_date, sex=sex))
    return Side(full_name=name, birth_date=birth_date, sex=sex, numbers=numbers, doubted=doubted)


def find_one(asked: Side, *, reach: Reach | None) -> int | None:
    """Return the record last updated of the one person who is asked for; None where there is none, or several."""
    same = {one.record.id: one.record for one in find_matches(asked) if one.verdict.outcome is Outcome.SAME}
    found = [same[key] for key in reach.relations(same)] if reach else [*same.values()]
    latest = max(found, key=lambda record: (record.updated_at, record.id), default=None)
    return latest.id if latest and len({record.person_id for record in found}) == 1 else None
