"""Qualitative and ordinal rounds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.metrology import iso13528

GOLDEN = Path(__file__).parents[3] / "golden" / "iso13528_rounds.json"
rows = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 2), st.integers(0, 3), st.booleans()), min_size=1, max_size=30
)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(rows)
def test_mode_consensus_equals_counting(given_rows: list[tuple[str, int, int, bool]]) -> None:
    answers, groups, weights, answered = (list(column) for column in zip(*given_rows, strict=True))

    found = iso13528.mode_consensus(answers, groups=groups, weights=weights, threshold=0.6, answered=answered)

    for place, group in enumerate(found.groups):
        count: Counter[str] = Counter()
        for answer, of, weight, there in given_rows:
            if of == group and there:
                count[answer] += weight
        total, best = sum(count.values()), max(count.values(), default=0)
        if not best:
            assert np.isnan(found.share[place])
            assert not found.agreed[place]
            continue
        leaders = sorted(answer for answer, weight in count.items() if weight == best)
        assert found.answer[place] == leaders[0]
        assert found.tied[place] == (len(leaders) > 1)
        assert found.share[place] == pytest.approx(best / total)
        assert found.agreed[place] == (best / total >= 0.6 and len(leaders) == 1)


def test_mode_consensus_eight_of_ten_is_eighty_percent() -> None:
    assert iso13528.mode_consensus([1] * 8 + [2, 3]).agreed.tolist() == [True]
    assert iso13528.mode_consensus([1] * 7 + [2, 3, 3]).agreed.tolist() == [False]


def test_agreement_missing_answer_does_not_agree() -> None:
    found = iso13528.agreement_score(
        ["pos", "pos", "neg"], ["pos", "pos", "pos"], groups=["A", "A", "B"], answered=[True, False, True]
    )

    assert found.percent.tolist() == [50.0, 0.0]


def test_qualitative_homogeneity_limits_equal_binom_test() -> None:
    for case in json.loads(GOLDEN.read_text(encoding="utf-8"))["shares"]:
        answers = ["pos"] * case["k"] + ["neg"] * (case["n"] - case["k"])

        found = iso13528.qualitative_homogeneity(answers, ["pos"] * case["n"])

        assert found.least_share[0] == pytest.approx(case["least"], rel=1e-9)
        assert found.share[0] == case["k"] / case["n"]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), min_size=1, max_size=30))
def test_ordinal_consensus_equals_medians_and_counts(given_rows: list[tuple[int, int]]) -> None:
    ranks, groups = (np.array(column) for column in zip(*given_rows, strict=True))

    found = iso13528.ordinal_consensus(ranks, classes=5, groups=groups)

    for place, group in enumerate(found.groups):
        own = np.sort(ranks[groups == group])
        count = np.bincount(own, minlength=5)
        assert found.lower_median[place] == own[(own.size - 1) // 2]
        assert found.upper_median[place] == own[own.size // 2]
        assert found.mode[place] == np.argmax(count)
        assert found.mode_share[place] == pytest.approx(count.max() / own.size)
        assert found.cumulative[place] == pytest.approx(np.cumsum(count) / own.size)


def test_ordinal_consensus_weights_and_empty_groups() -> None:
    found = iso13528.ordinal_consensus([0, 3, np.nan], classes=4, groups=[1, 1, 2], weights=[1, 3, 1])

    assert found.lower_median.tolist() == [3, -1]
    assert found.mode.tolist() == [3, -1]
    assert found.mode_share[0] == 0.75
    assert np.isnan(found.mode_share[1])


def test_ordinal_verdicts_within_one_class() -> None:
    assert iso13528.ordinal_verdicts([1, 2, 3, 4], 2).tolist() == ["satisfactory"] * 3 + ["unsatisfactory"]
    assert iso13528.ordinal_verdicts([1, 2], 2, within=0).tolist() == ["unsatisfactory", "satisfactory"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: iso13528.mode_consensus(["a"], threshold=0), "threshold must be above 0 and at most 1"),
        (lambda: iso13528.mode_consensus(["a"], weights=-1), "weights must not be negative"),
        (lambda: iso13528.mode_consensus(["a", "b"], weights=[1]), "weights must be one number or one per value"),
        (lambda: iso13528.mode_consensus(["a"], answered=[2]), "answered must be 1 booleans, but got int64"),
        (lambda: iso13528.mode_consensus([0.5]), "answers must be integers, strings or dates"),
        (lambda: iso13528.agreement_score(["a"], [1], groups=[1]), "assigned must be of the kind of answers"),
        (lambda: iso13528.qualitative_homogeneity(["a"], ["a"], confidence=1), "confidence must be above 0"),
        (lambda: iso13528.ordinal_consensus([4], classes=4), "ranks must be below the number of classes, 4, but got 4"),
        (lambda: iso13528.ordinal_consensus([1.5], classes=4), "ranks must be a whole number of at least 0"),
        (lambda: iso13528.ordinal_verdicts([1], -1), "assigned must be a whole number of at least 0"),
    ],
)
def test_qualitative_impossible_input_raises(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
