"""Control rules on series written out as a laboratory would: one line a result, the violations that it completes."""

from __future__ import annotations

import numpy as np
import pytest

from lienthong.metrology import westgard

MEAN, SD = 5.0, 0.15

WITHIN_A_LEVEL = {
    "1_2s and 1_3s are strict and have their own limits": """
        | z    | completes               |
        | 1.9  |                         |
        | 2.0  |                         |
        | 2.1  | 1_2s                    |
        | -2.4 | 1_2s                    |
        | 2.6  | 1_2s 1_2.5s             |
        | -3.0 | 1_2s 1_2.5s             |
        | 3.1  | 1_2s 1_2.5s 1_3s        |
        | 0.0  |                         |
        | -3.6 | 1_2s 1_2.5s 1_3s 1_3.5s |
    """,
    "2_2s needs the same limit twice in a row": """
        | z    | completes |
        | 2.1  | 1_2s      |
        | -2.1 | 1_2s      |
        | 1.0  |           |
        | -2.1 | 1_2s      |
        | -2.2 | 1_2s 2_2s |
        | -2.3 | 1_2s 2_2s |
    """,
    "a missing result neither counts nor breaks": """
        | z   | completes |
        | 2.1 | 1_2s      |
        | -   |           |
        | 2.2 | 1_2s 2_2s |
    """,
    "4_1s and 3_1s count results beyond one SD, not on it": """
        | z    | completes |
        | 1.1  |           |
        | 1.2  |           |
        | 1.0  |           |
        | -1.1 |           |
        | -1.2 |           |
        | -1.3 | 3_1s      |
        | -1.4 | 3_1s 4_1s |
        | -1.5 | 3_1s 4_1s |
    """,
    "2of3_2s waits for three and is completed by one beyond": """
        | z   | completes         |
        | 2.1 | 1_2s              |
        | 2.2 | 1_2s 2_2s         |
        | 0.1 | 2of3_2s           |
        | 2.1 | 1_2s 2of3_2s      |
        | 0.1 |                   |
        | 0.2 |                   |
    """,
    "a value on the mean breaks 6x": """
        | z   | completes |
        | 0.1 |           |
        | 0.2 |           |
        | 0.1 |           |
        | 0.0 |           |
        | 0.3 |           |
        | 0.1 |           |
        | 0.2 |           |
        | 0.4 |           |
        | 0.2 |           |
        | 0.1 | 6x        |
    """,
    "7T is strict": """
        | z    | completes |
        | -0.4 |           |
        | -0.4 |           |
        | -0.3 |           |
        | -0.1 |           |
        | 0.0  |           |
        | 0.2  |           |
        | 0.3  |           |
        | 0.6  | 7T        |
        | 0.5  |           |
    """,
}

