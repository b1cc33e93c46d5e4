"""What a batch of patients changes, gathered while it is decided and then written by a few statements."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lienthong.core.bulk import change_prepared, change_rows, copy_rows, drawn_keys, fetch_prepared, fetch_rows
from lienthong.results.identity import Side, Verdict, fold_name, judge, model, read_number
from lienthong.results.identity_models import ReviewCase
from lienthong.results.people.known_patients import Book, Known, OpenCase
from lienthong.results.resources.changes import note_people

if TYPE_CHECKING:
    from lienthong.results.people.patients import PatientClaim

Reason = ReviewCase.Reason
CASES_DRAWN = 100
_RECORD = (
    *("id", "source", "facility_id", "local_system", "local_id", "full_name", "name_key", "other_name", "birth_date"),
    *("sex", "phone", "address", "updated_at"),
)
_CASE = ("id", "record_id", "other_id", "claimed", "reason", "bits", "fields", "is_holding", "opened_at", "state")
_DRAW = """
SELECT nextval(pg_get_serial_sequence('results_patientrecord', 'id')),
  nextval(pg_get_serial_sequence('results_person', 'id'))
FROM generate_series(1, %s)
"""
_UPDATE = """
UPDATE results_patientrecord r SET full_name = n.full_name, name_key = n.name_key, other_name = n.other_name,
  birth_date = n.birth_date, sex = n.sex, phone = n.phone, address = n.address, updated_at = n.updated_at
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::date[], %s::text[], %s::text[], %s::text[],
            %s::timestamptz[])
  AS n(id, full_name, name_key, other_name, birth_date, sex, phone, address, updated_at)
