"""Kappa, percent agreement and McNemar's test against R and numbers worked by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from lienthong.metrology import agreement

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[3] / "golden" / "agreement.json").read_text("utf-8"))

labels = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=40)


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_kappa_equals_the_delta_method_of_r(weights: str) -> None:
    found = agreement.kappa(GOLDEN["graded"], weights=weights)

    expected = GOLDEN[f"kappa_{weights}"]
    assert found.kappa == pytest.approx(expected["kappa"], rel=1e-12)
    assert found.u_kappa == pytest.approx(expected["se"], rel=1e-7)
    # The tail beyond nine standard errors magnifies the error of the numerical gradient.
    assert math.log(found.p_value) == pytest.approx(math.log(expected["p"]), rel=1e-6)
    assert found.upper - found.kappa == pytest.approx(1.959963984540054 * found.u_kappa, rel=1e-12)


def test_kappa_quadratic_equals_concordance_of_the_grades() -> None:
    table = np.array(GOLDEN["graded"])
    first, second = (np.repeat(axis.ravel(), table.ravel()).astype(float) for axis in np.indices(table.shape))

    found = agreement.kappa(table, weights="quadratic")

    assert found.kappa == pytest.approx(agreement.concordance(first, second).rho_c, rel=1e-12)


def test_kappa_perfect_agreement_is_one_without_error() -> None:
    found = agreement.kappa([[5, 0], [0, 7]])

    assert (found.kappa, found.u_kappa, found.lower, found.upper) == (1, 0, 1, 1)


def test_kappa_all_in_one_category_is_undefined() -> None:
    found = agreement.kappa([[9, 0], [0, 0]])

    assert math.isnan(found.kappa)
    assert (found.n, found.observed, found.expected) == (9, 1.0, 1.0)


@given(pairs=labels)
def test_cross_table_counts_each_pair(pairs: list[tuple[str, str]]) -> None:
    first, second = ([pair[side] for pair in pairs] for side in (0, 1))

    table = agreement.cross_table(first, second, categories=["c", "a", "b"])

    assert table.counts.tolist() == [[pairs.count((row, column)) for column in "cab"] for row in "cab"]


def test_kappa_takes_a_cross_table() -> None:
    table = agreement.cross_table([0, 1, 1, 0], [0, 1, 0, 0])

    assert agreement.kappa(table).kappa == agreement.kappa([[2, 0], [1, 1]]).kappa == 0.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: agreement.cross_table(["a"], ["a", "b"]), "second must have one entry per value"),
        (
            lambda: agreement.cross_table(["a", "z"], ["a", "b"], categories=["a", "b"]),
            "first must hold only categories, but holds z at position 1",
        ),
        (lambda: agreement.cross_table(["a"], ["a"], categories=["a", "a"]), "categories must not repeat one"),
        (lambda: agreement.kappa([[1, 2, 3], [1, 2, 3]]), r"table must have shape \(2, 2\), but has \(2, 3\)"),
        (lambda: agreement.kappa([[1]]), r"table must have shape \(2, 2\)"),
        (lambda: agreement.kappa([[1, -1], [0, 1]]), "table must not be negative, but got -1.0 at position 0, 1"),
        (lambda: agreement.kappa([[0.5, 1], [0, 1]]), "table must be a whole number of at least 0"),
        (lambda: agreement.kappa([[0, 0], [0, 0]]), "table must count at least one specimen"),
        (lambda: agreement.percent_agreement(np.eye(3)), r"table must have shape \(2, 2\), but has \(3, 3\)"),
        (lambda: agreement.wilson(3, 2), "agreeing must not exceed n"),
        (lambda: agreement.mcnemar([[1, np.nan], [0, 1]]), "table must be known"),
    ],
)
def test_qualitative_impossible_input_raises(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_percent_agreement_equals_prop_test_of_r() -> None:
    found = agreement.percent_agreement(GOLDEN["two"])

    assert (float(found.positive.percent), float(found.positive.n)) == (pytest.approx(100 * 48 / 55), 55)
    for part in ("positive", "negative", "overall"):
        interval = [float(getattr(found, part).lower) / 100, float(getattr(found, part).upper) / 100]
        assert interval == pytest.approx(GOLDEN["wilson"][part], rel=1e-11)


def test_percent_agreement_without_positives_has_none() -> None:
    found = agreement.percent_agreement([[0, 1], [0, 9]])

    assert np.isnan([found.positive.percent, found.positive.lower, found.positive.upper]).all()
    assert float(found.negative.percent) == 90.0


@given(n=st.integers(1, 400), share=st.floats(0, 1), confidence=st.floats(0.5, 0.999))
def test_wilson_equals_scipy(n: int, share: float, confidence: float) -> None:
    k = round(share * n)

    found = agreement.wilson(k, n, confidence=confidence)

    expected = scipy.stats.binomtest(k, n).proportion_ci(confidence, method="wilson")
    assert [float(found.lower), float(found.upper)] == pytest.approx(
        [100 * expected.low, 100 * expected.high], rel=1e-9, abs=1e-9
    )


def test_mcnemar_equals_r() -> None:
    corrected = agreement.mcnemar(GOLDEN["two"])
    plain = agreement.mcnemar(GOLDEN["two"], continuity=False)

    expected = GOLDEN["mcnemar"]
    assert (corrected.first_only, corrected.second_only) == (3, 7)
    assert (corrected.statistic, corrected.p_value) == pytest.approx((expected["corrected"], expected["p"]), rel=1e-11)
    assert (plain.statistic, plain.p_value) == pytest.approx((expected["plain"], expected["plain_p"]), rel=1e-11)
    assert corrected.exact_p_value == pytest.approx(expected["exact"], rel=1e-11)


def test_mcnemar_without_disagreement_has_no_evidence() -> None:
    found = agreement.mcnemar([[5, 0], [0, 5]])

    assert (found.statistic, found.p_value, found.exact_p_value) == (0.0, 1.0, 1.0)
    assert agreement.mcnemar([[5, 2], [2, 5]]).exact_p_value == 1.0
