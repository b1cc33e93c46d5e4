"""All violations at once: their positions, the rules each of them breaks, and their members."""

from __future__ import annotations

import numpy as np
import pytest

from lienthong.metrology import westgard

# More than sixteen rules and seven limits, so that the masks have several rows.
RULES = (*westgard.STANDARD, "R_4s_range", "R_4s_consecutive", "2of3_2s", "6x_across", "5T", "12x", "3_1s")
MANY = (*RULES, *(f"1_{k}s" for k in (1.5, 2.2, 2.4, 2.6, 2.8, 3.2)))


def mixed(*, shuffled: bool) -> westgard.Evaluation:
    """Return the evaluation of two series of two levels, of which the second is measured in every 40th run only."""
    rng = np.random.default_rng(17)
    run, level = np.repeat(np.arange(600), 2), np.tile([0, 1], 600)
    kept = (level == 0) | (run % 40 == 0) | (run < 100)
    run, level = np.tile(run[kept], 2), np.tile(level[kept], 2)
    series = np.repeat([0, 1], run.size // 2)
    z = rng.normal(0.4, 1.5, run.size)
    z[rng.random(z.size) < 0.05] = np.nan
    excluded = rng.random(z.size) < 0.05
    order = np.lexsort((rng.permutation(z.size), run)) if shuffled else np.arange(z.size)
    return westgard.evaluate(
        *(z[order], 0, 1),
        **{"series": series[order], "run": run[order], "level": level[order]},
        **{"excluded": excluded[order], "rules": MANY},
    )


@pytest.mark.parametrize("shuffled", [False, True], ids=["in-order", "sorted-first"])
def test_hits_rows_and_sets_are_those_of_each_rule(shuffled: bool) -> None:
    hits = mixed(shuffled=shuffled).hits

    rows = hits.rows(RULES)
    sets = hits.sets(RULES, rows)

    whole = np.stack([hits[rule] for rule in RULES])
    assert rows.tolist() == np.flatnonzero(whole.any(axis=0)).tolist()
    for k, rule in enumerate(RULES):
        assert ((sets >> k & 1) != 0).tolist() == hits[rule][rows].tolist(), rule
    assert whole.any(axis=1).all()


def test_hits_sets_of_more_than_32_rules_raises() -> None:
    hits = westgard.evaluate([0.0], 0, 1, rules=[f"{n}x" for n in range(2, 40)]).hits

    with pytest.raises(ValueError, match="rules must be at most 32, but are 38"):
        hits.sets(hits, [0])


def test_hits_sets_of_a_position_that_is_not_there_raises() -> None:
    with pytest.raises(IndexError):
        westgard.evaluate([0.0], 0, 1, rules=["1_2s"]).hits.sets(["1_2s"], [1])


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("shuffled", [False, True], ids=["in-order", "sorted-first"])
def test_members_of_many_are_those_of_each(monkeypatch: pytest.MonkeyPatch, rule: str, shuffled: bool) -> None:
    monkeypatch.setattr("lienthong.metrology.westgard._members.MOST_CELLS", 200)  # several chunks
    found = mixed(shuffled=shuffled)
    rows = found.hits.rows([rule])

    many = found.members_of(rule, rows)

    assert many.shape == (rows.size, westgard.parse(rule).n)
    assert [one[one >= 0].tolist() for one in many] == [found.members(rule, int(i)).tolist() for i in rows]
    assert (many[many >= 0].size > 0) == (rows.size > 0)


def test_members_of_a_position_without_violation_is_a_row_of_none() -> None:
    found = westgard.evaluate([2.5, 2.1, 0.1], 0, 1, rules=["2_2s"])

    assert found.members_of("2_2s", [2, 1, -2]).tolist() == [[-1, -1], [0, 1], [0, 1]]


def test_members_of_results_of_a_level_that_is_rare_reach_far_back() -> None:
    level = np.zeros(5_000, dtype=int)
    level[[3, 4_996, 4_999]] = 1
    z = np.where(level == 1, 2.5, 0.0)

    found = westgard.evaluate(z, 0, 1, level=level, run=np.arange(5_000), rules=["3_2s", "R_4s_range"])

    assert found.members_of("3_2s", [4_999]).tolist() == [[3, 4_996, 4_999]]


def test_members_of_a_long_run_has_the_latest_of_the_farthest() -> None:
    z = np.zeros(300)
    z[[2, 7]], z[299] = -2.5, 2.5

    found = westgard.evaluate(z, 0, 1, level=np.arange(300), run=np.zeros(300, dtype=int), rules=["R_4s_range", "R_4s"])

    assert found.members_of("R_4s_range", [299]).tolist() == [[7, 299]]
    assert found.members_of("R_4s", [299]).tolist() == [[7, 299]]
