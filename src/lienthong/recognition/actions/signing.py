"""What was chosen: reuse an earlier result, repeat it with a reason, or order what has none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.core.packs import policy_for
from lienthong.errors import BadInput, Conflict, NotFound
from lienthong.findings import Finding
from lienthong.policy import ExceptionReason, Outcome
from lienthong.recognition.evidence import facility_at, local_day
from lienthong.recognition.models import OrderCheck, OrderLine
from lienthong.recognition.permissions import check_clinician
from lienthong.recognition.querysets import OrderCheckQuerySet
from lienthong.recognition.reads import OrderCheckFacts, order_check_facts
from lienthong.registry import reads as registry
from lienthong.results import reads as results

REUSE, REPEAT, ORDER = OrderLine.Choice.REUSE, OrderLine.Choice.REPEAT, OrderLine.Choice.ORDER
NOT_GIVEN = "not_given"  # feedback may leave the reason out
OFFERED: Mapping[Outcome, frozenset[str]] = {
    Outcome.STANDS: frozenset({REUSE, REPEAT}),
    Outcome.FOR_REFERENCE: frozenset({REUSE, ORDER}),
    Outcome.DOES_NOT_STAND: frozenset({ORDER}),
    Outcome.NO_EARLIER_RESULT: frozenset({ORDER}),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What a clinician chose for one item: reuse, repeat (with a reason of the policy) or order."""

    choice: str
    reason_code: str = ""
    reason_text: str = ""


@transaction.atomic
def sign_order(*, check_id: int, choices: Mapping[str, Choice], by: User, at: dt.datetime) -> OrderCheckFacts:
    """Keep what was chosen for each item and close the check.

    An item where nothing stands is ordered without being asked about; so is every item where the clinician must not be
    interrupted. Raises NotAllowed, NotFound, Conflict (signed already; a result or window changed since), BadInput.
    """
    check = _locked(OrderCheck.objects.filter(pk=check_id))
    check_clinician(by, check.facility_id, at=at)
    if check.signed_at is not None:
        raise Conflict(_("This order is signed. Start a new order to choose again."))
    lines = [line for line in check.lines.order_by("pk") if not line.choice]
    taken = {line.item: _taken(line, choices, is_asked=check.interrupt) for line in lines}
    reasons = _reasons(check)
    findings = [finding for line in lines for finding in _findings(line, taken[line.item], reasons)]
    findings += [
        Finding(item, "not-ordered", _("This item is not in the order.")) for item in _strangers(check, choices)
    ]
    if findings:
        raise BadInput(findings)
    _check_current(check, [line for line in lines if _is_reuse(taken[line.item])], at=at)
    for line in lines:
        _keep(line, taken[line.item] or Choice(ORDER), at=at)
    check.signed_at, check.by = at, by
    check.save(update_fields=["signed_at", "by"])
    _record("sign-order", check, by=by, at=at)
    return order_check_facts(check)


@transaction.atomic
def record_feedback(
    *,
    card_uuid: str,
    outcome: str,
    by: User,
    at: dt.datetime,
    facility_id: int | None = None,
    accepted: Collection[str] | None = None,
    reason_code: str = "",
    reason_text: str = "",
) -> OrderCheckFacts:
    """Keep what a connected system says became of a card: "accepted" (with the suggestions taken) or "overridden".

    `accepted` names suggestions; None means all. The same feedback again changes nothing. Raises NotAllowed, NotFound
    (also for a card of another facility than `facility_id`), BadInput for an outcome or reason that is not known.
    """
    check = _locked(OrderCheck.objects.filter(pk__in=OrderLine.objects.of_card(card_uuid).values("order_check")))
    if facility_id is not None and check.facility_id != facility_id:
        raise NotFound(_("There is no such order."))
    check_clinician(by, check.facility_id, at=at)
    reason = Choice(REPEAT, reason_code or NOT_GIVEN, reason_text.strip())
    _check_feedback(check, outcome=outcome, reason_code=reason_code, reason_text=reason_text)
    told = {"outcome": outcome, "accepted": None if accepted is None else sorted(accepted)}
    told |= {"reason_code": reason_code, "reason_text": reason.reason_text}
    if any({key: one[key] for key in told} == told for one in check.feedback):
        return order_check_facts(check)
    check.feedback = [*check.feedback, {**told, "at": at.isoformat()}]
    check.save(update_fields=["feedback"])
    for line in _answered(check, outcome=outcome, accepted=accepted):
        _keep(line, Choice(REUSE) if outcome == "accepted" else reason, at=at)
    _record("feedback-on-card", check, by=by, at=at)
    return order_check_facts(check)


def _locked(found: OrderCheckQuerySet) -> OrderCheck:
    check = found.select_for_update().first()
    if check is None:
        raise NotFound(_("There is no such order."))
    return check


def _taken(line: OrderLine, choices: Mapping[str, Choice], *, is_asked: bool) -> Choice | None:
    """Return what was chosen; where nothing has to be asked, what was not chosen is ordered."""
    chosen = choices.get(line.item)
    if is_asked and line.outcome == Outcome.STANDS:
        return chosen
    if chosen is None or chosen.choice == REPEAT:
        return Choice(ORDER)
    return chosen


