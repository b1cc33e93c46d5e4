from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lienthong.cli.eqa.assigning import Note
from lienthong.cli.eqa.reading import read_results
from lienthong.cli.eqa.scoring import REASONS, VERDICTS, Scores, score
from lienthong.cli.eqa.settings import Amount, Assignment, settings_for
from lienthong.errors import BadInput
from lienthong.metrology import iso13528

FloatArray = NDArray[np.float64]


def scored(path: Path, text: str, **chosen: object) -> Scores:
    """Score a table written with | between cells."""
    file = path / "round.csv"
    file.write_text("\n".join(",".join(map(str.strip, line.split("|"))) for line in text.strip().splitlines()))
    results = read_results(file, {})
    usual = {"assigned": None, "sigma": None, "limit": None, "divisor": 3.0, "minimum": 12}
    return score(results, settings_for(results, **(usual | chosen)))  # type: ignore[arg-type]


def table_of(values: FloatArray | list[float], extra: str = "", more: Callable[[int], str] | None = None) -> str:
    lines = [f"participant | analyte | value {extra}"]
    return "\n".join([*lines, *(f"P{i} | K | {v} {more(i) if more else ''}" for i, v in enumerate(values))])


def algorithm_a_by_hand(values: FloatArray) -> tuple[float, float]:
    """Iterate as the standard writes it, one value after the other."""
    x = float(np.median(values))
    s = 1.483 * float(np.median(np.abs(values - x)))
    for _ in range(10_000):
        held = [min(max(v, x - 1.5 * s), x + 1.5 * s) for v in values.tolist()]
        x_new = sum(held) / len(held)
        s_new = 1.134 * (sum((h - x_new) ** 2 for h in held) / (len(held) - 1)) ** 0.5
        if abs(x_new - x) < 1e-14 * abs(x) and abs(s_new - s) < 1e-13 * s:
            break
        x, s = x_new, s_new
    return x, s


@pytest.fixture
def values() -> FloatArray:
    drawn = np.random.default_rng(3).normal(5.0, 0.2, 30).round(3)
    drawn[4] = 8.0
    return drawn


def test_scores_by_algorithm_a_equal_those_by_hand(tmp_path: Path, values: FloatArray) -> None:
    found = scored(tmp_path, table_of(values), limit=Amount.parse("10%"))

    x, s = algorithm_a_by_hand(values)
    sigma_pt = 0.1 * x / 3
    assert found.assigned.x_pt == pytest.approx([x], rel=1e-12)
    assert found.assigned.s_star == pytest.approx([s], rel=1e-10)
    assert found.assigned.u_x_pt == pytest.approx([1.25 * s / 30**0.5], rel=1e-10)
    assert found.z == pytest.approx((values - x) / sigma_pt, rel=1e-9)
    assert found.d_percent == pytest.approx(100 * (values - x) / x, rel=1e-9)
    assert found.p_a == pytest.approx(100 * (values - x) / (0.1 * x), rel=1e-9)
    assert found.within.tolist() == (np.abs(values - x) <= 0.1 * x).astype(int).tolist()


def test_scores_equal_those_of_the_library(tmp_path: Path, values: FloatArray) -> None:
    found = scored(tmp_path, table_of(values), sigma="s-star")

    estimate = iso13528.algorithm_a(values)
    u = iso13528.u_x_pt(estimate.s_star, estimate.p)
    z = iso13528.z(values, x_pt=estimate.x_star, sigma_pt=estimate.s_star)
    assert found.z.tolist() == z.tolist()
    assert np.isnan(found.z_prime).all() == bool(iso13528.is_negligible(u, estimate.s_star))
    assert [VERDICTS[one] for one in found.verdict] == np.asarray(iso13528.z_verdict(z)).tolist()