ACROSS_LEVELS = {
    "2_2s_across stays in one run": """
        | run | level | z   | completes             |
        | 1   | 1     | 0.1 |                       |
        | 1   | 2     | 2.1 | 1_2s                  |
        | 2   | 1     | 2.2 | 1_2s                  |
        | 2   | 2     | 0.3 |                       |
        | 3   | 1     | 0.2 |                       |
        | 3   | 2     | 0.1 |                       |
        | 4   | 1     | 2.1 | 1_2s                  |
        | 4   | 2     | 2.4 | 1_2s 2_2s_across      |
    """,
    "R_4s needs both sides of one run": """
        | run | level | z    | completes |
        | 1   | 1     | 2.1  | 1_2s      |
        | 1   | 2     | -2.1 | 1_2s R_4s |
        | 2   | 1     | 0.1  |           |
        | 2   | 2     | 0.3  |           |
        | 3   | 1     | 2.3  | 1_2s      |
        | 3   | 2     | -1.9 |           |
        | 4   | 1     | -2.5 | 1_2s      |
        | 4   | 2     | 0.0  |           |
    """,
    "4_1s_across takes two runs of two levels": """
        | run | level | z   | completes          |
        | 1   | 1     | 1.1 |                    |
        | 1   | 2     | 1.2 |                    |
        | 2   | 1     | 1.3 |                    |
        | 2   | 2     | 1.1 | 4_1s_across        |
        | 3   | 1     | 1.2 | 4_1s_across        |
        | 3   | 2     | 0.4 |                    |
        | 4   | 1     | 1.2 | 4_1s               |
    """,
    "levels of a run are taken by level, whichever was measured first": """
        | run | level | z    | completes        |
        | 1   | 2     | 2.2  | 1_2s 2_2s_across |
        | 1   | 1     | 2.1  | 1_2s             |
        | 2   | 2     | -2.2 | 1_2s R_4s        |
        | 2   | 1     | 2.1  | 1_2s 2_2s        |
    """,
    "10x_across takes five runs of two levels": """
        | run | level | z    | completes  |
        | 1   | 1     | -0.1 |            |
        | 1   | 2     | -0.2 |            |
        | 2   | 1     | -0.1 |            |
        | 2   | 2     | -0.3 |            |
        | 3   | 1     | -0.1 |            |
        | 3   | 2     | -0.2 |            |
        | 4   | 1     | -0.4 |            |
        | 4   | 2     | -0.2 |            |
        | 5   | 1     | -0.1 |            |
        | 5   | 2     | -0.7 | 10x_across |
    """,
    "a reset begins every sequence anew": """
        | run | level | segment | z    | completes        |
        | 1   | 1     | 0       | 1.1  |                  |
        | 1   | 2     | 0       | 1.2  |                  |
        | 2   | 1     | 0       | 2.3  | 1_2s             |
        | 3   | 1     | 1       | 2.1  | 1_2s             |
        | 3   | 2     | 1       | 2.2  | 1_2s 2_2s_across |
        | 4   | 1     | 1       | 1.2  |                  |
        | 4   | 2     | 1       | 1.2  | 4_1s_across      |
    """,
    "series don't meet": """
        | series | run | level | z    | completes |
        | 7      | 1   | 1     | 2.1  | 1_2s      |
        | 8      | 1   | 1     | 2.2  | 1_2s      |
        | 7      | 1   | 2     | 0.2  |           |
        | 8      | 1   | 2     | -2.2 | 1_2s R_4s |
        | 7      | 2   | 1     | 2.3  | 1_2s 2_2s |
    """,
}


def columns(table: str) -> dict[str, list[str]]:
    """Return the columns of a pipe table by their heads."""
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.strip().splitlines()]
    return {head: [line[at] for line in lines[1:]] for at, head in enumerate(lines[0])}


def completed(table: dict[str, list[str]], rules: tuple[str, ...]) -> list[str]:
    z = np.array([np.nan if cell == "-" else float(cell) for cell in table["z"]])
    keys = {
        name: [int(cell) for cell in table[name]] for name in ("series", "run", "level", "segment") if name in table
    }
    found = westgard.evaluate(np.round(MEAN + z * SD, 6), MEAN, SD, rules=rules, **keys)
    return [" ".join(rule for rule in rules if found.hits[rule][i]) for i in range(z.size)]


def table_rows(table: dict[str, list[str]], rules: tuple[str, ...]) -> list[str]:
    return [" ".join(sorted(cell.split(), key=rules.index)) for cell in table["completes"]]


@pytest.mark.parametrize("text", WITHIN_A_LEVEL.values(), ids=WITHIN_A_LEVEL)
def test_evaluate_one_level_completes_what_the_table_says(text: str) -> None:
    rules = ("1_2s", "1_2.5s", "1_3s", "1_3.5s", "2_2s", "2of3_2s", "3_1s", "4_1s", "6x", "7T")
    table = columns(text)

    assert completed(table, _asked(table, rules)) == table_rows(table, rules)


@pytest.mark.parametrize("text", ACROSS_LEVELS.values(), ids=ACROSS_LEVELS)
def test_evaluate_two_levels_completes_what_the_table_says(text: str) -> None:
    table = columns(text)

    assert completed(table, westgard.STANDARD) == table_rows(table, westgard.STANDARD)


