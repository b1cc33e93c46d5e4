from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from tests.unit.policy.standing import AT, ENCOUNTER, ORDER, PRODUCER, PROVINCE, RECEIVER, RESULT, TOWN

from lienthong.policy import (
    CandidateVerdict,
    Decision,
    EarlierResult,
    Encounter,
    Gate,
    MarkHeld,
    Order,
    Outcome,
    Pack,
    Receiver,
    Verdict,
    decide,
    read_pack,
)

Y, N, U = "yes", "no", "unknown"


def decided(
    pack: Pack,
    *results: EarlierResult,
    receiver: Receiver = RECEIVER,
    encounter: Encounter = ENCOUNTER,
    order: Order = ORDER,
) -> Decision:
    policy = pack.policy(receiver.region_path, order.at.date())
    return decide(order=order, receiver=receiver, encounter=encounter, earlier=results, policy=policy)


def judged(
    pack: Pack, result: EarlierResult, *, receiver: Receiver = RECEIVER, encounter: Encounter = ENCOUNTER
) -> CandidateVerdict:
    (line,) = decided(pack, result, receiver=receiver, encounter=encounter).lines
    (candidate,) = line.candidates
    return candidate


def test_result_with_every_rule_fulfilled_stands_until_its_window_closes(small: Pack) -> None:
    decision = decided(small, RESULT)

    (line,) = decision.lines
    assert (line.outcome, line.chosen) == (Outcome.STANDS, RESULT)
    assert line.until == AT + timedelta(hours=24)
    assert decision.interrupt
    assert decision.policy_edition == f"xx:XX-1:2026-02-10:{small.edition}"
    assert {rule.rule: rule.verdict.value for rule in line.candidates[0].rules} == {
        "result_status": Y,
        "item_listed": Y,
        "mark_reaches_receiver": Y,
        "level_direction": Y,
        "insurance_contract": Y,
        "iqc_bracket": Y,
        "iqc_state": Y,
        "collection_time": Y,
        "window_open": Y,
        "no_emergency": Y,
        "no_exception": Y,
    }
    assert all(rule.reference for rule in line.candidates[0].rules)


FACTS = {
    "corrected": ({"status": "corrected"}, (Y, Y, Y), "stands"),
    "preliminary": ({"status": "preliminary"}, (Y, Y, Y), "for_reference"),
    "withdrawn": ({"status": "withdrawn"}, (Y, Y, Y), "does_not_stand"),
    "no_mark": ({"marks": ()}, (N, Y, Y), "does_not_stand"),
    "mark_of_elsewhere": ({"marks": (MarkHeld("TOWN", frozenset({"XX-1-A"}), 8),)}, (N, Y, Y), "does_not_stand"),
    "mark_of_the_nation": ({"marks": (MarkHeld("LAND", frozenset({"XX"}), 8),)}, (Y, Y, Y), "stands"),
    "mark_of_a_set": ({"marks": (MarkHeld("JOINT", frozenset({"YY", "XX-1"}), 8),)}, (Y, Y, Y), "stands"),
    "second_mark_reaches": (
        {"marks": (MarkHeld("TOWN", frozenset({"XX-1-A"}), 8), MarkHeld("LAND", frozenset({"XX"}), 9))},
        (Y, Y, Y),
        "stands",
    ),
    "bracket_held": ({"iqc_held": True}, (N, Y, Y), "does_not_stand"),
    "out_of_control": ({"iqc_state": "out_of_control"}, (N, Y, Y), "does_not_stand"),
    "no_iqc_evidence": ({"iqc_state": "no_evidence"}, (U, Y, Y), "for_reference"),
    "window_at_its_end": ({"collected_at": AT - timedelta(hours=48)}, (Y, Y, Y), "stands"),
    "window_closed": ({"collected_at": AT - timedelta(hours=48, seconds=1)}, (Y, N, Y), "for_reference"),
    "window_closed_and_no_mark": (
        {"collected_at": AT - timedelta(hours=49), "marks": ()},
        (N, N, Y),
        "does_not_stand",
    ),
    "no_collection_time": ({"collected_at": None}, (Y, U, Y), "for_reference"),
    "collected_after_the_order": ({"collected_at": AT + timedelta(seconds=1)}, (Y, U, Y), "for_reference"),
}


@pytest.mark.parametrize(("changes", "gates", "outcome"), FACTS.values(), ids=FACTS.keys())
def test_one_fact_of_the_result_changes_its_gate_and_outcome(
    small: Pack, changes: dict[str, object], gates: tuple[str, str, str], outcome: str
) -> None:
    candidate = judged(small, replace(RESULT, **changes))

    assert tuple(candidate.gates[gate].value for gate in (Gate.MARK, Gate.WINDOW, Gate.EXCEPTION)) == gates
    assert candidate.outcome == outcome