def test_z_prime_judges_where_the_uncertainty_is_not_negligible(tmp_path: Path, values: FloatArray) -> None:
    few = values[:14]

    found = scored(tmp_path, table_of(few), sigma="s-star")

    x, s = algorithm_a_by_hand(few)
    u = 1.25 * s / 14**0.5
    assert found.z_prime == pytest.approx((few - x) / (s**2 + u**2) ** 0.5, rel=1e-9)
    assert found.judged_z.tolist() == found.z_prime.tolist()
    assert found.assigned.of(0) == [Note.NOT_NEGLIGIBLE]


@pytest.mark.parametrize(
    ("chosen", "sigma_pt"),
    [
        pytest.param({"sigma": "5%"}, 0.25, id="percent of x_pt"),
        pytest.param({"sigma": "limit", "limit": Amount.parse("0.6")}, 0.2, id="limit in the unit"),
        pytest.param({"sigma": "limit", "limit": Amount.parse("6%"), "divisor": 2.0}, 0.15, id="limit in percent by 2"),
        pytest.param({}, 0.4, id="column sigma_pt"),
    ],
)
def test_sigma_pt_comes_from_what_was_chosen(tmp_path: Path, chosen: dict[str, object], sigma_pt: float) -> None:
    text = table_of([5.0, 5.5, 4.5], "| x_pt | sigma_pt | u_x_pt", lambda i: "| 5 | 0.4 | 0.01")

    found = scored(tmp_path, text, **chosen)

    assert found.assigned.sigma_pt == pytest.approx([sigma_pt])
    assert found.z == pytest.approx([0, 0.5 / sigma_pt, -0.5 / sigma_pt])


def test_median_and_q_hampel_are_the_library_s(tmp_path: Path, values: FloatArray) -> None:
    median = scored(tmp_path, table_of(values), assigned=Assignment.MEDIAN)
    hampel = scored(tmp_path, table_of(values), assigned=Assignment.Q_HAMPEL)

    s_star = iso13528.q_method(values).s_star
    assert median.assigned.x_pt.tolist() == [float(np.median(values))]
    assert median.assigned.s_star == pytest.approx([1.483 * np.median(np.abs(values - np.median(values)))])
    assert hampel.assigned.s_star.tolist() == [s_star]
    assert hampel.assigned.x_pt.tolist() == [iso13528.hampel(values, s_star).x_star]


def test_uncertainties_of_participants_give_zeta_and_e_n(tmp_path: Path) -> None:
    text = """
        participant | analyte | value | x_pt | u_x_pt | sigma_pt | u   | expanded uncertainty | k
        A           | K       | 11    | 10   | 0.4    | 0.5      | 0.3 |                      |
        B           | K       | 11    | 10   | 0.4    | 0.5      |     | 0.9                  | 3
        C           | K       | 11    | 10   | 0.4    | 0.5      |     | 0.6                  |
        D           | K       | 11    | 10   | 0.4    | 0.5      |     |                      |
    """

    found = scored(tmp_path, text)

    assert found.zeta == pytest.approx([2.0, 2.0, 2.0, np.nan], nan_ok=True)
    assert found.e_n == pytest.approx([np.nan, 1.0, 1.0, np.nan], nan_ok=True)  # U = 0.6 and 0.8, both for k = 2


def test_small_peer_group_is_judged_against_all_methods(tmp_path: Path, values: FloatArray) -> None:
    groups = ["big"] * 18 + ["small"] * 12

    found = scored(tmp_path, table_of(values, "| method", lambda i: f"| {groups[i]}"), minimum=13)

    big = iso13528.algorithm_a(values[:18])
    every = iso13528.algorithm_a(values)
    assert found.assigned.by_all.tolist() == [False, True]
    assert found.assigned.x_pt.tolist() == [big.x_star, every.x_star]
    assert found.assigned.n.tolist() == [18, 12]
    assert found.assigned.p.tolist() == [18, 30]
    assert Note.ALL_METHODS in found.assigned.of(1)