def _asked(table: dict[str, list[str]], rules: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out rules that a table of a few lines isn't about: those that it names nowhere."""
    named = set(" ".join(table["completes"]).split())
    return tuple(rule for rule in rules if rule in named)


def test_evaluate_result_on_a_limit_counts_only_where_asked() -> None:
    values, mean, sd = [5.3, 4.55, 4.85], 5.0, 0.15

    strict = westgard.evaluate(values, mean, sd)
    inclusive = westgard.evaluate(values, mean, sd, inclusive=True)

    assert strict.hits["1_2s"].tolist() == [False, True, False]
    assert not strict.hits["1_3s"].any()
    assert inclusive.hits["1_2s"].tolist() == [True, True, False]
    assert inclusive.hits["1_3s"].tolist() == [False, True, False]


def test_evaluate_inclusive_value_on_the_mean_still_breaks_10x() -> None:
    found = westgard.evaluate([6.0] * 9 + [5.0] + [6.0] * 9, 5.0, 10.0, rules=["10x"], inclusive=True)

    assert not found.rejected.any()


def test_evaluate_1_2s_warns_and_does_not_reject() -> None:
    found = westgard.evaluate([2.2, 3.3], 0, 1, rules=["1_2s", "1_2.5s", "1_3s"])

    assert found.warned.tolist() == [True, True]
    assert found.rejected.tolist() == [False, True]


def test_evaluate_excluded_missing_or_untargeted_results_are_not_judged() -> None:
    found = westgard.evaluate(
        [9.0, 9.0, 9.0, np.nan, 9.0, 9.0],
        [0, 0, np.nan, 0, 0, 0],
        [1, np.nan, 1, 1, 1, 1],
        excluded=[False, False, False, False, True, False],
        rules=["2_2s"],
    )

    assert found.judged.tolist() == [True, False, False, False, False, True]
    assert found.hits["2_2s"].tolist() == [False] * 5 + [True]
    assert found.members("2_2s", 5).tolist() == [0, 5]


def test_members_long_stretch_names_the_last_ten() -> None:
    found = westgard.evaluate([1.0] * 13, 0, 2)

    assert found.members("10x", 8).size == 0
    assert found.members("10x", 9).tolist() == list(range(10))
    assert found.members("10x", 12).tolist() == list(range(3, 13))


def test_members_rule_not_evaluated_raises() -> None:
    with pytest.raises(ValueError, match="'10x' was not evaluated; evaluated were 1_3s"):
        westgard.evaluate([0.0], 0, 1, rules=["1_3s"]).members("10x", 0)


def test_evaluate_no_results_gives_empty_answers() -> None:
    found = westgard.evaluate([], 0, 1, run=[], level=[], series=[], segment=[])

    assert all(hit.size == 0 for hit in found.hits.values())
    assert found.rejected.size == 0


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (["13s"], "'13s' is not a control rule; allowed are n_ks"),
        (["R_5s"], "'R_5s' is not a control rule"),
        (["R_4s_across"], "not a control rule"),
        (["7T_across"], "not a control rule"),
        (["1_3s_across"], "looks at one result"),
        (["1x"], "needs at least 2 results"),
        (["2T"], "needs at least 3 results"),
        (["3of3_2s"], "fewer than all of 3"),
        (["1of3_2s"], "at least 2"),
        (["4_0s"], "above 0 SD"),
        (["0_2s"], "not a control rule"),
        ([], "at least one rule"),
    ],
)
def test_evaluate_unknown_rule_raises_with_what_is_allowed(rules: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        westgard.evaluate([0.0], 0, 1, rules=rules)


def test_evaluate_one_string_for_rules_raises() -> None:
    with pytest.raises(TypeError, match="one string, '1_3s'"):
        westgard.evaluate([0.0], 0, 1, rules="1_3s")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sd": 0}, "sd must be greater than 0, but got 0.0"),
        ({"sd": [1, 1, -2]}, "sd must be greater than 0, but got -2.0 at position 2"),
        ({"values": [1, np.inf, 2]}, "values must be finite or nan, but got inf at position 1"),
        ({"values": [[1, 2, 3]]}, "values must have one dimension, but has 2"),
        ({"values": ["a", "b", "c"]}, "values must be numbers"),
        ({"mean": [1, 2]}, "mean must be one number or one per value"),
        ({"run": [1, 2]}, "run must have one entry per value"),
        ({"level": [1.0, 2.0, 1.0]}, "level must be integers, strings or dates"),
        ({"segment": [0, 1, 0]}, "segment must not return to an earlier value"),
        ({"excluded": [0, 0, 1]}, "excluded must be 3 booleans"),
    ],
)
def test_evaluate_impossible_input_raises_naming_the_argument(given: dict[str, object], message: str) -> None:
    arguments = {"values": [1.0, 2.0, 3.0], "mean": 0, "sd": 1, **given}
    with pytest.raises(ValueError, match=message):
        westgard.evaluate(arguments.pop("values"), arguments.pop("mean"), arguments.pop("sd"), **arguments)


