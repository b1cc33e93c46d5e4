"""Sets of records whose truth is known, and how many pairs a way of linking gets right."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.population import Record
from lienthong.results.identity import Model, Outcome, PersonNumber, Side, Verdict, judge, match_keys, name_forms
from lienthong.results.identity.numbers import clean_number

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "patient-matching"
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair of records that were found under one key, whether it is one person, and what is said of it."""

    pair: Pair
    is_one: bool
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Score:
    """Pairs that are one person and were said to be, that are not and were said to be, and that were missed."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else float("nan")

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else float("nan")

    @property
    def f1(self) -> float:
        return 2 * self.right / (2 * self.right + self.wrong + self.missed) if self.right else 0.0


def febrl(path: Path) -> list[Record]:
    """Return a FEBRL file; its social security number is taken for a national number without check digit."""
    with path.open(newline="") as file:
        rows = [{name.strip(): (value or "").strip() for name, value in row.items()} for row in csv.DictReader(file)]
    return [_febrl_record(row) for row in rows]


def _febrl_record(row: dict[str, str]) -> Record:
    address = " ".join(row[name] for name in ("street_number", "address_1", "address_2", "suburb", "postcode", "state"))
    side = Side(
        full_name=f"{row['surname']} {row['given_name']}".strip(),
        birth_date=_date(row["date_of_birth"]),
        sex="",
        numbers=_plain_number(row["soc_sec_id"]),
        address=address,
    )
    return Record(int(row["rec_id"].split("-")[1]), side, ())


def recordlinker() -> tuple[list[Record], list[tuple[Record, str]]]:
    """Return CDC's master list, and the incoming records with what is expected: match, no_match or possible_match."""
    folder = SHARED / "cdc-recordlinker"
    with (folder / "nbs_seed.csv").open(newline="", encoding="utf-8-sig") as file:
        known = [_cdc_record(row) for row in csv.DictReader(file)]
    with (folder / "nbs_test.csv").open(newline="", encoding="utf-8-sig") as file:
        sent = [(_cdc_record(row), row["Expected Result"]) for row in csv.DictReader(file)]
    return known, sent


def _cdc_record(row: dict[str, str]) -> Record:
    side = Side(
        full_name=f"{row['LAST']} {row['FIRST']} {row['SUFFIX']}".strip(),
        birth_date=_date(row["BIRTHDATE"].replace("-", "")),
        sex=row["GENDER"] if row["GENDER"] in ("F", "M") else "",
        numbers=_plain_number(clean_number(row["SSN"])),
        address=" ".join(row[name] for name in ("ADDRESS", "CITY", "STATE", "ZIP")),
    )
    return Record(int(row["Match Id"]), side, ())


def opencr() -> list[Record]:
    """Return OpenCR's patients; those of one number and one birth date are taken for one person."""
    found, people = [], {}
    for path in sorted((SHARED / "opencr").glob("*.json")):
        read = json.loads(path.read_text())
        for entry in read.get("entry", [read]):
            side = _fhir_side(entry.get("resource", entry))
            truth = (tuple(one.key for one in side.numbers), side.birth_date, side.full_name.casefold())
            found.append(Record(people.setdefault(truth, len(people)), side, ()))
    return found


def _fhir_side(patient: dict[str, list[dict[str, str]]]) -> Side:
    numbers = [one["value"] for one in patient.get("identifier", []) if one["system"].endswith("nationalid")]
    name = next(iter(patient.get("name", [])), {})
    phone = next((one["value"] for one in patient.get("telecom", []) if one.get("value")), "")
    return Side(
        full_name=" ".join([name.get("family", ""), *name.get("given", "")]).strip(),
        birth_date=_date(str(patient.get("birthDate", "")).replace("-", "")),
        sex={"male": "M", "female": "F"}.get(str(patient.get("gender", "")), ""),
        numbers=tuple(number for value in numbers for number in _plain_number(value)),
        phone=phone,
    )


def judged(records: Sequence[Record], *, by: Model, between: Callable[[int, int], bool] | None = None) -> list[Judged]:
    """Judge every pair of records that has a key in common; `between` says which pairs are asked for."""
    shares = name_shares(records)
    found: dict[int, list[int]] = defaultdict(list)
    for place, record in enumerate(records):
        for key in keys_of(record.side):
            found[key].append(place)
    pairs = {(a, b) for places in found.values() for i, a in enumerate(places) for b in places[i + 1 :]}
    return [
        Judged(
            (a, b),
            records[a].person == records[b].person,
            judge(records[a].side, records[b].side, by=by, shares=shares),
        )
        for a, b in sorted(pairs)
        if between is None or between(a, b)
    ]


def keys_of(side: Side) -> frozenset[int]:
    return match_keys(
        names=side.names, birth_date=side.birth_date, numbers=side.numbers, phone=side.phone, address=side.address
    )


def name_shares(records: Iterable[Record]) -> dict[str, float]:
    """Return how frequent the first and last parts of names are among the records."""
    counts: dict[str, int] = defaultdict(int)
    total = 0
    for record in records:
        total += 1
        for word in name_forms(record.side.full_name).ends:
            counts[word] += 1
    return {word: count / total for word, count in counts.items()}


def score(found: Sequence[Judged], said: Iterable[Pair], *, truth: int) -> Score:
    """Count pairs that were said to be one person; `truth` is how many there are, found under a key or not."""
    is_one = {one.pair: one.is_one for one in found}
    pairs = set(said)
    right = sum(is_one[pair] for pair in pairs)
    return Score(right, len(pairs) - right, truth - right)


def automatic(found: Iterable[Judged]) -> list[Pair]:
    return [one.pair for one in found if one.verdict.outcome is Outcome.SAME]


def asked(found: Iterable[Judged]) -> list[Pair]:
    """Return the pairs that are linked or put to a person."""
    return [one.pair for one in found if one.verdict.outcome is not Outcome.DIFFERENT]


def above(found: Iterable[Judged], bits: float) -> list[Pair]:
    return [one.pair for one in found if one.verdict.bits >= bits]


def one_to_one(found: Iterable[Judged], bits: float) -> list[Pair]:
    """Link each record to one at most, the pair of the greatest weight first."""
    taken: set[int] = set()
    pairs = []
    for one in sorted(found, key=lambda judged: -judged.verdict.bits):
        if one.verdict.bits >= bits and not taken & set(one.pair):
            taken |= set(one.pair)
            pairs.append(one.pair)
    return pairs


def true_pairs(records: Sequence[Record]) -> int:
    sizes: dict[int, int] = defaultdict(int)
    for record in records:
        sizes[record.person] += 1
    return sum(size * (size - 1) // 2 for size in sizes.values())


def _plain_number(value: str) -> tuple[PersonNumber, ...]:
    return (PersonNumber("NI", value, "cmnd"),) if value else ()


def _date(digits: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007 — a day without a time
    except ValueError:
        return None