LEVELS = {  # producer's level, receiver's level, ISO 15189 scope covers the item → verdict
    "equal": (2, 2, False, Y),
    "higher": (3, 2, False, Y),
    "lower": (2, 3, False, N),
    "below_the_least": (0, 0, False, N),
    "below_the_least_and_receiver_unknown": (0, None, False, N),
    "producer_unknown": (None, 2, False, U),
    "receiver_unknown": (3, None, False, U),
    "lower_with_scope": (2, 3, True, Y),
    "unknown_with_scope": (None, None, True, Y),
    "lower_and_scope_unknown": (2, 3, None, U),
    "higher_and_scope_unknown": (3, 2, None, Y),
}


@pytest.mark.parametrize(("producer", "receiver", "scope", "verdict"), LEVELS.values(), ids=LEVELS.keys())
def test_levels_compare_in_one_direction(
    small: Pack, producer: int | None, receiver: int | None, scope: bool | None, verdict: str
) -> None:
    result = replace(RESULT, producer=replace(PRODUCER, level=producer, covers_by_iso15189=scope))

    candidate = judged(small, result, receiver=replace(RECEIVER, level=receiver))

    (rule,) = (rule for rule in candidate.rules if rule.rule == "level_direction")
    assert rule.verdict == verdict


CONTRACTS = [(True, True, Y), (True, False, N), (False, None, N), (True, None, U), (None, None, U)]


@pytest.mark.parametrize(("producer", "receiver", "verdict"), CONTRACTS)
def test_both_facilities_need_the_contract_that_the_policy_asks_for(
    small: Pack, producer: bool | None, receiver: bool | None, verdict: str
) -> None:
    result = replace(RESULT, producer=replace(PRODUCER, has_insurance_contract=producer))

    candidate = judged(small, result, receiver=replace(RECEIVER, has_insurance_contract=receiver))

    (rule,) = (rule for rule in candidate.rules if rule.rule == "insurance_contract")
    assert rule.verdict == verdict


def test_town_asks_for_no_contract_and_refuses_what_has_no_iqc_evidence(small: Pack) -> None:
    receiver = replace(RECEIVER, region_path=TOWN, has_insurance_contract=None)

    assert judged(small, RESULT, receiver=receiver).outcome is Outcome.STANDS
    without = judged(small, replace(RESULT, iqc_state="no_evidence"), receiver=receiver)
    assert without.outcome is Outcome.DOES_NOT_STAND


NOBODY_ASKED = Encounter(patient_class="inpatient", purposes=None)
EXCEPTIONS = {
    "emergency": (Encounter("emergency", frozenset()), N, "for_reference"),
    "class_unknown": (Encounter(None, frozenset()), U, "for_reference"),
    "purposes_unknown": (NOBODY_ASKED, U, "for_reference"),
    "nothing_known": (Encounter(), U, "for_reference"),
    "surgery": (Encounter("inpatient", frozenset({"surgery"})), N, "for_reference"),
    "forensic": (Encounter("inpatient", frozenset({"forensic"})), N, "does_not_stand"),
    "forensic_in_an_unknown_class": (Encounter(None, frozenset({"forensic"})), N, "does_not_stand"),
    "a_reason_only_the_clinician_knows": (Encounter("inpatient", frozenset({"other"})), N, "for_reference"),
    "a_code_of_another_policy": (Encounter("inpatient", frozenset({"too_old"})), U, "for_reference"),
}


@pytest.mark.parametrize(("encounter", "gate", "outcome"), EXCEPTIONS.values(), ids=EXCEPTIONS.keys())
def test_exception_that_applies_or_is_unknown_keeps_the_result_from_standing(
    small: Pack, encounter: Encounter, gate: str, outcome: str
) -> None:
    decision = decided(small, RESULT, encounter=encounter)

    (candidate,) = decision.lines[0].candidates
    assert candidate.gates[Gate.EXCEPTION] == gate
    assert candidate.outcome == outcome
    assert not decision.interrupt


@pytest.mark.parametrize(("patient_class", "interrupt"), [("inpatient", True), ("emergency", False), (None, False)])
def test_no_interruption_in_an_emergency_where_the_policy_knows_none(
    small_texts: dict[str, str], patient_class: str | None, interrupt: bool
) -> None:
    file = "small_pack/exceptions.yaml"
    pack, _ = read_pack({**small_texts, file: small_texts[file].replace("automatic: emergency, ", "")})
    assert pack is not None

    decision = decided(pack, RESULT, encounter=Encounter(patient_class, frozenset()))

    assert decision.lines[0].outcome is Outcome.STANDS
    assert decision.interrupt is interrupt


def test_unsettled_names_the_questions_that_are_open(small: Pack) -> None:
    result = replace(RESULT, collected_at=None, iqc_state="no_evidence")

    candidate = judged(small, result, encounter=Encounter(None, frozenset()))

    assert candidate.unsettled == ("iqc_state", "collection_time", "window_open", "no_emergency")