WHERE r.id = n.id
"""
_IDENTIFIERS = """
INSERT INTO results_patientidentifier (record_id, system, value, standing)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[])
ON CONFLICT (record_id, system, value) DO UPDATE SET standing = EXCLUDED.standing
"""
_KEYS = """
INSERT INTO results_matchkey (key, record_id) SELECT * FROM unnest(%s::bigint[], %s::bigint[]) ON CONFLICT DO NOTHING
"""
_END_LINKS = "UPDATE results_personlink SET superseded_at = %s WHERE id = ANY(%s)"
_MOVE_NUMBERS = """
WITH ended AS (
  UPDATE results_claimednumber n SET superseded_at = %(at)s
  FROM unnest(%(from)s::bigint[], %(to)s::bigint[]) AS moved(origin, target)
  WHERE n.person_id = moved.origin AND n.superseded_at IS NULL RETURNING n.system, n.key, moved.target
) SELECT system, key, target FROM ended
"""
_HOLD = "INSERT INTO results_heldforreview (case_id, inbox_id) SELECT * FROM unnest(%s::bigint[], %s::bigint[]) ON CONFLICT DO NOTHING"  # noqa: E501
_SAME_CLAIM = "SELECT id, state FROM results_reviewcase WHERE record_id = %s AND other_id IS NULL AND state IN ('open', 'different') AND claimed = %s::jsonb"  # noqa: E501


@dataclass(frozen=True, slots=True)
class Pair:
    """Another record, the person it leads to, and how it compares."""

    record_id: int
    person_id: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class LinkMove:
    record: Known
    person_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class NumberMove:
    origin: int
    target: int


@dataclass(slots=True)
class Writes:
    """The rows to be written at `at`."""

    at: dt.datetime
    records: list[Known] = field(default_factory=list)
    changed: dict[int, Known] = field(default_factory=dict)
    identifiers: dict[tuple[int, str, str], str] = field(default_factory=dict)
    keys: dict[tuple[int, int], None] = field(default_factory=dict)
    links: list[LinkMove] = field(default_factory=list)
    numbers: list[tuple[str, str, int]] = field(default_factory=list)
    moved: list[NumberMove] = field(default_factory=list)
    cases: list[tuple[Any, ...]] = field(default_factory=list)
    held: list[tuple[int, int]] = field(default_factory=list)
    _records: Iterator[int] = field(default_factory=lambda: iter(()))
    _people: Iterator[int] = field(default_factory=lambda: iter(()))
    _new_people: list[int] = field(default_factory=list)
    _cases: Iterator[int] = field(default_factory=lambda: iter(()))

    def draw(self, count: int) -> None:
        """Draw keys for as many new records and persons."""
        drawn = fetch_prepared(_DRAW, [count])
        self._records, self._people = iter([row[0] for row in drawn]), iter([row[1] for row in drawn])

    def next_record_id(self) -> int:
        return next(self._records)

    def new_person(self) -> int:
        self._new_people.append(next(self._people))
        return self._new_people[-1]

    def note_identifier(self, record: Known, pair: tuple[str, str], standing: str) -> None:
        if record.identifiers.get(pair) != standing:
            record.identifiers[pair] = standing
            record.forget()
            self.identifiers[record.id, *pair] = standing

    def add_keys(self, record: Known) -> None:
        self.keys |= {(key, record.id): None for key in record.match_keys()}

    def open_cases(
        self, book: Book, record: Known, pairs: Iterable[Pair], reason: str, *, inbox_id: int | None = None
    ) -> None:
        """Open a case for each pair that has none; a holding one keeps the message until it is decided."""
        is_holding = inbox_id is not None
        for pair in pairs:
            both = frozenset((record.id, pair.record_id))
            case = book.open_cases.get(both)
            if case is None:
                why = Reason.NUMBER if pair.verdict.levels["number"] == "shared" and not is_holding else reason
                case = book.open_cases[both] = OpenCase(self._case_id(), is_holding)
                first, second = sorted(both)
                self.cases.append(
                    (case.id, first, second, None, why, *_scored(pair.verdict), is_holding, self.at, "open")
                )
            elif is_holding and not case.is_holding:
                ReviewCase.objects.filter(pk=case.id).update(is_holding=True)
                case.is_holding = True
            if inbox_id:
                self.held.append((case.id, inbox_id))

    def hold_claim(self, known: Known, claim: PatientClaim) -> None:
        """Open a case for what a message says under a number that belongs to someone else, unless it is open."""
        said = json.dumps(_said(claim), ensure_ascii=False, sort_keys=True)
        found = next(iter(fetch_rows(_SAME_CLAIM, [known.id, said])), None)
        case_id = (
            found[0] if found else next((row[0] for row in self.cases if row[1] == known.id and row[3] == said), None)
        )
        if case_id is None:
            case_id = self._case_id()
            verdict = judge(known.side(), claim.side(), by=model())
            scored = _scored(verdict)
            self.cases.append((case_id, known.id, None, said, Reason.LOCAL_NUMBER, *scored, True, self.at, "open"))
        if claim.inbox_id and not (found and found[1] != "open"):
            self.held.append((case_id, claim.inbox_id))

    def flush(self) -> None:
        """Write all that was gathered."""
        copy_rows("results_person", ("id", "created_at"), [(one, self.at) for one in self._new_people])
        copy_rows("results_patientrecord", _RECORD, [_record_row(one) for one in self.records])
        self._flush_changed()
        if self.identifiers:
            rows = [(*key, standing) for key, standing in self.identifiers.items()]
            change_prepared(_IDENTIFIERS, [list(part) for part in zip(*rows, strict=True)])
        if self.keys:
            change_prepared(_KEYS, [list(part) for part in zip(*sorted(self.keys), strict=True)])
        self._flush_links()
        self._flush_numbers()
        copy_rows("results_reviewcase", _CASE, self.cases)
        if self.held:
            change_rows(_HOLD, [list(part) for part in zip(*self.held, strict=True)])
        changed = {one.id for one in self.records} | set(self.changed) | {record for record, *_pair in self.identifiers}
        alone = set(self._new_people)  # nobody was together with whom a new record makes known
        joined = (move for move in self.links if move.record.link_id or move.person_id not in alone)
        note_people(changed, moved={move.record.id for move in joined})

    def _flush_changed(self) -> None:
        rows = [_record_row(one) for one in self.changed.values() if not one.is_new]
        if rows:
            places = [_RECORD.index(name) for name in ("id", "full_name", "name_key", "other_name", "birth_date", "sex",
                                                       "phone", "address", "updated_at")]  # fmt: skip
            change_rows(_UPDATE, [[row[place] for row in rows] for place in places])

    def _flush_links(self) -> None:
        last = {move.record.id: move for move in self.links}
        ended = [move.record.link_id for move in last.values() if move.record.link_id]
        if ended:
            change_rows(_END_LINKS, [self.at, ended])
        rows = [(move.record.id, move.person_id, move.reason, self.at) for move in last.values()]
        copy_rows("results_personlink", ("record_id", "person_id", "reason", "recorded_at"), rows)

    def _flush_numbers(self) -> None:
        numbers = list(self.numbers)
        for move in self.moved:
            numbers = [(a, b, move.target if person == move.origin else person) for a, b, person in numbers]
        if self.moved:
            pairs: dict[str, Any] = {
                "from": [one.origin for one in self.moved],
                "to": [one.target for one in self.moved],
                "at": self.at,
            }
            numbers += fetch_rows(_MOVE_NUMBERS, pairs)
        rows = [(*one, self.at) for one in numbers]
        copy_rows("results_claimednumber", ("system", "key", "person_id", "recorded_at"), rows)

    def _case_id(self) -> int:
        if (key := next(self._cases, None)) is None:
            self._cases = iter(drawn_keys("results_reviewcase", CASES_DRAWN))
            key = next(self._cases)
        return key


def side_of_claim(said: dict[str, Any]) -> Side:
    """Return what a kept claim is compared by."""
    numbers = tuple(one for pair in said["identifiers"] if (one := read_number(*pair)))
    born = dt.date.fromisoformat(said["birth_date"]) if said["birth_date"] else None
    doubted = frozenset(one for one in numbers if one.problem_with(birth_date=born, sex=said["sex"]))
    return Side(
        full_name=said["full_name"],
        other_name=said["other_name"],
        birth_date=born,
        sex=said["sex"],
        numbers=numbers,
        doubted=doubted,
        phone=said["phone"],
        address=said["address"],
    )


def _said(claim: PatientClaim) -> dict[str, Any]:
    names = ("full_name", "other_name", "sex", "phone", "address")
    said: dict[str, Any] = {name: getattr(claim, name) for name in names}
    said["birth_date"] = claim.birth_date.isoformat() if claim.birth_date else None
    return {**said, "identifiers": [list(pair) for pair in claim.identifiers]}


def scored_fields(verdict: Verdict) -> list[dict[str, Any]]:
    """Return what a case keeps of a verdict: field, level and bits."""
    return [
        {"field": name, "level": str(level), "bits": round(verdict.weights[name], 2)}
        for name, level in verdict.levels.items()
    ]


def _scored(verdict: Verdict) -> tuple[float, str]:
    return verdict.bits, json.dumps(scored_fields(verdict))


def _record_row(one: Known) -> tuple[Any, ...]:
    return (
        *(one.id, one.local[0], one.facility_id, one.local[1], one.local[2], one.full_name, fold_name(one.full_name)),
        *(one.other_name, one.birth_date, one.sex, one.phone, one.address, one.updated_at),
    )
