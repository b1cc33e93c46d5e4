"""Writes a sender's patient record, its numbers, and the dated link to a person.

Records are found by sender and local number and never merged; a link is moved only where a national number and the
traits agree, and a message whose number names someone else is left to a person.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from lienthong.findings import Finding
from lienthong.results.identity import NATIONAL, Agreement, Traits, compare, fold_name, is_someone_else
from lienthong.results.models import PatientIdentifier, PatientRecord, Person, PersonLink

OWN, BY_NUMBER = "own", "national-number"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientClaim:
    """Who a message says its patient is. `identifiers` are pairs of system and value, the local number among them."""

    source: str
    facility_id: int
    local_system: str
    local_id: str
    full_name: str
    birth_date: dt.date | None
    sex: str
    identifiers: tuple[tuple[str, str], ...]

    @property
    def traits(self) -> Traits:
        return Traits(full_name=self.full_name, birth_date=self.birth_date, sex=self.sex)

    @property
    def national_numbers(self) -> tuple[str, ...]:
        return tuple(value for system, value in self.identifiers if system == NATIONAL)


@dataclass(frozen=True, slots=True)
class PatientOutcome:
    """The record, or None where a person must say who the patient is; `findings` tell why."""

    record_id: int | None
    findings: tuple[Finding, ...] = ()


def write_patients(
    claims: Sequence[PatientClaim], *, said_at: Sequence[dt.datetime], at: dt.datetime
) -> list[PatientOutcome]:
    """Write several patients, one after the other."""
    return [write_patient(claim, said_at=said, at=at) for claim, said in zip(claims, said_at, strict=True)]


def write_patient(claim: PatientClaim, *, said_at: dt.datetime, at: dt.datetime) -> PatientOutcome:
    """Find or make the record, add its numbers, bring its traits up to date, and link it to its person."""
    record = PatientRecord.objects.filter(
        source=claim.source, local_system=claim.local_system, local_id=claim.local_id
    ).first()
    if record and is_someone_else(traits_of(record), claim.traits):
        return PatientOutcome(None, (_other_under_local_number(),))
    twins = _records_with(claim.national_numbers, but=record)
    agreements = {twin.pk: compare(traits_of(twin), claim.traits) for twin in twins}
    if Agreement.DIFFERENT in agreements.values():
        return PatientOutcome(None, (_other_under_national_number(),))
    same = [twin for twin in twins if agreements[twin.pk] is Agreement.SAME]
    people = _people_of(same)
    link = PersonLink.objects.filter(record=record, superseded_at=None).first() if record else None
    if len(people) > 1 or (link and people - {link.person_id} and _has_company(link)):
        return PatientOutcome(None, (_several_persons(),))
    record = _bring_up_to_date(record, claim, said_at=said_at)
    _add_identifiers(record, claim.identifiers)
    _link(record, link, people, at=at)
    uncertain = Agreement.UNCERTAIN in agreements.values()
    return PatientOutcome(record.pk, (_uncertain(),) if uncertain else ())


def traits_of(record: PatientRecord) -> Traits:
    return Traits(full_name=record.full_name, birth_date=record.birth_date, sex=record.sex)


def _records_with(numbers: Collection[str], *, but: PatientRecord | None) -> list[PatientRecord]:
    if not numbers:
        return []
    rows = PatientRecord.objects.filter(identifiers__system=NATIONAL, identifiers__value__in=list(numbers))
    others = rows.exclude(pk=but.pk) if but else rows
    return list(others.distinct().order_by("pk"))


def _people_of(records: Collection[PatientRecord]) -> set[int]:
    if not records:
        return set()
    links = PersonLink.objects.filter(record__in=records, superseded_at=None)
    return set(links.values_list("person_id", flat=True))


def _has_company(link: PersonLink) -> bool:
    """Whether other records share the person, so that moving this one would part or merge people."""
    return PersonLink.objects.filter(person=link.person_id, superseded_at=None).exclude(pk=link.pk).exists()


def _bring_up_to_date(record: PatientRecord | None, claim: PatientClaim, *, said_at: dt.datetime) -> PatientRecord:
    """Make the record, or take over what a later message says; what it leaves blank stays."""
    if record is None:
        return PatientRecord.objects.create(
            source=claim.source,
            facility_id=claim.facility_id,
            local_system=claim.local_system,
            local_id=claim.local_id,
            full_name=claim.full_name,
            name_key=fold_name(claim.full_name),
            birth_date=claim.birth_date,
            sex=claim.sex,
            updated_at=said_at,
        )
    said = {"full_name": claim.full_name, "birth_date": claim.birth_date, "sex": claim.sex}
    changed = {name: value for name, value in said.items() if value and value != getattr(record, name)}
    if changed and said_at >= record.updated_at:
        for name, value in changed.items():
            setattr(record, name, value)
        record.name_key, record.updated_at = fold_name(record.full_name), said_at
        record.save(update_fields=[*changed, "name_key", "updated_at"])
    return record


def _add_identifiers(record: PatientRecord, identifiers: Iterable[tuple[str, str]]) -> None:
    PatientIdentifier.objects.bulk_create(
        (PatientIdentifier(record=record, system=system, value=value) for system, value in identifiers),
        ignore_conflicts=True,
    )


def _link(record: PatientRecord, link: PersonLink | None, people: set[int], *, at: dt.datetime) -> None:
    if link and not people - {link.person_id}:
        return
    if link:
        link.superseded_at = at
        link.save(update_fields=["superseded_at"])
    person_id = next(iter(people), None) or Person.objects.create(created_at=at).pk
    reason = BY_NUMBER if people else OWN
    PersonLink.objects.create(record=record, person_id=person_id, reason=reason, recorded_at=at)


def _other_under_local_number() -> Finding:
    return Finding(
        "PID-3",
        "identity-conflict",
        "PID-3 is the number of a patient of this sender from whom birth date, sex or name in PID differ; correct the "
        "number or the patient at the sender, then replay.",
    )


def _other_under_national_number() -> Finding:
    return Finding(
        "PID-3",
        "identity-conflict",
        "The national number in PID-3 is already that of a patient with another birth date or sex; find out whose "
        "number it is, correct it at its sender, then replay.",
    )


def _several_persons() -> Finding:
    return Finding(
        "PID-3",
        "identity-conflict",
        "The national numbers in PID-3 lead to records that are taken to be several persons; a person must compare "
        "them before this message is stored.",
    )


def _uncertain() -> Finding:
    return Finding(
        "PID-3",
        "identity-uncertain",
        "The national number in PID-3 is known, but birth date, sex and name are not enough to say that it is the same "
        "person; the records are kept apart.",
    )
