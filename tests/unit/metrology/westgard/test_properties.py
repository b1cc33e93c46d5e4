"""What holds for control rules whatever the results are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.metrology.westgard.plain_loop import Result, completed

from lienthong.metrology import westgard

RULES = (
    *westgard.STANDARD,
    *("1_2.5s", "1_3.5s", "2of3_2s", "2of3_2s_across", "3_1s", "3_1s_across", "6x", "6x_across", "8x", "9x", "12x"),
    *(
        "R_4s_range",
        "R_4s_consecutive",
        "7T",
        "3T",
        "2x",
        "2x_across",
        "3_2.5s",
        "3of5_1s",
        "3of4_1s_across",
        "2_3s_across",
    ),
)
TENTHS = (-36, -31, -30, -25, -21, -20, -11, -10, -5, -1, 0, 1, 5, 10, 11, 20, 21, 25, 30, 31, 36, None)


@st.composite
def control_results(draw: st.DrawFn) -> list[Result]:
    """Draw mixed series of few different values, so that long sequences occur; runs follow one another in time."""
    palette = draw(st.lists(st.sampled_from(TENTHS), min_size=1, max_size=5))
    steps = draw(
        st.lists(
            st.tuples(
                st.sampled_from(palette),
                st.integers(0, 1),
                st.integers(1, 3),
                st.booleans(),
                st.sampled_from([0] * 11 + [1]),
            ),
            max_size=45,
        )
    )
    results, run, resets = [], 0, [0, 0]
    for at, (tenths, series, level, new_run, reset) in enumerate(steps):
        run += new_run
        resets[series] += reset
        # Numbers of runs and segments name them, no more: later ones may be smaller.
        results.append(Result(at, tenths, series, (run * 37) % 101, level, (resets[series] * 7) % 11))
    return results


def evaluated(
    results: list[Result], *, mean: float = 100.0, sd: float = 5.0, inclusive: bool = False
) -> westgard.Evaluation:
    tenths = np.array([np.nan if r.tenths is None else r.tenths for r in results], dtype=float)
    return westgard.evaluate(
        mean + tenths * sd / 10,
        mean,
        abs(sd),
        series=np.array([r.series for r in results], dtype=int),
        run=np.array([r.run for r in results], dtype=int),
        level=np.array([r.level for r in results], dtype=int),
        segment=np.array([r.segment for r in results], dtype=int),
        rules=RULES,
        inclusive=inclusive,
    )


@settings(max_examples=120, deadline=None)
@given(results=control_results(), inclusive=st.booleans())
def test_evaluate_any_results_equals_the_plain_loop(results: list[Result], inclusive: bool) -> None:
    found = evaluated(results, inclusive=inclusive)

    for rule in RULES:
        expected = [completed(rule, results, i, inclusive=inclusive) for i in range(len(results))]
        assert found.hits[rule].tolist() == [bool(members) for members in expected], rule
        assert [found.members(rule, i).tolist() for i in range(len(results))] == expected, rule


def shifting_series(seed: int) -> list[Result]:
    """Return 90 results of one to four levels, some missing, whose mean stays a while, jumps or drifts."""
    rng = np.random.default_rng(seed)
    levels = 1 + seed % 4
    centre = np.cumsum(rng.choice([0.0, 0.0, 0.0, 0.0, 0.3, -0.3, 1.5, -1.5], 90) * rng.choice([0, 1, 1]))
    drift = np.linspace(0, 4, 90) * (seed % 3 == 0)
    tenths = np.round(10 * (centre % 3.0 * np.sign(centre) + drift + rng.normal(0, 0.1 + seed % 4 * 0.3, 90)))
    missing = rng.random(90) < 0.05
    return [
        Result(at, None if missing[at] else int(tenths[at]), 0, at // levels, at % levels, at // 70) for at in range(90)
    ]


def test_evaluate_shifting_series_equals_the_plain_loop() -> None:
    hit_at_all = set()
    for seed in range(36):
        results = shifting_series(seed)
        found = evaluated(results)
        for rule in RULES:
            expected = [completed(rule, results, i) for i in range(len(results))]
            assert [found.members(rule, i).tolist() for i in range(len(results))] == expected, (seed, rule)
            hit_at_all |= {rule} if any(expected) else set()

    assert hit_at_all == set(RULES)


def arriving(results: list[Result], *, inclusive: bool = False) -> list[set[str]]:
    """Return what a state of its own for each series says of each result as it arrives."""
    states: dict[tuple[int, int], westgard.State] = {}
    said = []
    for r in results:
        state = states.setdefault((r.series, r.segment), westgard.State(RULES, inclusive=inclusive))
        value = np.nan if r.tenths is None else 100.0 + r.tenths * 5.0 / 10
        said.append(set(state.update(value, 100.0, 5.0, run=r.run, level=r.level).hits))
    return said


@settings(max_examples=120, deadline=None)
@given(results=control_results(), inclusive=st.booleans())
def test_state_results_in_order_of_level_equals_evaluate(results: list[Result], inclusive: bool) -> None:
    first = {(r.series, r.segment, r.run): r.at for r in reversed(results)}
    ordered = sorted(results, key=lambda r: (first[r.series, r.segment, r.run], r.level))
    renumbered = [Result(at, r.tenths, r.series, r.run, r.level, r.segment) for at, r in enumerate(ordered)]

    found = evaluated(renumbered, inclusive=inclusive)

    expected = [{rule for rule in RULES if found.hits[rule][i]} for i in range(len(results))]
    assert arriving(renumbered, inclusive=inclusive) == expected


@pytest.mark.parametrize("levels", [1, 2, 3, 70])
@pytest.mark.parametrize("missing", [0.0, 0.002, 0.2])
def test_evaluate_series_longer_than_a_piece_equals_arriving_results(levels: int, missing: float) -> None:
    rng = np.random.default_rng(levels)
    runs = 21_000 // levels
    tenths = np.round(
        10 * (rng.normal(0, 1, (runs, levels)) + np.cumsum(rng.normal(0, 0.05, runs))[:, None] % 2)
    ).ravel()
    tenths[rng.random(tenths.size) < missing] = np.nan
    values, run, level = 100 + tenths / 2, np.arange(tenths.size) // levels, np.arange(tenths.size) % levels

    found = westgard.evaluate(values, 100.0, 5.0, run=run, level=level, rules=RULES)

    state = westgard.State(RULES)
    said = [state.update(v, 100.0, 5.0, run=r, level=c).hits for v, r, c in zip(values, run, level, strict=True)]
    for rule in RULES:
        assert found.hits[rule].tolist() == [rule in hits for hits in said], rule


def test_evaluate_many_series_in_any_order_equals_each_alone() -> None:
    rng = np.random.default_rng(3)
    sizes = rng.integers(1, 60, 400)
    series = np.repeat(np.arange(400), sizes)
    level = np.concatenate([np.arange(size) % (1 + at % 3) for at, size in enumerate(sizes)])
    run = np.concatenate([np.arange(size) // (1 + at % 3) for at, size in enumerate(sizes)])
    z = np.round(rng.normal(0, 1.3, series.size), 1)
    z[rng.random(z.size) < 0.01] = np.nan
    mean, sd = rng.uniform(50, 100, (400, 3)), rng.uniform(1, 2, (400, 3))
    values = mean[series, level] + z * sd[series, level]
    shuffled = np.lexsort((rng.permutation(z.size), run))

    sorted_ = westgard.evaluate(values, mean, sd, series=series, run=run, level=level, rules=RULES)
    mixed = westgard.evaluate(
        *(values[shuffled], mean, sd), series=series[shuffled], run=run[shuffled], level=level[shuffled], rules=RULES
    )

    for rule in RULES:
        alone = [
            westgard.evaluate(z[series == one], 0, 1, run=run[series == one], level=level[series == one], rules=[rule])
            for one in range(400)
        ]
        assert sorted_.hits[rule].tolist() == np.concatenate([found.hits[rule] for found in alone]).tolist(), rule
        assert mixed.hits[rule].tolist() == sorted_.hits[rule][shuffled].tolist(), rule


@settings(max_examples=60, deadline=None)
@given(results=control_results(), data=st.data())
def test_evaluate_later_runs_never_change_an_earlier_verdict(results: list[Result], data: st.DataObject) -> None:
    ends = [i for i in range(1, len(results)) if results[i].run != results[i - 1].run]
    end = data.draw(st.sampled_from(ends or [len(results)]))

    earlier, whole = evaluated(results[:end]), evaluated(results)

    for rule in RULES:
        assert earlier.hits[rule].tolist() == whole.hits[rule][:end].tolist(), rule


@settings(max_examples=60, deadline=None)
@given(
    results=control_results(),
    mean=st.sampled_from([0.0, 0.05, 5.3, -7.1, 140.0, 9999.9]),
    sd=st.sampled_from([0.01, 0.15, 1.0, 23.7, -0.43]),
)
def test_evaluate_shifted_and_scaled_results_give_the_same(results: list[Result], mean: float, sd: float) -> None:
    plain, moved = evaluated(results), evaluated(results, mean=mean, sd=sd)

    for rule in RULES:
        assert moved.hits[rule].tolist() == plain.hits[rule].tolist(), rule


@settings(max_examples=40, deadline=None)
@given(results=control_results())
def test_evaluate_missing_results_removed_gives_the_same(results: list[Result]) -> None:
    there = [r.at for r in results if r.tenths is not None]
    removed = [
        Result(at, r.tenths, r.series, r.run, r.level, r.segment)
        for at, r in enumerate(r for r in results if r.tenths is not None)
    ]
    whole, without = evaluated(results), evaluated(removed)

    for rule in RULES:
        assert whole.hits[rule][there].tolist() == without.hits[rule].tolist(), rule


@pytest.mark.parametrize(("controls", "percent"), [(1, 4.55), (2, 8.89), (3, 13.04), (4, 17.00)])
def test_evaluate_1_2s_on_normal_controls_rejects_as_often_as_published(controls: int, percent: float) -> None:
    runs = 200_000
    values = np.random.default_rng(controls).standard_normal(runs * controls)

    found = westgard.evaluate(values, 0, 1, rules=["1_2s"])

    rate = found.warned.reshape(runs, controls).any(axis=1).mean()
    standard_error = np.sqrt(percent / 100 * (1 - percent / 100) / runs)
    assert abs(rate - percent / 100) < 4 * standard_error