@pytest.mark.parametrize(("is_order_time", "expected"), [(True, "order"), (False, None)])
def test_window_counts_from_the_order_where_that_stands_for_the_collection(
    small: Pack, is_order_time: bool, expected: str | None
) -> None:
    candidate = judged(small, replace(RESULT, is_order_time=is_order_time))

    rule = next(one for one in candidate.rules if one.rule == "collection_time")
    assert candidate.outcome == "stands"
    assert rule.facts.get("stands_in") == expected
    assert rule.facts["collected_at"] == RESULT.collected_at.isoformat()  # type: ignore[union-attr]  # it has one


def test_window_left_to_the_clinician_stands_and_says_so(small: Pack) -> None:
    at = AT.replace(month=10)  # since September any item without a window is left to the clinician
    town = replace(RECEIVER, region_path=PROVINCE)
    result = replace(RESULT, item="CBC", collected_at=at - timedelta(days=900))
    policy = small.policy(PROVINCE, at.date())

    decision = decide(
        order=Order(items=("CBC",), at=at), receiver=town, encounter=ENCOUNTER, earlier=(result,), policy=policy
    )

    (candidate,) = decision.lines[0].candidates
    assert candidate.outcome is Outcome.STANDS
    assert candidate.clinician_judges
    assert candidate.until is None


def test_silence_of_the_policy_on_windows_is_unknown(small: Pack) -> None:
    decision = decided(small, replace(RESULT, item="CBC"), order=Order(items=("CBC",), at=AT))

    (candidate,) = decision.lines[0].candidates
    assert candidate.gates[Gate.WINDOW] is Verdict.UNKNOWN
    assert candidate.outcome is Outcome.FOR_REFERENCE
    assert not candidate.clinician_judges


def test_line_offers_the_newest_result_that_stands(small: Pack) -> None:
    newest = replace(RESULT, result_id=2, collected_at=AT - timedelta(hours=1), marks=())
    newer = replace(RESULT, result_id=3, collected_at=AT - timedelta(hours=2))

    (line,) = decided(small, RESULT, newest, newer).lines

    assert line.chosen is newer
    assert [candidate.result.result_id for candidate in line.candidates] == [2, 3, 1]
    assert line.chosen_verdict is line.candidates[1]


def test_line_without_a_standing_result_offers_the_newest_of_the_best(small: Pack) -> None:
    closed = replace(RESULT, collected_at=AT - timedelta(hours=60))
    unmarked = replace(RESULT, result_id=2, marks=())
    older = replace(RESULT, result_id=3, collected_at=AT - timedelta(hours=90))

    (line,) = decided(small, older, unmarked, closed).lines

    assert (line.outcome, line.chosen) == (Outcome.FOR_REFERENCE, closed)


def test_withdrawn_result_is_listed_and_never_offered(small: Pack) -> None:
    (line,) = decided(small, replace(RESULT, status="withdrawn")).lines

    assert (line.outcome, line.chosen, len(line.candidates)) == (Outcome.DOES_NOT_STAND, None, 1)


def test_panel_is_decided_item_by_item(small: Pack) -> None:
    decision = decided(small, RESULT, order=Order(items=("GLU", "CBC", "GLU"), at=AT))

    assert [(line.item, line.outcome) for line in decision.lines] == [
        ("GLU", "stands"),
        ("CBC", "no_earlier_result"),
    ]


def test_decision_counts_hours_across_time_zones(small: Pack) -> None:
    hanoi = timezone(timedelta(hours=7))
    collected = datetime(2026, 2, 8, 16, 0, tzinfo=hanoi)  # 48 hours before 09:00 UTC on the tenth

    assert judged(small, replace(RESULT, collected_at=collected)).outcome is Outcome.STANDS


@pytest.mark.parametrize(
    ("results", "receiver", "at", "message"),
    [
        ((RESULT, replace(RESULT, version=2)), RECEIVER, AT, "current version"),
        ((RESULT,), replace(RECEIVER, region_path=TOWN), AT, "the policy is of"),
        ((RESULT,), RECEIVER, AT + timedelta(days=2), "the policy is of"),
    ],
    ids=["version_twice", "policy_of_another_region", "policy_of_another_day"],
)
def test_decide_called_wrongly_raises(
    small: Pack, results: tuple[EarlierResult, ...], receiver: Receiver, at: datetime, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        decide(
            order=Order(items=("GLU",), at=at),
            receiver=receiver,
            encounter=ENCOUNTER,
            earlier=results,
            policy=small.policy(PROVINCE, AT.date()),
        )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"status": "F"}, "status must be one of"),
        ({"iqc_state": "ok"}, "iqc_state must be one of"),
        ({"outcome": "reactive"}, "outcome must be one of"),
        ({"collected_at": datetime(2026, 2, 9)}, "collected_at must carry a time zone"),  # noqa: DTZ001 the point
    ],
)
def test_earlier_result_with_a_word_outside_its_list_raises(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(RESULT, **changes)
