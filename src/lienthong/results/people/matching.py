"""Who is this: the records that could be the person of a question, best first. Nothing is created."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from lienthong.results.identity import Outcome, Side, Verdict, judge, match_keys, model
from lienthong.results.people.known_patients import CROWDED, FIELDS, Book, Known

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
    connection.ensure_connection()
    rows = connection.connection.execute(_NEAR, [list(keys), CROWDED], prepare=True).fetchall()
    judged = (Match(record, judge(asked, record.side(), by=model())) for record in map(book.keep, rows))
    found = [one for one in judged if one.verdict.outcome is not Outcome.DIFFERENT]
    return sorted(found, key=lambda one: (-one.verdict.bits, -one.record.updated_at.timestamp(), -one.record.id))
