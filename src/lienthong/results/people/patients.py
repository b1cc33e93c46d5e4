"""Writes senders' patient records, their numbers, and the dated links to persons: many in a few statements.

Records are found by sender and local number and never merged; a link is moved only where it is certain who the patient
is. A number that someone else holds is left to a person, and so is the message it came with.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lienthong.findings import Finding
from lienthong.results.identity import (
    Agreement,
    Outcome,
    PersonNumber,
    Side,
    Verdict,
    compare,
    is_someone_else,
    judge,
    model,
    read_number,
)
from lienthong.results.identity_models import ReviewCase
from lienthong.results.people import patient_findings as told
from lienthong.results.people.known_patients import CLAIM_FIELDS, DOUBTED, FOREIGN, HELD, Book, Known, LocalKey
from lienthong.results.people.lock_names import number_lock_name, patient_lock_name
from lienthong.results.people.patient_writing import LinkMove, NumberMove, Pair, Writes

Reason = ReviewCase.Reason
# Whoever resembles more people than this shall be found by a number; a person could not compare them all.
MOST_CASES = 5
OWN, BY_NUMBER, BY_AGREEMENT = "own", "national-number", "agreement"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientClaim:
    """Who a message says its patient is. `identifiers` are pairs of system and value, the local number among them.

    `other_name` is the name in another script; `inbox_id` the message, which goes through the worker again when it was
    held and its case is decided.
    """

    source: str
    facility_id: int
    local_system: str
    local_id: str
    full_name: str
    birth_date: dt.date | None
    sex: str
    identifiers: tuple[tuple[str, str], ...]
    other_name: str = ""
    phone: str = ""
    address: str = ""
    inbox_id: int = 0

    @property
    def local(self) -> LocalKey:
        return self.source, self.local_system, self.local_id

    @property
    def numbers(self) -> tuple[PersonNumber, ...]:
        """The national numbers and insurance cards, read and checked by themselves."""
        return tuple(dict.fromkeys(one for pair in self.identifiers if (one := read_number(*pair)) and one.key))

    @property
    def national_numbers(self) -> tuple[str, ...]:
        """The same as they are compared."""
        return tuple(dict.fromkeys(one.key for one in self.numbers))

    def side(self) -> Side:
        """Return what it is compared by, as far as it tells by itself."""
        numbers = self.numbers
        doubted = (one for one in numbers if one.problem_with(birth_date=self.birth_date, sex=self.sex))
        said = {name: getattr(self, name) for name in CLAIM_FIELDS}
        return Side(**said, numbers=numbers, doubted=frozenset(doubted))

    def lock_names(self) -> list[str]:
        """Name what no two workers may write at once."""
        return [patient_lock_name(*self.local), *map(number_lock_name, self.national_numbers)]


@dataclass(frozen=True, slots=True)
class PatientOutcome:
    """The record, or None where a person must say who the patient is; `findings` tell why."""

    record_id: int | None
    findings: tuple[Finding, ...] = ()


def write_patients(
    claims: Sequence[PatientClaim], *, said_at: Sequence[dt.datetime], at: dt.datetime
) -> list[PatientOutcome]:
    """Find or make the records, add their numbers, bring them up to date, and link them to their persons.

    Claims act in their order; `said_at` says when each was received. The caller holds the locks of their local and
    national numbers until its transaction ends.
    """
    if not claims:
        return []
    claims = [_fitted(claim) for claim in claims]
    book = Book()
    book.load_records(claim.local for claim in claims)
    asking = [claim for claim in claims if not _is_known(book, claim)]
    writes = Writes(at)
    if asking:
        _load_candidates(book, asking)
        writes.draw(len(asking))
    decider = _Decider(book, writes)
    outcomes = [decider.decide(claim, when) for claim, when in zip(claims, said_at, strict=True)]
    writes.flush()
    return outcomes


def _fitted(claim: PatientClaim) -> PatientClaim:
    """Cut texts to their columns; the message keeps the whole."""
    limits = {"full_name": 200, "other_name": 200, "phone": 40, "address": 300}
    cut = {name: getattr(claim, name)[:size] for name, size in limits.items() if len(getattr(claim, name)) > size}
    return replace(claim, **cut) if cut else claim


def _is_known(book: Book, claim: PatientClaim) -> bool:
    """Whether a claim says nothing new of a record that nobody has to decide about: the most frequent case."""
    known = book.by_local.get(claim.local)
    if known is None or not known.person_id:
        return False
    if any(known.identifiers.get(pair, HELD) == HELD for pair in claim.identifiers):
        return False
    return not any(value and value != getattr(known, name) for name in CLAIM_FIELDS if (value := getattr(claim, name)))


def _load_candidates(book: Book, asking: Sequence[PatientClaim]) -> None:
    keys: set[int] = set()
    numbers: set[PersonNumber] = set()
    for claim in asking:
        known = book.by_local.get(claim.local)
        keys |= _said(known, claim).match_keys()
        numbers.update(claim.numbers)
    book.load_candidates(keys, numbers, [name for claim in asking for name in (claim.full_name, claim.other_name)])


def _said(known: Known | None, claim: PatientClaim) -> Known:
    """Return the record as the claim would make it; what the claim leaves blank stays as it is known."""
    said = {
        name: getattr(claim, name) or (getattr(known, name) if known else getattr(claim, name)) for name in CLAIM_FIELDS
    }
    epoch = dt.datetime.min.replace(tzinfo=dt.UTC)
    made = Known(known.id if known else 0, claim.local, claim.facility_id, **said, updated_at=epoch)
    made.identifiers = {**(known.identifiers if known else {}), **{pair: "" for pair in claim.identifiers}}
    if known:
        made.identifiers |= {pair: standing for pair, standing in known.identifiers.items() if standing == FOREIGN}
        made.person_id = known.person_id
    return made


@dataclass(slots=True)
class _Neighbours:
    """What the records near a claim are to it, by person."""

    same: list[int] = field(default_factory=list)
    conflicts: list[Pair] = field(default_factory=list)
    reviews: list[Pair] = field(default_factory=list)


@dataclass(slots=True)
class _Decider:
    """Decides claim after claim, and notes what is to be written."""

    book: Book
    writes: Writes

    def decide(self, claim: PatientClaim, said_at: dt.datetime) -> PatientOutcome:
        known = self.book.by_local.get(claim.local)
        is_known = _is_known(self.book, claim)
        if known and not is_known and is_someone_else(known.side(), claim.side()):
            self.writes.hold_claim(known, claim)
            return PatientOutcome(None, (told.other_under_local_number(),))
        said = _said(known, claim)
        doubts = {one: why for one in claim.numbers if (why := _doubt(one, said))}
        findings = tuple(told.doubtful(one, why) for one, why in doubts.items())
        if known and is_known:
            return PatientOutcome(known.id, findings)
        near = self._neighbours(said, set(doubts))
        held = {one for one in claim.numbers if self._holder(one) in {pair.person_id for pair in near.conflicts}}
        record = self._bring_up_to_date(known, said, said_at)
        self._add_identifiers(record, claim, doubts=set(doubts), held=held)
        if near.conflicts:
            self._link(record, [])
            self.writes.open_cases(self.book, record, near.conflicts, Reason.NUMBER, inbox_id=claim.inbox_id)
            return PatientOutcome(None, (*findings, told.other_under_national_number()))
        return self._settle(record, claim, near, findings)

    def _settle(
        self, record: Known, claim: PatientClaim, near: _Neighbours, findings: tuple[Finding, ...]
    ) -> PatientOutcome:
        """Link the record to the one person it is; where there are several a person must choose."""
        has_company = len(self.book.people.get(record.person_id, {})) > 1
        holders = {self._holder(one) for one in claim.numbers} & set(near.same)
        if holders and (len(near.same) > 1 or has_company):
            pairs = [self._pair(record, one) for one in near.same]
            self.writes.open_cases(self.book, record, pairs, Reason.SEVERAL, inbox_id=claim.inbox_id)
            self._stand(record, claim, HELD, holders)
            self._link(record, [])
            return PatientOutcome(None, (*findings, told.several_persons()))
        is_clear = len(near.same) == 1 and not has_company
        self._link(record, near.same if is_clear else [], by_number=bool(holders))
        reviews = near.reviews if is_clear else [*near.reviews, *(self._pair(record, one) for one in near.same)]
        self._claim_numbers(record, claim)
        reviews = sorted(reviews, key=lambda pair: -pair.verdict.bits)[:MOST_CASES]
        self.writes.open_cases(self.book, record, reviews, Reason.LIKELY)
        uncertain = any(pair.verdict.levels["number"] == "shared" for pair in reviews)
        return PatientOutcome(record.id, (*findings, told.uncertain()) if uncertain else findings)

    def _neighbours(self, said: Known, doubts: set[PersonNumber]) -> _Neighbours:
        """Judge every person who has something in common with the claim."""
        side = replace(said.side(), doubted=frozenset(doubts))
        numbers = set(side.numbers)
        near = _Neighbours()
        for person in sorted(self.book.found(said.match_keys(), numbers)):
            records = list(self.book.people.get(person, {}).values())
            if person == said.person_id or not records or self._are_different(said.id, records):
                continue
            holds = any(self._holder(one) == person for one in numbers)
            self._sort_in(near, person, side, records, holds=holds)
        return near

    def _sort_in(self, near: _Neighbours, person: int, side: Side, records: list[Known], *, holds: bool) -> None:
        judged = [(judge(side, one.side(), by=model(), shares=self.book.shares), one) for one in records]
        if not holds and all(found.outcome is Outcome.DIFFERENT for found, _ in judged):
            return
        verdict, closest = max(judged, key=_closeness)
        contradicts = any(compare(side.traits, one.traits) is Agreement.DIFFERENT for one in records)
        if holds and contradicts:
            near.conflicts.append(Pair(closest.id, person, verdict))
        elif not contradicts and any(one.outcome is Outcome.SAME for one, _ in judged):
            near.same.append(person)
        elif any(one.outcome is not Outcome.DIFFERENT for one, _ in judged):
            near.reviews.append(Pair(closest.id, person, verdict))

    def _are_different(self, record_id: int, records: list[Known]) -> bool:
        """Whether somebody has decided that the record is none of these."""
        return any(frozenset((record_id, one.id)) in self.book.different for one in records)

    def _holder(self, number: PersonNumber) -> int:
        return self.book.holders.get((number.system, number.key), 0)

    def _pair(self, record: Known, person: int) -> Pair:
        side = record.side()
        judged = [
            (judge(side, one.side(), by=model(), shares=self.book.shares), one)
            for one in self.book.people[person].values()
            if one is not record
        ]
        verdict, closest = max(judged, key=_closeness)
        return Pair(closest.id, person, verdict)

    def _bring_up_to_date(self, known: Known | None, said: Known, said_at: dt.datetime) -> Known:
        """Make the record, or take over what a later message says."""
        if known is None:
            said.id, said.is_new, said.updated_at = self.writes.next_record_id(), True, said_at
            said.identifiers = {}
            self.writes.records.append(said)
            self.book.add(said)
            return said
        changed = [name for name in CLAIM_FIELDS if getattr(said, name) != getattr(known, name)]
        if changed and said_at >= known.updated_at:
            for name in changed:
                setattr(known, name, getattr(said, name))
            known.updated_at = said_at
            known.forget()
            self.writes.changed[known.id] = known
        return known

    def _add_identifiers(
        self, record: Known, claim: PatientClaim, *, doubts: set[PersonNumber], held: set[PersonNumber]
    ) -> None:
        found_under = record.keys if record.is_new and not record.identifiers else None
        for pair in claim.identifiers:
            number = read_number(*pair)
            standing = "" if number is None else HELD if number in held else DOUBTED if number in doubts else ""
            if record.identifiers.get(pair) == FOREIGN:
                continue
            self.writes.note_identifier(record, pair, standing)
        record.keys = found_under or record.keys
        self.book.add_keys(record)
        self.writes.add_keys(record)

    def _stand(self, record: Known, claim: PatientClaim, standing: str, holders: set[int]) -> None:
        """Give the numbers that these persons hold a standing on the record."""
        for pair in claim.identifiers:
            number = read_number(*pair)
            if number and self._holder(number) in holders:
                self.writes.note_identifier(record, pair, standing)

    def _claim_numbers(self, record: Known, claim: PatientClaim) -> None:
        """Let the record's person hold its sound numbers; one that another person holds is in doubt here."""
        for pair in claim.identifiers:
            number = read_number(*pair)
            if number is None or not number.key or record.identifiers.get(pair) in (DOUBTED, FOREIGN, HELD):
                continue
            holder = self._holder(number)
            if not holder:
                self.book.holders[number.system, number.key] = record.person_id
                self.writes.numbers.append((number.system, number.key, record.person_id))
            elif holder != record.person_id:
                self.writes.note_identifier(record, pair, DOUBTED)

    def _link(self, record: Known, people: list[int], *, by_number: bool = False) -> None:
        """Let the record lead to the person, with what its own person held; without one it gets a person of its own."""
        if not people:
            if not record.person_id:
                self.book.link(record, self.writes.new_person())
                self.writes.links.append(LinkMove(record, record.person_id, OWN))
            return
        person = people[0]
        if record.person_id:
            for (system, key), holder in list(self.book.holders.items()):
                if holder == record.person_id:
                    self.book.holders[system, key] = person
            self.writes.moved.append(NumberMove(record.person_id, person))
        self.book.link(record, person)
        self.writes.links.append(LinkMove(record, person, BY_NUMBER if by_number else BY_AGREEMENT))


def _doubt(number: PersonNumber, said: Known) -> str:
    return number.problem_with(birth_date=said.birth_date, sex=said.sex)


def _closeness(judged: tuple[Verdict, Known]) -> tuple[float, int]:
    """How close a record is; of equals the oldest is, in whatever order they were read."""
    verdict, record = judged
    return verdict.bits, -record.id