@pytest.mark.parametrize(
    ("count", "note", "is_scored"),
    [(2, Note.TOO_FEW, False), (3, Note.VERY_FEW, True), (6, Note.FEW, True), (12, None, True)],
    ids=["no consensus", "from elsewhere", "caution", "enough"],
)
def test_consensus_of_few_results_is_noted(tmp_path: Path, count: int, note: Note | None, is_scored: bool) -> None:
    values = 5 + 0.1 * np.arange(count)

    found = scored(tmp_path, table_of(values), sigma="10%")

    few = {Note.TOO_FEW, Note.VERY_FEW, Note.FEW} & set(found.assigned.of(0))
    assert few == ({note} if note else set())
    assert np.isnan(found.z).all() == (not is_scored)


def test_results_that_are_no_numbers_are_kept_and_not_evaluated(tmp_path: Path) -> None:
    text = """
        participant | analyte | value | x_pt | sigma_pt | delta_e
        A           | K       | < 0.5 | 1    | 0.1      | 0.3
        B           | K       |       | 1    | 0.1      | 0.3
        C           | K       | 1.1   | 1    | 0.1      | 0.3
    """

    found = scored(tmp_path, text)

    assert dict(found.results.texts) == {0: "< 0.5"}
    assert [REASONS[one] for one in found.reason] == ["censored", "missing", ""]
    assert [VERDICTS[one] for one in found.verdict] == ["not_evaluated", "not_evaluated", "satisfactory"]
    assert found.percent == pytest.approx([np.nan, 0, 100], nan_ok=True)  # what is missing isn't within the limit
    assert Note.CENSORED in found.assigned.of(0)


def test_percent_counts_the_samples_of_an_analyte(tmp_path: Path) -> None:
    lines = ["participant | analyte | sample | value | x_pt | sigma_pt | delta_e"]
    lines += [f"A | K | {i} | {value} | 10 | 1 | 1" for i, value in enumerate((10, 11, 11.5, 9, 8))]
    lines += ["A | Na | 1 | 10 | 10 | 1 | 1"]

    found = scored(tmp_path, "\n".join(lines))

    assert found.within.tolist() == [1, 1, 0, 1, 0, 1]
    assert found.percent.tolist() == [60.0] * 5 + [100.0]


@pytest.mark.parametrize(("apart", "expected"), [(0.0, False), (1.5, True)], ids=["one peak", "two peaks"])
def test_several_modes_are_noted(tmp_path: Path, apart: float, expected: bool) -> None:
    drawn = np.random.default_rng(8).normal(5.0, 0.15, 60)
    drawn[:24] += apart

    found = scored(tmp_path, table_of(drawn), sigma="5%")

    assert (Note.SEVERAL_MODES in found.assigned.of(0)) is expected


def test_fixed_value_without_its_uncertainty_is_scored_by_z_and_noted(tmp_path: Path) -> None:
    found = scored(tmp_path, table_of([5.5], "| x_pt | sigma_pt", lambda i: "| 5 | 0.25"))

    assert found.judged_z.tolist() == [2.0]
    assert found.assigned.of(0) == [Note.U_UNKNOWN]


def test_equal_results_have_no_sigma_by_s_star(tmp_path: Path) -> None:
    found = scored(tmp_path, table_of([5.0] * 12), sigma="s-star")

    assert [REASONS[one] for one in found.reason] == ["no-sigma"] * 12
    assert Note.NO_SIGMA in found.assigned.of(0)


@pytest.mark.parametrize(
    ("chosen", "column"),
    [
        ({"assigned": Assignment.FIXED}, "x_pt"),
        ({"sigma": "fixed"}, "sigma_pt"),
        ({"sigma": "limit"}, "delta_e"),
    ],
    ids=["fixed value", "fixed sigma", "limit"],
)
def test_choice_without_its_column_is_refused(tmp_path: Path, chosen: dict[str, object], column: str) -> None:
    with pytest.raises(BadInput, match=f"needs the column {column}"):
        scored(tmp_path, table_of([5.0, 5.1, 5.2]), **chosen)
