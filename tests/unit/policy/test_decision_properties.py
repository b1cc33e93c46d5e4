"""What holds for every decision, whatever is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.policy.conftest import HERE, pack_in
from tests.unit.policy.standing import AT, ENCOUNTER, RECEIVER, RESULT
from tests.unit.policy.strategies import PURPOSES, earlier_results, encounters, histories

from lienthong.policy import (
    CandidateVerdict,
    Decision,
    EarlierResult,
    Encounter,
    Order,
    Outcome,
    Pack,
    Receiver,
    Verdict,
    decide,
)

ITEMS = ("GLU", "CBC", "NA")


@cache
def small_pack() -> Pack:
    return pack_in(HERE / "small_pack")


def decided(
    results: tuple[EarlierResult, ...], encounter: Encounter = ENCOUNTER, receiver: Receiver = RECEIVER
) -> Decision:
    policy = small_pack().policy(receiver.region_path, AT.date())
    order = Order(items=ITEMS, at=AT)
    return decide(order=order, receiver=receiver, encounter=encounter, earlier=results, policy=policy)


def verdicts(decision: Decision) -> dict[int, CandidateVerdict]:
    return {candidate.result.result_id: candidate for line in decision.lines for candidate in line.candidates}


@given(histories(), encounters(), st.randoms(use_true_random=False))
def test_order_of_earlier_results_is_irrelevant(
    results: tuple[EarlierResult, ...], encounter: Encounter, random
) -> None:
    shuffled = list(results)
    random.shuffle(shuffled)

    assert decided(tuple(shuffled), encounter) == decided(results, encounter)


@given(histories(), encounters(), earlier_results(), st.integers(0, 100))
def test_a_result_collected_later_never_changes_anothers_verdict(
    results: tuple[EarlierResult, ...], encounter: Encounter, later: EarlierResult, hours: int
) -> None:
    newest = max((result.collected_at for result in results if result.collected_at), default=AT)
    later = replace(later, result_id=1000, collected_at=newest + timedelta(hours=hours))

    before = verdicts(decided(results, encounter))
    after = verdicts(decided((*results, later), encounter))

    assert {id_: after[id_] for id_ in before} == before


@given(histories(), encounters())
def test_result_stands_only_where_every_rule_and_gate_is_yes(
    results: tuple[EarlierResult, ...], encounter: Encounter
) -> None:
    for candidate in verdicts(decided(results, encounter)).values():
        all_yes = all(rule.verdict is Verdict.YES for rule in candidate.rules)
        assert (candidate.outcome is Outcome.STANDS) == all_yes
        if candidate.outcome is Outcome.STANDS:
            assert set(candidate.gates.values()) == {Verdict.YES}
            assert candidate.unsettled == ()


UNKNOWN = {
    "collected_at": None,
    "iqc_state": "no_evidence",
    "status": "preliminary",
    "level": None,
    "contract": None,
    "patient_class": None,
    "purposes": None,
}


@given(earlier_results(), encounters(), st.sampled_from(sorted(UNKNOWN)))
def test_making_a_fact_unknown_never_makes_a_result_stand(
    result: EarlierResult, encounter: Encounter, fact: str
) -> None:
    blurred, seen = result, encounter
    if fact in {"patient_class", "purposes"}:
        seen = replace(encounter, **{fact: None})
    elif fact == "level":
        blurred = replace(result, producer=replace(result.producer, level=None))
    elif fact == "contract":
        blurred = replace(result, producer=replace(result.producer, has_insurance_contract=None))
    else:
        blurred = replace(result, **{fact: UNKNOWN[fact]})

    before, after = verdicts(decided((result,), encounter)), verdicts(decided((blurred,), seen))

    scope_is_enough = fact == "level" and result.producer.covers_by_iso15189
    if not scope_is_enough:
        assert after[1].outcome is not Outcome.STANDS
    else:
        assert (after[1].outcome is Outcome.STANDS) <= (before[1].outcome is Outcome.STANDS)


RANK = {Outcome.DOES_NOT_STAND: 0, Outcome.FOR_REFERENCE: 1, Outcome.STANDS: 2}


@given(histories(), encounters(), st.sampled_from(PURPOSES))
def test_adding_an_exception_never_raises_an_outcome(
    results: tuple[EarlierResult, ...], encounter: Encounter, code: str
) -> None:
    known = replace(encounter, purposes=encounter.purposes or frozenset())
    more = replace(known, purposes=known.purposes | {code})

    before, after = verdicts(decided(results, known)), verdicts(decided(results, more))

    for id_, candidate in before.items():
        assert RANK[after[id_].outcome] <= RANK[candidate.outcome]
        assert after[id_].outcome is not Outcome.STANDS


@given(histories(), encounters())
def test_interruption_needs_a_standing_result_and_no_emergency(
    results: tuple[EarlierResult, ...], encounter: Encounter
) -> None:
    decision = decided(results, encounter)

    if decision.interrupt:
        assert any(line.outcome is Outcome.STANDS for line in decision.lines)
        assert encounter.patient_class in {"inpatient", "outpatient"}


@given(histories(), encounters())
def test_line_has_the_best_outcome_of_what_it_may_offer(
    results: tuple[EarlierResult, ...], encounter: Encounter
) -> None:
    for line in decided(results, encounter).lines:
        offered = [one for one in line.candidates if one.result.status != "withdrawn"]
        best = max((RANK[one.outcome] for one in offered), default=None)
        assert (line.chosen is None) == (best is None)
        if best is not None:
            assert RANK[line.outcome] == best
            assert line.chosen_verdict is not None
            assert line.chosen_verdict.outcome is line.outcome


@given(earlier_results(), st.integers(0, 300))
def test_verdict_on_a_closed_window_stays_closed(result: EarlierResult, hours: int) -> None:
    """A result that does not stand now for its age does not stand later."""
    later = AT + timedelta(hours=min(hours, 20))
    policy = small_pack().policy(RECEIVER.region_path, AT.date())

    def outcome(at: datetime) -> Outcome:
        order = Order(items=ITEMS, at=at)
        decision = decide(order=order, receiver=RECEIVER, encounter=ENCOUNTER, earlier=(result,), policy=policy)
        return verdicts(decision)[1].outcome

    if result.collected_at is None or result.collected_at <= AT:
        assert RANK[outcome(later)] <= RANK[outcome(AT)]


def test_the_result_that_the_strategies_start_from_stands() -> None:
    assert decided((RESULT,)).lines[0].outcome is Outcome.STANDS
