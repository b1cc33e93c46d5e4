"""Why someone may read a patient's record: role and relation, never role alone.

The relations are work at the record's facility, an order for the patient, and emergency access with a reason. The last
two are kept in the session of the clinician who has them, for every record of the same person, and end with a shift.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, MutableMapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.core.models import User
from lienthong.errors import NotAllowed, NotFound
from lienthong.registry import reads as registry
from lienthong.results import reads as results

Session = MutableMapping[str, object]

CLINICIAN = "clinician"
SAME_FACILITY, ORDER, BREAK_GLASS = "same-facility", "order", "break-glass"
LONGEST = dt.timedelta(hours=8)
_KEY = "portal-relations"


class NoRelation(NotAllowed):
    """A clinician has no relation to the patient; emergency access with a reason is open."""

    code = "no-relation"

    def __init__(self, record_id: int) -> None:
        super().__init__(_("You have no order for this patient, and the record is not of your facility."))
        self.record_id = record_id


@dataclass(frozen=True, slots=True)
class Reading:
    """A read that is allowed: who reads, in the name of which facility, by which relation."""

    by: User
    access: registry.Access
    facility: registry.FacilityFacts
    relation: str


def check_reading(
    patient: results.PatientFacts, *, by: User, session: Session, at: dt.datetime, on: dt.date
) -> Reading:
    """Return how a user may read a record; raise NoRelation for a clinician without one, NotFound for anyone else."""
    access = registry.access_of(by, on=on)
    kept = _kept(session, at=at).get(patient.record_id, "") if CLINICIAN in access.roles else ""
    relation = results.relation_to_patient(access, patient.record_id, has_order=kept == ORDER) or kept
    if not relation:
        check_country(patient, access, on=on)
        raise NoRelation(patient.record_id)
    place = patient.facility_id if relation == SAME_FACILITY else min(access.facilities_as(CLINICIAN))
    return Reading(by, access, registry.facilities([place], on=on)[place], relation)


def check_country(patient: results.PatientFacts, access: registry.Access, *, on: dt.date) -> None:
    """Raise NotFound unless the user is a clinician in the country of the record: no record crosses its border."""
    own = access.facilities_as(CLINICIAN)
    places = registry.facilities({patient.facility_id, *own}, on=on)
    if places[patient.facility_id].region_path[0] not in {places[one].region_path[0] for one in own}:
        raise NotFound(_("There is no such record, or it is not yours to see."))


def register(session: Session, record_ids: Collection[int], relation: str, *, at: dt.datetime) -> None:
    """Keep a relation in the session; an order is not undone by emergency access."""
    kept = _kept(session, at=at)
    for record_id in record_ids:
        if kept.get(record_id) != ORDER:
            kept[record_id] = relation
    until = _untils(session) | {str(record_id): (at + LONGEST).isoformat() for record_id in record_ids}
    session[_KEY] = {str(key): [name, until[str(key)]] for key, name in kept.items()}


def records_of_person(record_id: int) -> frozenset[int]:
    """Return the record and the other records of the same person that have reports."""
    return frozenset({record_id, *(report.patient.record_id for report in results.reports_of_patient(record_id))})


def own_facilities(user: User, *, on: dt.date) -> list[registry.FacilityFacts]:
    """Return the facilities in which the user is a clinician, by code; raise NotAllowed without one."""
    access = registry.check_role(user, CLINICIAN, on=on)
    found = registry.facilities(access.facilities_as(CLINICIAN), on=on)
    if not found:
        raise NotAllowed(_("You are not a clinician of any facility; ask your administrator."))
    return sorted(found.values(), key=lambda one: one.code)


def _kept(session: Session, *, at: dt.datetime) -> dict[int, str]:
    return {int(key): name for key, (name, until) in _stored(session).items() if dt.datetime.fromisoformat(until) > at}


def _untils(session: Session) -> dict[str, str]:
    return {key: until for key, (_name, until) in _stored(session).items()}


def _stored(session: Session) -> dict[str, tuple[str, str]]:
    stored = session.get(_KEY, {})
    return stored if isinstance(stored, dict) else {}
