"""Properties of scoring that hold for any round: order is irrelevant, a bad result never helps, and slips are seen."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.eqa import scoring
from lienthong.eqa.blunders import Judged, suspicions
from lienthong.eqa.units import NotConvertible, converted, factor, number_of

POLICY = scoring.Settings(
    sigma_divisor=3,
    min_peer_group=6,
    pass_percent=80,
    boundary_counts=True,
    sigma_from_s_star=False,
    reads_percent=False,
)
values = st.lists(st.floats(min_value=50, max_value=150), min_size=3, max_size=30)


def systems_of(count: int) -> list[scoring.System]:
    return [scoring.System(place, 1000 + place, 1, "a" if place % 3 else "b") for place in range(count)]


def score(numbers: list[float], order: list[int]) -> scoring.RoundScores:
    systems = systems_of(len(numbers))
    returned = [scoring.Returned(place, systems[place], 1, numbers[place]) for place in order]
    return scoring.score(
        systems, returned, sample_ids=[1], settings=POLICY, allowable=lambda _analyte, x: 0.1 * x, molar_mass={}
    )


@settings(deadline=None, max_examples=60)
@given(values, st.randoms(use_true_random=False))
def test_order_of_results_changes_no_score(numbers: list[float], shuffled: random.Random) -> None:
    order = list(range(len(numbers)))
    shuffled.shuffle(order)

    one, other = score(numbers, list(range(len(numbers)))), score(numbers, order)

    by_result = {result.result_id: result for result in other.results}
    for result in one.results:
        assert result.z == pytest.approx(by_result[result.result_id].z, rel=1e-9, abs=1e-9)
    assert [system.z_verdict for system in one.systems] == [system.z_verdict for system in other.systems]


@settings(deadline=None, max_examples=60)
@given(values)
def test_every_result_and_every_system_gets_an_answer(numbers: list[float]) -> None:
    found = score(numbers, list(range(len(numbers))))

    assert len(found.results) == len(numbers)
    assert len(found.systems) == len(numbers)
    assert all(system.passed is not None for system in found.systems)


def test_two_results_are_no_consensus() -> None:
    found = score([100.0, 130.0], [0, 1])

    assert found.assigned == {}
    assert found.unscored == ((1, 1),)
    assert {system.z_verdict for system in found.systems} == {"not_evaluated"}


def test_round_without_any_result_is_answered() -> None:
    found = scoring.score(
        systems_of(3), [], sample_ids=[1], settings=POLICY, allowable=lambda _analyte, x: x, molar_mass={}
    )

    assert [system.passed for system in found.systems] == [None, None, None]


ASSIGNED = {(1, 7, ""): (5.0, 0.1), (2, 7, ""): (9.0, 0.15)}


@pytest.mark.parametrize(
    ("rows", "flags"),
    [
        ([(1, 50.2, True)], ["decimal"]),
        ([(1, 0.498, True)], ["decimal"]),
        ([(1, 90.1, True)], ["unit"]),  # 5.0 mmol/L of glucose in mg/dL
        ([(1, 9.0, True), (2, 5.0, True)], ["swapped", "swapped"]),
        ([(1, 9.0, True)], [""]),
        ([(1, 6.1, True)], [""]),
        ([(1, 50.2, False)], [""]),
    ],
    ids=["ten times", "a tenth", "other unit", "swapped", "one only", "plainly wrong", "no signal"],
)
def test_slips_are_told_apart(rows: list[tuple[int, float, bool]], flags: list[str]) -> None:
    judged = [Judged(1, (sample, 7, ""), value, signal) for sample, value, signal in rows]

    assert suspicions(judged, ASSIGNED, {7: 180.16}) == flags


@pytest.mark.parametrize(
    ("text", "number"),
    [("7.5", "7.5"), ("7,5", "7.5"), ("−1", "-1"), ("１.2", "1.2"), ("<0.01", None), ("++", None), ("1:80", None)],
)
def test_number_of_reads_what_laboratories_write(text: str, number: str | None) -> None:
    found = number_of(text)

    assert (None if found is None else str(found)) == number


def test_enzyme_units_are_one_and_others_are_refused() -> None:
    number = number_of("40")
    assert number is not None

    assert converted(number, "IU/L", "U/L", None) == 40.0
    assert factor("g/L", "g/dL", None) == 0.1
    with pytest.raises(NotConvertible, match="different kinds"):
        converted(number, "mmol/mol", "%", None)
