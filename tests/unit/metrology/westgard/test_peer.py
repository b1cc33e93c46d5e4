"""Control rules against westgard-python, event by event, on seeded runs of two levels.

The peer's names are 10_x for 10x; its within_run scope of 1_2s and 1_3s says that some level of the run is beyond. It
judges a run as a whole, so that results are compared by run. There are no differences on results that lie on no limit;
on a limit both are strict, but the peer takes (0.33 − 0.30)/0.015 for more than 2, because binary floating point makes
it 2.0000000000000018. The limit is 2 SD in decimals: a result that is on it is not beyond it.
"""

from __future__ import annotations

import numpy as np
import pytest
from westgard import CustomRuleSet, EvaluationScope, RuleName, evaluate_custom_rule_sequence, series_from_rows

from lienthong.metrology import westgard

RULES = {
    "1_2s": (RuleName.ONE_2S, EvaluationScope.WITHIN_RUN),
    "1_3s": (RuleName.ONE_3S, EvaluationScope.WITHIN_RUN),
    "R_4s": (RuleName.R_4S, EvaluationScope.WITHIN_RUN),
    "2_2s": (RuleName.TWO_2S, EvaluationScope.WITHIN_MATERIAL),
    "4_1s": (RuleName.FOUR_1S, EvaluationScope.WITHIN_MATERIAL),
    "8x": (RuleName.EIGHT_X, EvaluationScope.WITHIN_MATERIAL),
    "10x": (RuleName.TEN_X, EvaluationScope.WITHIN_MATERIAL),
    "12x": (RuleName.TWELVE_X, EvaluationScope.WITHIN_MATERIAL),
    "7T": (RuleName.SEVEN_T, EvaluationScope.WITHIN_MATERIAL),
}


def by_peer(z: np.ndarray) -> dict[str, set[int]]:
    """Return for each rule the runs in which westgard-python finds a violation; `z` has shape (runs, 2)."""
    rows = [
        {"analyte": "a", "material": f"L{level}", "run_id": f"{run:04d}", "sequence": run, "z_score": float(score)}
        for run, scores in enumerate(z)
        for level, score in enumerate(scores)
    ]
    names = [name for name, _ in RULES.values()]
    asked = CustomRuleSet(current_run_rules=tuple(names[:3]), history_rules=tuple(names[3:]))
    found: dict[str, set[int]] = {rule: set() for rule in RULES}
    events = evaluate_custom_rule_sequence(series=series_from_rows(rows)["a"], rule_set=asked)
    for run, event in enumerate(events):
        for violation in event.violations:
            for rule, (name, scope) in RULES.items():
                if violation.rule == name and violation.scope == scope:
                    found[rule].add(run)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_evaluate_two_level_runs_equals_westgard_python(seed: int) -> None:
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 1.2, (120, 2)) + np.cumsum(rng.normal(0, 0.3, 120))[:, None] % 3 - 1.2

    found = westgard.evaluate(z.ravel(), 0, 1, run=np.arange(240) // 2, level=np.arange(240) % 2, rules=RULES)

    ours = {rule: set((np.flatnonzero(hit) // 2).tolist()) for rule, hit in found.hits.items()}
    assert ours == by_peer(z)
    assert all(ours[rule] for rule in ("1_2s", "2_2s", "4_1s"))


def test_evaluate_result_on_a_limit_in_decimals_is_not_beyond_it_whatever_the_peer_says() -> None:
    on_limit = (0.33 - 0.30) / 0.015
    assert on_limit > 2

    found = westgard.evaluate([0.33], 0.30, 0.015, rules=["1_2s"])

    assert by_peer(np.array([[on_limit, 0.0]]))["1_2s"] == {0}
    assert not found.warned.any()
