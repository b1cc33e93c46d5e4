"""Two persons become one, and two again: links and numbers move with their dates, records and results stay.

Whoever reused a result of a record whose person changes is told: each move publishes `person-changed` with the record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.happenings import publish
from lienthong.core.models import User
from lienthong.errors import Conflict, NotFound
from lienthong.results.actions import lock_keys
from lienthong.results.identity import read_number
from lienthong.results.models import (
    ClaimedNumber,
    PatientIdentifier,
    PatientRecord,
    Person,
    PersonLink,
    PersonMerge,
    PriorNumber,
)
from lienthong.results.people.known_patients import DOUBTED, FOREIGN
from lienthong.results.people.lock_names import number_lock_name, patient_lock_name
from lienthong.results.people.review_cases import are_different, close_cases, is_none_of, remember_different
from lienthong.results.permissions import check_reviewer
from lienthong.results.resources.changes import note_people

MERGED, UNMERGED, PARTED = "merged", "unmerged", "parted"


@transaction.atomic
def merge_people(
    *,
    survivor: int,
    absorbed: int,
    why: str,
    by: User,
    at: dt.datetime,
    reason: str = "by-hand",
    inbox_id: int | None = None,
) -> int:
    """Let all records of one person lead to another, and return the key of the merge, by which it can be undone.

    Raises Conflict where somebody decided that two of the records are different people.
    """
    _lock(survivor, absorbed)
    staying, moving = _links(survivor), _links(absorbed)
    if survivor == absorbed or not moving or not staying:
        raise Conflict(_("These records already lead to one person."))
    records = [link.record for link in (*staying, *moving)]
    check_reviewer(by, {record.facility_id for record in records}, at=at)
    if are_different([link.record_id for link in staying], [link.record_id for link in moving]):
        raise Conflict(_("Somebody has decided that two of these records are different people."))
    merge = PersonMerge.objects.create(
        survivor_id=survivor,
        absorbed_id=absorbed,
        reason=reason,
        why=why,
        inbox_id=inbox_id,
        merged_at=at,
        merged_by=by,
    )
    _move(moving, to=survivor, reason=MERGED, merge=merge, at=at)
    _move_numbers(ClaimedNumber.objects.filter(person_id=absorbed), to=survivor, merge=merge, at=at)
    settle_numbers([record.pk for record in records])
    close_cases([record.pk for record in records], by=by, at=at)
    _tell("merge-people", merge, moving, why=why, by=by, at=at)
    return merge.pk


@transaction.atomic
def unmerge(merge_id: int, *, why: str, by: User, at: dt.datetime) -> None:
    """Undo a merge: each record leads again to the person it led to before, with the numbers that came with it.

    Records that joined the survivor since stay with it. That the two are different is remembered. Raises Conflict where
    a later merge or parting must be undone first.
    """
    merge = PersonMerge.objects.select_for_update().filter(pk=merge_id).first()
    if merge is None:
        raise NotFound(_("There is no such merge."))
    _lock(merge.survivor_id, merge.absorbed_id)
    links = list(PersonLink.objects.filter(merge=merge).select_related("record"))
    moving = [link for link in links if link.superseded_at is None]
    check_reviewer(by, {link.record.facility_id for link in (*links, *_links(merge.survivor_id))}, at=at)
    if merge.undone_at:
        raise Conflict(_("This merge was undone before."))
    if len(moving) < len(links):
        raise Conflict(_("Records of this merge were moved again since; undo that first."))
    _move(moving, to=merge.absorbed_id, reason=UNMERGED, merge=None, at=at)
    _move_numbers(ClaimedNumber.objects.filter(merge=merge), to=merge.absorbed_id, merge=None, at=at)
    PriorNumber.objects.filter(merge=merge, superseded_at=None).update(superseded_at=at)
    merge.undone_at, merge.undone_by, merge.undone_why = at, by, why
    merge.save(update_fields=["undone_at", "undone_by", "undone_why"])
    moved, staying = [link.record_id for link in moving], [link.record_id for link in _links(merge.survivor_id)]
    remember_different(moved, staying, why=why, by=by, at=at)
    settle_numbers([*moved, *staying])
    _tell("unmerge-people", merge, moving, why=why, by=by, at=at)


@transaction.atomic
def part_record(record_id: int, *, why: str, by: User, at: dt.datetime) -> int:
    """Take a record out of its person, to a person of its own; return that person. It is remembered as different."""
    link = PersonLink.objects.filter(record_id=record_id, superseded_at=None).select_related("record").first()
    if link is None:
        raise NotFound(_("There is no such patient among yours."))
    _lock(link.person_id)
    others = [one for one in _links(link.person_id) if one.record_id != record_id]
    check_reviewer(by, {link.record.facility_id, *(one.record.facility_id for one in others)}, at=at)
    if not others:
        raise Conflict(_("No other record leads to this person."))
    own = _numbers_of([record_id]) - _numbers_of([one.record_id for one in others])
    held = ClaimedNumber.objects.filter(person_id=link.person_id, superseded_at=None)
    going = [row.pk for row in held if (row.system, row.key) in own]
    person = Person.objects.create(created_at=at)
    _move([link], to=person.pk, reason=PARTED, merge=None, at=at)
    _move_numbers(ClaimedNumber.objects.filter(pk__in=going), to=person.pk, merge=None, at=at)
    remember_different([record_id], [one.record_id for one in others], why=why, by=by, at=at)
    settle_numbers([record_id, *(one.record_id for one in others)])
    publish("person-changed", [record_id], at=at)
    _record("part-record", record_id, why=why, by=by, at=at, detail={"person": person.pk, "from": link.person_id})
    return person.pk


def person_of(record_id: int) -> int:
    """Return the person that a record leads to now; raise NotFound where it leads to none."""
    found = (
        PersonLink.objects.filter(record_id=record_id, superseded_at=None).values_list("person_id", flat=True).first()
    )
    if found is None:
        raise NotFound(_("There is no such patient among yours."))
    return found


def settle_numbers(record_ids: Collection[int]) -> None:
    """Let each number's standing say what is decided: the record's own, in doubt by itself, or someone else's."""
    rows = PatientIdentifier.objects.filter(record__in=record_ids, system__in=("NI", "HC")).select_related("record")
    links = PersonLink.objects.filter(record__in=record_ids, superseded_at=None)
    persons = dict(links.values_list("record_id", "person_id"))
    for row in rows:
        number = read_number(row.system, row.value)
        if number is None:
            continue
        holder = ClaimedNumber.objects.filter(system=number.system, key=number.key, superseded_at=None).first()
        doubt = number.problem_with(birth_date=row.record.birth_date, sex=row.record.sex)
        is_foreign = holder is not None and holder.person_id != persons.get(row.record_id)
        if holder and is_foreign and is_none_of(row.record_id, holder.person_id):
            standing = FOREIGN
        elif is_foreign:
            standing = row.standing or DOUBTED
        else:
            standing = DOUBTED if doubt else ""
        if standing != row.standing:
            PatientIdentifier.objects.filter(pk=row.pk).update(standing=standing)
            note_people([row.record_id])


