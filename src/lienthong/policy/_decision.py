"""Whether a patient's earlier results may stand in for what is ordered, item by item, and why.

A result stands only where every rule is YES. A rule that is UNKNOWN leaves it for reference, and names the question
that would settle it (`CandidateVerdict.unsettled`). A rule that is NO means that the result does not stand, except
where it is still of use as a trend: its window has closed, the item is for reference only, or an exception that is no
hard stop justifies the repeat. Candidates are judged one by one; none changes another's verdict.
"""

from __future__ import annotations

from datetime import UTC, datetime

from lienthong.policy._exception_gate import exception_rules
from lienthong.policy._facts import (
    CandidateVerdict,
    Decision,
    EarlierResult,
    Encounter,
    Line,
    Order,
    Outcome,
    Receiver,
)
from lienthong.policy._mark_gate import mark_rules
from lienthong.policy._policy import Policy
from lienthong.policy._values import ruling
from lienthong.policy._verdict import Gate, RuleVerdict, Verdict, all_of, verdict_of
from lienthong.policy._window_gate import closes_at, window_rules

_TREND_RULES = frozenset({"window_open", "window_not_reference_only"})
_BEST_FIRST = (Outcome.STANDS, Outcome.FOR_REFERENCE, Outcome.DOES_NOT_STAND)
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


def decide(
    *, order: Order, receiver: Receiver, encounter: Encounter, earlier: tuple[EarlierResult, ...], policy: Policy
) -> Decision:
    """Decide for each ordered item whether an earlier result stands, with every rule's verdict on every candidate.

    `policy` must be that of the receiver's region and of the order's day. `interrupt` holds only where a result stands
    and the encounter is known not to be an emergency: care is never held up by a question.
    """
    _check_call(order, receiver, earlier, policy)
    lines = tuple(
        _line(
            item,
            tuple(
                _judge(result, order=order, receiver=receiver, encounter=encounter, policy=policy)
                for result in sorted(earlier, key=_age, reverse=True)
                if result.item == item
            ),
        )
        for item in dict.fromkeys(order.items)
    )
    calm = encounter.patient_class not in {None, "emergency"}
    stands = any(line.outcome is Outcome.STANDS for line in lines)
    return Decision(lines=lines, interrupt=calm and stands, policy_edition=policy.edition, at=order.at)


def _check_call(order: Order, receiver: Receiver, earlier: tuple[EarlierResult, ...], policy: Policy) -> None:
    if policy.region_path != receiver.region_path:
        raise ValueError(f"the policy is of {policy.region_path}, the receiver of {receiver.region_path}")
    if abs((order.at.date() - policy.on).days) > 1:  # a day apart is a matter of time zones
        raise ValueError(f"the policy is of {policy.on}, the order of {order.at.date()}")
    if len({result.result_id for result in earlier}) < len(earlier):
        raise ValueError("each earlier result is given once, in its current version")


def _age(result: EarlierResult) -> tuple[datetime, datetime, int]:
    return (result.collected_at or _BEFORE_ALL, result.measured_at or _BEFORE_ALL, result.result_id)


def _line(item: str, candidates: tuple[CandidateVerdict, ...]) -> Line:
    """Offer the newest candidate of the best outcome; a withdrawn result is listed and never offered."""
    offered = [one for one in candidates if one.result.status != "withdrawn"]
    for outcome in _BEST_FIRST:
        chosen = next((one for one in offered if one.outcome is outcome), None)
        if chosen:
            return Line(item=item, outcome=outcome, chosen=chosen.result, until=chosen.until, candidates=candidates)
    outcome = Outcome.DOES_NOT_STAND if candidates else Outcome.NO_EARLIER_RESULT
    return Line(item=item, outcome=outcome, chosen=None, until=None, candidates=candidates)


def _judge(
    result: EarlierResult, *, order: Order, receiver: Receiver, encounter: Encounter, policy: Policy
) -> CandidateVerdict:
    window, listed = policy.window(result.item), policy.find_item(result.item)
    rules = (
        _result_status(result, policy),
        *mark_rules(result, receiver=receiver, policy=policy),
        *window_rules(result, window, at=order.at, is_imaging=listed is not None and listed.is_imaging),
        *exception_rules(encounter, policy=policy),
    )
    return CandidateVerdict(
        result=result,
        outcome=_outcome(rules),
        until=closes_at(result, window),
        clinician_judges=window is not None and window.clinician_judges,
        gates={gate: all_of(rule.verdict for rule in rules if rule.gate is gate) for gate in Gate},
        rules=rules,
    )


def _result_status(result: EarlierResult, policy: Policy) -> RuleVerdict:
    """Judge the state of the result: final or corrected yes, preliminary not yet known, withdrawn never."""
    known = None if result.status == "preliminary" else result.status != "withdrawn"
    basis = policy.requirement("admission.final_result")
    return ruling("result_status", verdict_of(known), basis.source if basis else None, facts={"status": result.status})


def _outcome(rules: tuple[RuleVerdict, ...]) -> Outcome:
    failed = [rule for rule in rules if rule.verdict is Verdict.NO]
    if any(not _leaves_a_trend(rule) for rule in failed):
        return Outcome.DOES_NOT_STAND
    if failed or any(rule.verdict is Verdict.UNKNOWN for rule in rules):
        return Outcome.FOR_REFERENCE
    return Outcome.STANDS


def _leaves_a_trend(rule: RuleVerdict) -> bool:
    if rule.gate is Gate.EXCEPTION:
        return not rule.facts["hard_stop"]
    return rule.rule in _TREND_RULES
