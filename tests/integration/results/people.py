"""What tests of identity ask of the database: who leads where, and what is held."""

from __future__ import annotations

import datetime as dt

from lienthong.core.actions import system_user
from lienthong.core.models import Happening
from lienthong.results.models import PersonLink
from lienthong.results.people.patients import PatientClaim, PatientOutcome, write_patients

NUMBER = ("NI", "001180012345")
OTHER_NUMBER = ("NI", "001180054321")
BORN = dt.date(1980, 5, 17)


def person_of(record_id: int | None) -> int:
    return PersonLink.objects.get(record_id=record_id, superseded_at=None).person_id


def links_now() -> dict[int, int]:
    """Return the person of each record."""
    return dict(PersonLink.objects.filter(superseded_at=None).values_list("record_id", "person_id"))


def told() -> list[int]:
    """Return the records of which it was published that their person changed."""
    return [int(row.key) for row in Happening.objects.filter(kind="person-changed").order_by("id")]


def write(*claims: PatientClaim, at: dt.datetime) -> list[PatientOutcome]:
    system_user("exchange")
    return write_patients(claims, said_at=[at] * len(claims), at=at)
