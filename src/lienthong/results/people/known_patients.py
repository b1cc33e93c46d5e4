"""What is stored of the patients of a batch, read by a few statements: records, and who could be the same person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from lienthong.core.bulk import fetch_rows
from lienthong.results.identity import PersonNumber, Side, Traits, match_keys, name_forms, read_number

DOUBTED, HELD, FOREIGN = "doubted", "held", "foreign"
LocalKey = tuple[str, str, str]
CLAIM_FIELDS = ("full_name", "other_name", "birth_date", "sex", "phone", "address")
# A key that more records share than this (a hospital's own telephone, a date that stands for "unknown") finds nobody.
CROWDED = 60

FIELDS = """r.id, r.source, r.facility_id, r.local_system, r.local_id, r.full_name, r.other_name, r.birth_date, r.sex,
  r.phone, r.address, r.updated_at, l.id, l.person_id,
  (SELECT array_agg(ARRAY[i.system, i.value, i.standing] ORDER BY i.id)
   FROM results_patientidentifier i WHERE i.record_id = r.id)"""
_BY_LOCAL = f"""
SELECT asked.source, asked.system, asked.number, {FIELDS}
FROM unnest(%s::text[], %s::text[], %s::text[]) AS asked(source, system, number)
JOIN results_patientrecord r
  ON r.source = asked.source AND r.local_system = asked.system AND r.local_id = asked.number
LEFT JOIN results_personlink l ON l.record_id = r.id AND l.superseded_at IS NULL
"""  # noqa: S608 — made of constants
_BY_KEY = """
SELECT asked.key, found.ids FROM unnest(%s::bigint[]) AS asked(key)
CROSS JOIN LATERAL (
  SELECT array_agg(record_id) AS ids FROM (
    SELECT record_id FROM results_matchkey k WHERE k.key = asked.key LIMIT %s
  ) few
) found WHERE found.ids IS NOT NULL
"""
_HOLDERS = """
SELECT n.system, n.key, n.person_id FROM unnest(%s::text[], %s::text[]) AS asked(system, key)
JOIN results_claimednumber n ON n.system = asked.system AND n.key = asked.key AND n.superseded_at IS NULL
"""
_OF_PERSONS = f"""
SELECT {FIELDS} FROM results_personlink l JOIN results_patientrecord r ON r.id = l.record_id
WHERE l.superseded_at IS NULL AND l.person_id IN (
  SELECT person_id FROM results_personlink WHERE record_id = ANY(%s) AND superseded_at IS NULL
  UNION ALL SELECT unnest(%s::bigint[])
)
"""  # noqa: S608 — made of constants
_CASES = """
SELECT record_id, other_id, state, id, is_holding FROM results_reviewcase
WHERE other_id IS NOT NULL AND state IN ('open', 'different') AND (record_id = ANY(%s) OR other_id = ANY(%s))
"""
_WORDS = "SELECT word, records FROM results_nameword WHERE word = ANY(%s)"


@dataclass(slots=True, eq=False)
class Known:
    """A record as stored, or as it will be: `id` is 0 until it has been given its key, `link_id` until it is linked."""

    id: int
    local: LocalKey
    facility_id: int
    full_name: str
    other_name: str
    birth_date: dt.date | None
    sex: str
    phone: str
    address: str
    updated_at: dt.datetime
    link_id: int = 0
    person_id: int = 0
    identifiers: dict[tuple[str, str], str] = field(default_factory=dict)
    is_new: bool = False
    keys: frozenset[int] | None = None
    _side: Side | None = None

    @property
    def traits(self) -> Traits:
        return Traits(full_name=self.full_name, birth_date=self.birth_date, sex=self.sex)

    def numbers(self) -> dict[PersonNumber, str]:
        """Return the national numbers and insurance cards with their standing; not those that are someone else's."""
        found = ((read_number(*pair), standing) for pair, standing in self.identifiers.items())
        return {number: standing for number, standing in found if number and standing != FOREIGN}

    def side(self) -> Side:
        """Return what the record is compared by; it is kept until the record changes, as its keys are."""
        if self._side is None:
            numbers = self.numbers()
            self._side = Side(
                full_name=self.full_name,
                other_name=self.other_name,
                birth_date=self.birth_date,
                sex=self.sex,
                numbers=tuple(numbers),
                doubted=frozenset(one for one, standing in numbers.items() if standing),
                phone=self.phone,
                address=self.address,
            )
        return self._side

    def forget(self) -> None:
        """Let what was made of the record be made anew, since it has changed."""
        self.keys = self._side = None

    def match_keys(self) -> frozenset[int]:
        """Return the keys under which the record is found."""
        if self.keys is None:
            names = [name for name in (self.full_name, self.other_name) if name]
            numbers, born = list(self.numbers()), self.birth_date
            self.keys = match_keys(
                names=names, birth_date=born, numbers=numbers, phone=self.phone, address=self.address
            )
        return self.keys