def lock_names_of(people: Collection[int]) -> list[str]:
    """Name all that a merge of these persons writes: their numbers, and every sender's records of them."""
    numbers = ClaimedNumber.objects.filter(person_id__in=people, superseded_at=None).values_list("key", flat=True)
    records = PatientRecord.objects.filter(links__person_id__in=people, links__superseded_at=None)
    locals_ = records.values_list("source", "local_system", "local_id")
    return [*map(number_lock_name, numbers), *(patient_lock_name(*one) for one in locals_)]


def _lock(*people: int) -> None:
    """Keep workers from linking to these persons meanwhile: they lock the same names before they write."""
    lock_keys(lock_names_of(people))
    list(Person.objects.select_for_update().filter(pk__in=people).order_by("pk"))


def _links(person: int) -> list[PersonLink]:
    rows = PersonLink.objects.filter(person_id=person, superseded_at=None).select_related("record")
    return list(rows.order_by("record_id"))


def _move(links: Iterable[PersonLink], *, to: int, reason: str, merge: PersonMerge | None, at: dt.datetime) -> None:
    moving = list(links)
    PersonLink.objects.filter(pk__in=[one.pk for one in moving]).update(superseded_at=at)
    PersonLink.objects.bulk_create(
        PersonLink(record_id=one.record_id, person_id=to, reason=reason, merge=merge, recorded_at=at) for one in moving
    )
    note_people((), moved=[one.record_id for one in moving])


def _move_numbers(rows: QuerySet[ClaimedNumber], *, to: int, merge: PersonMerge | None, at: dt.datetime) -> None:
    moving = list(rows.filter(superseded_at=None))
    ClaimedNumber.objects.filter(pk__in=[one.pk for one in moving]).update(superseded_at=at)
    ClaimedNumber.objects.bulk_create(
        ClaimedNumber(system=one.system, key=one.key, person_id=to, merge=merge, recorded_at=at) for one in moving
    )


def _numbers_of(record_ids: Collection[int]) -> set[tuple[str, str]]:
    pairs = PatientIdentifier.objects.filter(record__in=record_ids, standing="").values_list("system", "value")
    return {(one.system, one.key) for pair in pairs if (one := read_number(*pair))}


def _tell(action: str, merge: PersonMerge, moved: Iterable[PersonLink], *, why: str, by: User, at: dt.datetime) -> None:
    records = [link.record_id for link in moved]
    publish("person-changed", records, at=at)
    detail: dict[str, str | int | float | bool | None] = {
        "survivor": merge.survivor_id,
        "absorbed": merge.absorbed_id,
        "records": len(records),
        "why": why,
    }
    audit.record(action, by=by, at=at, object_kind="person-merge", object_key=merge.pk, detail=detail)


def _record(action: str, key: int, *, why: str, by: User, at: dt.datetime, detail: dict[str, int]) -> None:
    detail_said: dict[str, str | int | float | bool | None] = {**detail, "why": why}
    audit.record(action, by=by, at=at, object_kind="patient-record", object_key=key, detail=detail_said)
