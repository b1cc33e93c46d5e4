"""From a hook's request to cards: who the patient is, which items are drafted, what is known of the visit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.utils import timezone

from lienthong.core.models import User
from lienthong.core.packs import policy_for
from lienthong.findings import Finding
from lienthong.interop import cds_hooks
from lienthong.policy import Policy
from lienthong.portal import actions
from lienthong.portal.cards import card_of
from lienthong.portal.evidence import results_of_check, shelf_of
from lienthong.portal.presenters.order_check import check_view
from lienthong.portal.relations import ORDER
from lienthong.recognition import actions as recognition_actions
from lienthong.recognition import reads as recognition
from lienthong.registry import reads as registry
from lienthong.results import reads as results

LOINC = "http://loinc.org"
NUMBER_LENGTH = 60
EMERGENCY = "emergency"
# HL7 v3 ActEncounterCode; what is not listed stays unknown.
_CLASSES = {
    "EMER": EMERGENCY,
    "IMP": "inpatient",
    "ACUTE": "inpatient",
    "NONAC": "inpatient",
    "OBSENC": "inpatient",
    "SS": "inpatient",
    "AMB": "outpatient",
    "FLD": "outpatient",
    "HH": "outpatient",
    "VR": "outpatient",
}
_SEXES = {"male": "M", "female": "F"}
_DRAFT = frozenset({"", "draft"})


def missing_prefetch(asked: cds_hooks.Request) -> Finding | None:
    """Return what must be prefetched and is not: without the patient nobody can be matched."""
    if asked.patient is None:
        return Finding("prefetch.patient", "required", "prefetch.patient must be the Patient of context.patientId.")
    if len(asked.hook_instance) > NUMBER_LENGTH:
        return Finding("hookInstance", "too-long", f"hookInstance must have at most {NUMBER_LENGTH} characters.")
    return None


def cards_of(
    asked: cds_hooks.Request,
    *,
    facility: registry.FacilityFacts,
    by: User,
    at: dt.datetime,
    absolute: Callable[[str], str],
) -> list[cds_hooks.Card]:
    """Return one card or none: none in an emergency, for a patient not known here, and where nothing stands."""
    encounter_class = _CLASSES.get(asked.encounter_class or "")
    patient = None if encounter_class == EMERGENCY else _match(asked, facility=facility, at=at)
    with timezone.override(ZoneInfo(facility.time_zone)):
        policy = policy_for(facility.region_path, timezone.localdate(at))
        drafts = drafted_items(asked, policy=policy)
        if patient is None or not drafts:
            return []
        check = recognition_actions.check_order(
            number=asked.hook_instance,
            channel="cds_hooks",
            patient_record_id=patient.record_id,
            facility_id=facility.id,
            items=list(drafts),
            encounter_class=encounter_class,
            purposes=None,
            by=by,
            user_label=asked.user_id[:200],
            at=at,
            draft_ids=drafts,
        )
        card = _card(check, facility=facility, by=by, at=at, absolute=absolute)
    return [card] if card else []


def drafted_items(asked: cds_hooks.Request, *, policy: Policy) -> dict[str, str]:
    """Return the items of the list that are drafted, by LOINC, each with the reference of its draft request."""
    keys = {row.loinc: row.key for row in sorted(registry.analytes().values(), key=lambda row: -row.id)}
    found: dict[str, str] = {}
    for draft in asked.orders:
        if draft.resource_type != "ServiceRequest" or draft.status not in _DRAFT:
            continue
        for system, code in draft.codes:
            items = policy.items_of_analyte(keys[code]) if system == LOINC and code in keys else ()
            for item in items[:1]:
                found.setdefault(item.code, draft.reference)
    return found


def _match(
    asked: cds_hooks.Request, *, facility: registry.FacilityFacts, at: dt.datetime
) -> results.PatientFacts | None:
    """Return the patient whom numbers, birth date, sex and name agree on, in the country of the facility."""
    sent = asked.patient
    if sent is None:
        return None
    numbers = [
        (results.identifier_kind(system=one.system, type_code=one.type_code), one.value) for one in sent.identifiers
    ]
    found = results.match_patient(
        identifiers=numbers, birth_date=sent.birth_date, sex=_SEXES.get(sent.gender, ""), name=_name(sent)
    )
    if found is None:
        return None
    keeper = registry.facilities([found.facility_id], on=timezone.localdate(at))[found.facility_id]
    return found if keeper.region_path[0] == facility.region_path[0] else None


def _name(sent: cds_hooks.Patient) -> str:
    name = next(iter(sent.names), None)
    if name is None:
        return ""
    return name.text or " ".join((name.family, *name.given)).strip()


def _card(
    check: recognition.OrderCheckFacts,
    *,
    facility: registry.FacilityFacts,
    by: User,
    at: dt.datetime,
    absolute: Callable[[str], str],
) -> cds_hooks.Card | None:
    shelf = shelf_of(results_of_check(check), on=timezone.localdate(at))
    card = card_of(
        check,
        check_view(check, facility=facility, shelf=shelf),
        jurisdiction=facility.region_path[0].lower(),
        absolute=absolute,
    )
    if card:
        others = {one.result.patient_record_id for one in shelf.shown.values()} - {check.patient_record_id}
        actions.log_reads(
            others,
            object_kind="order_check",
            object_key=check.id,
            facility=facility.code,
            relation=ORDER,
            by=by,
            at=at,
        )
    return card
