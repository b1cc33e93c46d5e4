"""Looking at an order: which earlier results stand, kept with every rule's verdict."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.assessment import reads as assessment
from lienthong.core import audit
from lienthong.core.models import User
from lienthong.core.packs import policy_for
from lienthong.errors import Conflict, NotFound
from lienthong.policy import Decision, Encounter, Line, Order, Policy, Receiver, decide
from lienthong.recognition.candidates import Candidate, candidates
from lienthong.recognition.evidence import facility_at, local_day
from lienthong.recognition.levels import level_of
from lienthong.recognition.models import OrderCheck, OrderLine
from lienthong.recognition.permissions import check_clinician
from lienthong.recognition.reads import OrderCheckFacts, order_check_facts
from lienthong.recognition.verdict_json import candidate_json
from lienthong.registry import reads as registry
from lienthong.results import reads as results


@dataclass(frozen=True, slots=True)
class _Asked:
    """An order as it came, the facility that asks, and the policy there that day."""

    number: str
    channel: str
    patient_record_id: int
    facility: registry.FacilityFacts
    items: tuple[str, ...]
    encounter: Encounter
    at: dt.datetime
    policy: Policy


@transaction.atomic
def check_order(
    *,
    number: str,
    channel: str,
    patient_record_id: int,
    facility_id: int,
    items: Sequence[str],
    encounter_class: str | None,
    purposes: Collection[str] | None,
    by: User,
    user_label: str,
    at: dt.datetime,
    draft_ids: Mapping[str, str] | None = None,
) -> OrderCheckFacts:
    """Decide which earlier results stand for an order, and keep the decision.

    The same order again is decided anew while it is not signed; what was chosen already, and a signed check, stay.
    Raises NotAllowed, NotFound for an unknown facility, Conflict where the number belongs to another patient's order.
    """
    if not items or not number:
        raise ValueError("an order has a number and at least one item")
    check_clinician(by, facility_id, at=at)
    facility = _facility(facility_id, at=at)
    asked = _Asked(
        number=number,
        channel=channel,
        patient_record_id=patient_record_id,
        facility=facility,
        items=tuple(dict.fromkeys(items)),
        encounter=Encounter(encounter_class, None if purposes is None else frozenset(purposes)),
        at=at,
        policy=policy_for(facility.region_path, local_day(at, facility.time_zone)),
    )
    check = _locked_check(asked, by=by, user_label=user_label)
    if check.signed_at is None:
        _decide_anew(check, asked, by=by, user_label=user_label, draft_ids=draft_ids or {})
    _record_read(check, asked, by=by)
    return order_check_facts(check)


def _facility(facility_id: int, *, at: dt.datetime) -> registry.FacilityFacts:
    found = facility_at(facility_id, at=at)
    if found is None:
        raise NotFound(_("There is no such facility."))
    return found


def _locked_check(asked: _Asked, *, by: User, user_label: str) -> OrderCheck:
    check, _created = OrderCheck.objects.select_for_update(of=("self",)).get_or_create(
        facility_id=asked.facility.id,
        channel=asked.channel,
        number=asked.number,
        defaults={
            "patient_record_id": asked.patient_record_id,
            "by": by,
            "user_label": user_label,
            "at": asked.at,
            "edition": asked.policy.edition,
        },
    )
    if check.patient_record_id != asked.patient_record_id:
        raise Conflict(_("An order with this number belongs to another patient. Give this order its own number."))
    return check


def _decide_anew(check: OrderCheck, asked: _Asked, *, by: User, user_label: str, draft_ids: Mapping[str, str]) -> None:
    found = _earlier(asked)
    decision = decide(
        order=Order(items=asked.items, at=asked.at),
        receiver=_receiver(asked),
        encounter=asked.encounter,
        earlier=tuple(one.earlier for one in found),
        policy=asked.policy,
    )
    _update(check, asked, decision, by=by, user_label=user_label)
    kept = set(check.lines.exclude(choice="").values_list("item", flat=True))
    check.lines.filter(choice="").delete()
    by_result = {one.result.id: one for one in found}
    OrderLine.objects.bulk_create(
        _line(check, line, by_result, draft_id=draft_ids.get(line.item, ""))
        for line in decision.lines
        if line.item not in kept
    )


def _earlier(asked: _Asked) -> list[Candidate]:
    """Return the patient's results for the ordered items; an analyte of two items answers the first."""
    ids = {row.key: row.id for row in registry.analytes().values()}
    item_of: dict[int, str] = {}
    for code in asked.items:
        item = asked.policy.find_item(code)
        for key in item.analytes if item else ():
            if key in ids:
                item_of.setdefault(ids[key], code)
    if not item_of:
        return []
    found = results.current_results(asked.patient_record_id, analyte_ids=list(item_of), until=asked.at)
    return candidates(found, item_of=item_of, policy=asked.policy, at=asked.at)


def _receiver(asked: _Asked) -> Receiver:
    facility, scheme = asked.facility, asked.policy.level_direction.scheme
    published = assessment.levels([facility.id], on=asked.policy.on, scheme=scheme).get(facility.id)
    return Receiver(
        facility=facility.code,
        region_path=facility.region_path,
        level=level_of(facility, published, scheme),
        has_insurance_contract=facility.has_insurance_contract,
    )


def _update(check: OrderCheck, asked: _Asked, decision: Decision, *, by: User, user_label: str) -> None:
    check.by, check.user_label = by, user_label
    check.encounter_class = asked.encounter.patient_class or ""
    check.purposes = None if asked.encounter.purposes is None else sorted(asked.encounter.purposes)
    check.at, check.edition, check.interrupt = asked.at, decision.policy_edition, decision.interrupt
    check.save()


def _line(check: OrderCheck, line: Line, by_result: Mapping[int, Candidate], *, draft_id: str) -> OrderLine:
    offered = by_result[line.chosen.result_id] if line.chosen else None
    return OrderLine(
        order_check=check,
        item=line.item,
        draft_id=draft_id,
        outcome=line.outcome.value,
        result_id=offered.result.id if offered else None,
        result_version=offered.result.version if offered else None,
        result_key=offered.result.key if offered else "",
        procedure_ids=list(offered.procedure_ids) if offered else [],
        measured_at=offered.result.measured_at if offered else None,
        valid_until=line.until,
        candidates=[candidate_json(one) for one in line.candidates],
        card_uuid=_card_uuid(check) if check.channel == OrderCheck.Channel.CDS_HOOKS else "",
    )


def _card_uuid(check: OrderCheck) -> str:
    """Return the name of the check's one card; it stays when the order is decided anew, so that feedback finds it."""
    return str(uuid5(NAMESPACE_URL, f"lienthong/order-check/{check.pk}"))


def _record_read(check: OrderCheck, asked: _Asked, *, by: User) -> None:
    audit.record_read(
        by=by,
        at=asked.at,
        patient_record_id=asked.patient_record_id,
        object_kind="order_check",
        object_key=check.pk,
        facility=asked.facility.code,
        relation="order",
    )
