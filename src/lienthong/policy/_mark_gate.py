"""The first gate: does the result carry a mark that holds at the receiver?

The rules, and the facts each verdict carries:

item_listed             item, edition
mark_reaches_receiver   marks (texts, comma between), region (the receiver's), grant_id (of the mark that reaches it)
level_direction         producer_level, level_on (day), receiver_level, producer_min, scheme, iso15189 (a verdict)
insurance_contract      producer, receiver (verdicts)
iqc_bracket             held (a verdict)
iqc_state               state

Of an imaging item the rules of quality control are not made: it has no control runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from lienthong.policy._facts import EarlierResult, Producer, Receiver
from lienthong.policy._policy import Policy
from lienthong.policy._values import LevelDirection, ruling
from lienthong.policy._verdict import Gate, RuleVerdict, Verdict, all_of, any_of, verdict_of


def mark_rules(result: EarlierResult, *, receiver: Receiver, policy: Policy) -> Iterator[RuleVerdict]:
    """Yield the verdicts on list, mark, direction of levels, contract and quality control."""
    yield _item_listed(result, policy)
    yield _mark_reaches(result, receiver, policy)
    direction = policy.level_direction
    if direction.kind != "none":
        yield _level_direction(result.producer, receiver, direction)
    contract = policy.requirement("admission.insurance_contract")
    if contract and contract.value == "required":
        held = (verdict_of(result.producer.has_insurance_contract), verdict_of(receiver.has_insurance_contract))
        facts = {"producer": held[0].value, "receiver": held[1].value}
        yield ruling("insurance_contract", all_of(held), contract.source, gate=Gate.MARK, facts=facts)
    listed = policy.find_item(result.item)
    if listed is None or not listed.is_imaging:
        yield _iqc_bracket(result, policy)
        yield _iqc_state(result, policy)


def _item_listed(result: EarlierResult, policy: Policy) -> RuleVerdict:
    listed, edition = policy.find_item(result.item), policy.list_edition
    facts = {"item": result.item, "edition": edition.edition}
    source = (listed or edition).source
    return ruling("item_listed", verdict_of(listed is not None), source, gate=Gate.MARK, facts=facts)


def _mark_reaches(result: EarlierResult, receiver: Receiver, policy: Policy) -> RuleVerdict:
    """Judge whether the scope of a mark contains the receiver's region, or one that contains it.

    The verdict rests on the rule of the mark that is shown, or on the first mark that the region knows.
    """
    reaching = next((mark for mark in result.marks if not mark.scope.isdisjoint(receiver.region_path)), None)
    shown = reaching or next(iter(result.marks), None)
    known = policy.marks
    rule = next((rule for rule in known if shown and rule.text == shown.mark), next(iter(known), None))
    facts = {
        "marks": ", ".join(mark.mark for mark in result.marks) or None,
        "region": receiver.region_path[-1],
        "grant_id": reaching.grant_id if reaching else None,
    }
    source = rule.source if rule else None
    return ruling("mark_reaches_receiver", verdict_of(reaching is not None), source, gate=Gate.MARK, facts=facts)


def _level_direction(producer: Producer, receiver: Receiver, direction: LevelDirection) -> RuleVerdict:
    """Judge the levels of both sides; where the policy says so, an ISO 15189 scope on the item is enough instead."""
    by_level = all_of([_at_least(producer, direction), _not_below(producer.level, receiver.level, direction)])
    by_scope = verdict_of(producer.covers_by_iso15189)
    verdict = any_of([by_level, by_scope]) if direction.iso15189_is_enough else by_level
    facts = {
        "producer_level": producer.level,
        "level_on": producer.level_on.isoformat() if producer.level_on else None,
        "receiver_level": receiver.level,
        "producer_min": direction.producer_min,
        "scheme": direction.scheme,
        "iso15189": by_scope.value if direction.iso15189_is_enough else None,
    }
    return ruling("level_direction", verdict, direction.source, gate=Gate.MARK, facts=facts)


def _at_least(producer: Producer, direction: LevelDirection) -> Verdict:
    if direction.producer_min is None:
        return Verdict.YES
    return verdict_of(None if producer.level is None else producer.level >= direction.producer_min)


def _not_below(producer: int | None, receiver: int | None, direction: LevelDirection) -> Verdict:
    if producer is None or receiver is None:
        return Verdict.UNKNOWN
    mutual = direction.mutual_levels is None or producer in direction.mutual_levels
    return verdict_of(producer > receiver or (producer == receiver and mutual))


def _iqc_bracket(result: EarlierResult, policy: Policy) -> RuleVerdict:
    basis = policy.requirement("admission.iqc_bracket")
    facts = {"held": verdict_of(result.iqc_held).value}
    source = basis.source if basis else None
    return ruling("iqc_bracket", verdict_of(not result.iqc_held), source, gate=Gate.MARK, facts=facts)


def _iqc_state(result: EarlierResult, policy: Policy) -> RuleVerdict:
    """Judge the state at measurement; a lack of evidence is unknown, or no where the policy refuses it, never yes."""
    basis = policy.requirement("iqc.no_evidence")
    without_evidence = Verdict.NO if basis and basis.value == "refuse" else Verdict.UNKNOWN
    verdicts = {"in_control": Verdict.YES, "out_of_control": Verdict.NO, "no_evidence": without_evidence}
    source = basis.source if basis else None
    return ruling("iqc_state", verdicts[result.iqc_state], source, gate=Gate.MARK, facts={"state": result.iqc_state})
