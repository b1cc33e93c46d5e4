"""What is done on the pages of patients: looking someone up, emergency access, and the log of each read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.errors import BadInput, Conflict
from lienthong.findings import Finding
from lienthong.portal.relations import ORDER, SAME_FACILITY, own_facilities
from lienthong.registry import reads as registry
from lienthong.results import reads as results

LIST_LENGTH = 20
REASON_LENGTH = 300


@transaction.atomic
def search_patients(text: str, *, by: User, at: dt.datetime) -> list[results.PatientFacts]:
    """Return patients of the clinician's own facilities, and log who was shown; raise NotAllowed."""
    facilities = {one.id: one.code for one in own_facilities(by, on=timezone.localdate(at))}
    found = results.find_patients(text, facility_ids=list(facilities), limit=LIST_LENGTH)
    for facility_id, code in facilities.items():
        shown = [one.record_id for one in found if one.facility_id == facility_id]
        log_reads(shown, object_kind="patient_list", object_key="", facility=code, relation=SAME_FACILITY, by=by, at=at)
    return found


@transaction.atomic
def look_up_patient(
    *, system: str, number: str, birth_date: dt.date, by: User, at: dt.datetime
) -> results.PatientFacts | None:
    """Return the patient with exactly this number and birth date in the clinician's country, for an order.

    None where nobody has both; raises NotAllowed, and Conflict where they are those of several people.
    """
    on = timezone.localdate(at)
    own = own_facilities(by, on=on)
    found = _exactly(system=system, number=number, birth_date=birth_date, facility_ids=_reachable(own, on=on))
    chosen = _one_person(found, own_ids={one.id for one in own})
    detail = {"found": chosen is not None}
    audit.record("look-up", by=by, at=at, object_kind="patient", object_key="", facility=own[0].code, detail=detail)
    shown = [chosen.record_id] if chosen else []
    log_reads(shown, object_kind="patient_look_up", object_key="", facility=own[0].code, relation=ORDER, by=by, at=at)
    return chosen


@transaction.atomic
def break_glass(*, record_ids: Collection[int], reason: str, by: User, at: dt.datetime) -> None:
    """Log emergency access to the records of a person with its reason; raise NotAllowed, BadInput without a reason."""
    own = own_facilities(by, on=timezone.localdate(at))
    written = reason.strip()
    if not 0 < len(written) <= REASON_LENGTH:
        message = _("Write why you need this record now, in 300 characters at most.")
        raise BadInput([Finding("reason", "reason-missing", message)])
    for record_id in sorted(record_ids):
        audit.record(
            "break-glass",
            by=by,
            at=at,
            object_kind="patient_record",
            object_key=record_id,
            facility=own[0].code,
            detail={"reason": written},
        )


@transaction.atomic
def log_reads(
    record_ids: Collection[int],
    *,
    object_kind: str,
    object_key: object,
    facility: str,
    relation: str,
    by: User,
    at: dt.datetime,
) -> None:
    """Log a page that shows something of each of these records."""
    for record_id in sorted(record_ids):
        audit.record_read(
            by=by,
            at=at,
            patient_record_id=record_id,
            object_kind=object_kind,
            object_key=object_key,
            facility=facility,
            relation=relation,
        )


def _reachable(own: Collection[registry.FacilityFacts], *, on: dt.date) -> list[int]:
    """Return the facilities of the same country: a record doesn't cross its border."""
    countries = {one.region_path[0] for one in own}
    return [one.id for one in registry.facilities(on=on).values() if one.region_path[0] in countries]


def _exactly(
    *, system: str, number: str, birth_date: dt.date, facility_ids: Collection[int]
) -> list[results.PatientFacts]:
    wanted = (system, number.strip())
    found = results.find_patients(wanted[1], facility_ids=facility_ids)
    return [one for one in found if wanted in one.identifiers and one.birth_date == birth_date]


def _one_person(found: list[results.PatientFacts], *, own_ids: set[int]) -> results.PatientFacts | None:
    """Return the clinician's own record of the patient where there is one, else the first."""
    if len({(one.full_name.casefold(), one.sex) for one in found}) > 1:
        raise Conflict(_("Several patients have this number and birth date. Ask for the identity number instead."))
    own = [one for one in found if one.facility_id in own_ids]
    return next(iter([*own, *found]), None)