def _is_reuse(chosen: Choice | None) -> bool:
    return chosen is not None and chosen.choice == REUSE


def _reasons(check: OrderCheck) -> dict[str, ExceptionReason]:
    """Return the reasons of the policy that judged the order."""
    facility = facility_at(check.facility_id, at=check.at)
    if facility is None:
        raise NotFound(_("There is no such facility."))
    policy = policy_for(facility.region_path, local_day(check.at, facility.time_zone))
    return {reason.code: reason for reason in policy.exceptions}


def _strangers(check: OrderCheck, choices: Mapping[str, Choice]) -> list[str]:
    return sorted(set(choices) - set(check.lines.values_list("item", flat=True)))


def _findings(line: OrderLine, chosen: Choice | None, reasons: Mapping[str, ExceptionReason]) -> list[Finding]:
    """Return what is wrong with the choice for one item; the item's code says where."""
    if chosen is None:
        return [Finding(line.item, "choice-missing", _("Choose whether to reuse the result or to repeat the test."))]
    allowed = OFFERED[Outcome(line.outcome)]
    if chosen.choice not in allowed or (chosen.choice == REUSE and line.result_id is None):
        return [
            Finding(line.item, "not-offered", _("This cannot be chosen for this test. Choose what the page offers."))
        ]
    return _reason_findings(line.item, chosen, reasons) if chosen.choice == REPEAT else []


def _reason_findings(where: str, chosen: Choice, reasons: Mapping[str, ExceptionReason]) -> list[Finding]:
    if not chosen.reason_code:
        return [Finding(where, "reason-missing", _("Choose the reason for repeating."))]
    reason = reasons.get(chosen.reason_code)
    if reason is None:
        return [
            Finding(where, "reason-unknown", _("This reason is not in the rules in force. Choose one of the list."))
        ]
    if reason.free_text_required and not chosen.reason_text.strip():
        return [Finding(where, "text-missing", _("Write the reason for repeating."))]
    return _text_findings(where, chosen.reason_text)


def _text_findings(where: str, text: str) -> list[Finding]:
    if len(text.strip()) <= 500:
        return []
    return [Finding(where, "text-long", _("Write the reason, in 500 characters at most."))]


def _check_current(check: OrderCheck, reused: list[OrderLine], *, at: dt.datetime) -> None:
    """Raise Conflict where a result that is to be reused has a newer version, or its window closed since the check."""
    if not reused:
        return
    closed = [line for line in reused if line.outcome == Outcome.STANDS and line.valid_until and line.valid_until < at]
    analytes = {row.id for row in registry.analytes().values()}
    found = results.current_results(check.patient_record_id, analyte_ids=analytes, until=at)
    current = {(one.id, one.version) for one in found}
    if closed or any((line.result_id, line.result_version) not in current for line in reused):
        raise Conflict(_("A result or its window changed since this order was checked. Check the order again."))


def _check_feedback(check: OrderCheck, *, outcome: str, reason_code: str, reason_text: str) -> None:
    findings = _text_findings("overrideReason.userComment", reason_text)
    if outcome not in ("accepted", "overridden"):
        findings.append(Finding("outcome", "outcome-unknown", _("The outcome must be accepted or overridden.")))
    if reason_code and reason_code not in _reasons(check):
        message = _("This reason is not in the rules in force. Choose one of the list.")
        findings.append(Finding("overrideReason.reason", "reason-unknown", message))
    if findings:
        raise BadInput(findings)


def _answered(check: OrderCheck, *, outcome: str, accepted: Collection[str] | None) -> list[OrderLine]:
    """Return the lines that feedback speaks of: where a result stands, and nothing was chosen before."""
    if check.signed_at is not None:
        return []
    open_lines = {line.pk: line for line in check.lines.filter(outcome=Outcome.STANDS, choice="")}
    if outcome != "accepted" or accepted is None:
        return list(open_lines.values())
    named = {line.line_id for line in order_check_facts(check).lines if line.suggestion_uuid in accepted}
    return [line for key, line in open_lines.items() if key in named]


def _keep(line: OrderLine, chosen: Choice, *, at: dt.datetime) -> None:
    repeats = chosen.choice == REPEAT
    line.choice, line.chosen_at = chosen.choice, at
    line.reason_code = chosen.reason_code if repeats else ""
    line.reason_text = chosen.reason_text.strip() if repeats else ""
    line.save(update_fields=["choice", "chosen_at", "reason_code", "reason_text"])


def _record(action: str, check: OrderCheck, *, by: User, at: dt.datetime) -> None:
    chosen = list(check.lines.values_list("choice", flat=True))
    detail = {"reused": chosen.count(REUSE), "repeated": chosen.count(REPEAT), "ordered": chosen.count(ORDER)}
    audit.record(action, by=by, at=at, object_kind="order_check", object_key=check.pk, detail=detail)