def test_evaluate_new_lot_of_one_level_begins_every_sequence_of_the_series_anew() -> None:
    z = [2.1, 2.2, 2.3, 2.4]
    by_lot = {"run": [1, 1, 2, 2], "level": [1, 2, 1, 2], "lot": ["A", "B", "A", "C"]}

    same = westgard.evaluate(z, 0, 1, run=[1, 1, 2, 2], level=[1, 2, 1, 2], rules=["2_2s", "2_2s_across"])
    changed = westgard.evaluate(z, 0, 1, **by_lot, rules=["2_2s", "2_2s_across"])  # type: ignore[arg-type]

    assert same.hits["2_2s"].tolist() == [False, False, True, True]
    assert changed.hits["2_2s"].tolist() == [False, False, True, False]
    assert changed.hits["2_2s_across"].tolist() == [False, True, False, False]


def test_evaluate_the_three_readings_of_r_4s_differ() -> None:
    z, run, level = [1.9, -2.2, 2.3, 2.2, -1.8, 2.5], [1, 1, 2, 2, 3, 3], [1, 2, 1, 2, 1, 2]

    found = westgard.evaluate(z, 0, 1, run=run, level=level, rules=["R_4s", "R_4s_range", "R_4s_consecutive"])

    assert {rule: np.flatnonzero(hit).tolist() for rule, hit in found.hits.items()} == {
        "R_4s": [],
        "R_4s_range": [1, 5],
        "R_4s_consecutive": [3, 4],
    }
    assert found.members("R_4s_consecutive", 4).tolist() == [2, 4]


def test_evaluate_targets_as_a_table_equal_those_of_each_result() -> None:
    series, level = np.repeat([0, 1], 6), np.tile([0, 1], 6)
    mean, sd = np.array([[5.0, 12.0], [100.0, 250.0]]), np.array([[0.2, 0.5], [3.0, 9.0]])
    values = mean[series, level] + np.linspace(-3.5, 3.5, 12) * sd[series, level]

    table = westgard.evaluate(values, mean, sd, series=series, level=level)
    each = westgard.evaluate(values, mean[series, level], sd[series, level], series=series, level=level)

    assert table.z.tolist() == each.z.tolist()
    assert {rule: hit.tolist() for rule, hit in table.hits.items()} == {r: h.tolist() for r, h in each.hits.items()}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"series": [0, 2], "level": [0, 0]}, "series must be whole numbers from 0 to 1"),
        ({"series": ["a", "b"], "level": [0, 0]}, "series must be whole numbers where mean and sd are a table"),
        ({"series": [0, 1], "level": [0, 7]}, "level must be whole numbers from 0 to 1"),
    ],
    ids=["row beyond the table", "names", "column beyond the table"],
)
def test_evaluate_labels_that_lead_out_of_a_table_of_targets_raise(given: dict[str, list[int]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        westgard.evaluate([1.0, 2.0], np.zeros((2, 2)), np.ones((2, 2)), **given)  # type: ignore[arg-type]


def test_state_level_that_falls_within_a_run_raises() -> None:
    state = westgard.State()
    state.update(1.0, 0.0, 1.0, run=1, level=2)

    with pytest.raises(ValueError, match="level must not fall within a run, but 1 came after 2"):
        state.update(1.0, 0.0, 1.0, run=1, level=1)


def test_state_reset_begins_every_sequence_anew() -> None:
    state = westgard.State(["2_2s"])
    state.update(2.5, 0.0, 1.0)
    state.reset()

    assert not state.update(2.5, 0.0, 1.0).rejected
    assert state.update(2.5, 0.0, 1.0).rejected


def test_evaluate_multirule_for_three_controls_rejects_by_its_own_rules_and_warns_by_1_2s() -> None:
    z = [[2.1, 0.3, 0.1], [2.2, 2.3, 0.1], [1.1, 1.2, 1.3], [0.1, 0.2, 0.1], [0.3, 0.1, 0.2]]

    found = westgard.evaluate(
        np.ravel(z), 0, 1, run=np.repeat(range(5), 3), level=np.tile(range(3), 5), rules=westgard.MULTIRULE_N3
    )

    hits = {rule: sorted(set((np.flatnonzero(hit) // 3).tolist())) for rule, hit in found.hits.items() if hit.any()}
    assert hits == {"1_2s": [0, 1], "2of3_2s_across": [1], "3_1s_across": [2], "3_1s": [2], "12x_across": [3, 4]}
    assert found.warned.reshape(5, 3).any(axis=1).tolist() == [True, True, False, False, False]
    assert found.rejected.reshape(5, 3).any(axis=1).tolist() == [False, True, True, True, True]