@dataclass(slots=True)
class OpenCase:
    id: int
    is_holding: bool


@dataclass(slots=True)
class Book:
    """The records of a batch and those that could be the same persons; kept true while the batch is decided."""

    by_local: dict[LocalKey, Known] = field(default_factory=dict)
    by_id: dict[int, Known] = field(default_factory=dict)
    by_key: dict[int, set[int]] = field(default_factory=dict)
    people: dict[int, dict[int, Known]] = field(default_factory=dict)
    holders: dict[tuple[str, str], int] = field(default_factory=dict)
    different: set[frozenset[int]] = field(default_factory=set)
    open_cases: dict[frozenset[int], OpenCase] = field(default_factory=dict)
    _names: list[str] = field(default_factory=list)
    _shares: dict[str, float] | None = None

    @property
    def shares(self) -> dict[str, float]:
        """How large a part of all records bears each word of the batch's names; asked for when two are compared."""
        if self._shares is None:
            self._shares = _shares_of(self._names)
        return self._shares

    def load_records(self, asked: Iterable[LocalKey]) -> None:
        """Read the senders' records of local numbers, by way of numbers that were given up for others."""
        wanted = list(dict.fromkeys(asked))
        for source, system, number, *row in fetch_rows(_BY_LOCAL, [list(part) for part in zip(*wanted, strict=True)]):
            self.by_local[source, system, number] = self.by_id.get(row[0]) or self.keep(row)

    def load_candidates(self, keys: Collection[int], numbers: Collection[PersonNumber], names: Iterable[str]) -> None:
        """Read who is found under keys or holds numbers, with all records of those people and what was decided."""
        found = fetch_rows(_BY_KEY, [list(keys), CROWDED + 1])
        self.by_key = {key: set(ids) for key, ids in found if len(ids) <= CROWDED}
        if pairs := [(one.system, one.key) for one in numbers]:
            rows = fetch_rows(_HOLDERS, [[system for system, _ in pairs], [key for _, key in pairs]])
            self.holders = {(system, key): person for system, key, person in rows}
        near = set().union(*self.by_key.values()) | set(self.by_id)
        if near or self.holders:
            for row in fetch_rows(_OF_PERSONS, [list(near), list(self.holders.values())]):
                if row[0] not in self.by_id:
                    self.keep(row)
        self._load_cases()
        self._names = list(names)

    def load_record(self, record_id: int) -> Known | None:
        """Read one record with its person's others."""
        for row in fetch_rows(_OF_PERSONS, [[record_id], []]):
            if row[0] not in self.by_id:
                self.keep(row)
        return self.by_id.get(record_id)

    def add(self, record: Known) -> None:
        """Take in a record that is to be written."""
        self.by_local[record.local] = self.by_id[record.id] = record

    def add_keys(self, record: Known) -> None:
        for key in record.match_keys():
            self.by_key.setdefault(key, set()).add(record.id)

    def link(self, record: Known, person_id: int) -> None:
        """Let a record lead to a person."""
        self.people.get(record.person_id, {}).pop(record.id, None)
        record.person_id = person_id
        self.people.setdefault(person_id, {})[record.id] = record

    def found(self, keys: Collection[int], numbers: Collection[PersonNumber]) -> set[int]:
        """Return the people who have a record under one of the keys, or hold one of the numbers."""
        ids = {record for key in keys for record in self.by_key.get(key, ())}
        people = {self.by_id[one].person_id for one in ids if one in self.by_id}
        held = {self.holders.get((number.system, number.key), 0) for number in numbers}
        return {person for person in people | held if person}

    def keep(self, row: list[Any] | tuple[Any, ...]) -> Known:
        """Take in a row of FIELDS."""
        (
            id_,
            source,
            facility,
            system,
            local,
            name,
            other,
            born,
            sex,
            phone,
            address,
            updated,
            link,
            person,
            numbers,
        ) = row
        record = Known(
            id_,
            (source, system, local),
            facility,
            name,
            other,
            born,
            sex,
            phone,
            address,
            updated,
            link or 0,
            person or 0,
        )
        record.identifiers = {(system, value): standing for system, value, standing in numbers or ()}
        self.by_id[id_] = record
        if person:
            self.people.setdefault(person, {})[id_] = record
        return record

    def _load_cases(self) -> None:
        """Read what was decided of the records that are known, and what waits for a decision."""
        ids = list(self.by_id)
        for record, other, state, case_id, is_holding in fetch_rows(_CASES, [ids, ids]) if ids else ():
            if state == "different":
                self.different.add(frozenset((record, other)))
            else:
                self.open_cases[frozenset((record, other))] = OpenCase(case_id, is_holding)


def _shares_of(names: Iterable[str]) -> dict[str, float]:
    words = {word for name in names for word in name_forms(name).ends}
    counts: dict[str, int] = dict(fetch_rows(_WORDS, [[*words, ""]])) if words else {}
    total = counts.pop("", 0)
    return {word: count / total for word, count in counts.items()} if total else {}
