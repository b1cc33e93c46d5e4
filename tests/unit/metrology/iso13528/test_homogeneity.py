"""Homogeneity and stability of samples."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from lienthong.metrology import iso13528

TABLE_B1 = {
    20: (1.59, 0.57), 19: (1.60, 0.59), 18: (1.62, 0.62), 17: (1.64, 0.64), 16: (1.67, 0.68), 15: (1.69, 0.71),
    14: (1.72, 0.75), 13: (1.75, 0.80), 12: (1.79, 0.86), 11: (1.83, 0.93), 10: (1.88, 1.01), 9: (1.94, 1.11),
    8: (2.01, 1.25), 7: (2.10, 1.43),
}  # fmt: skip


@pytest.mark.shared
def test_homogeneity_equals_r(shared_data: Path) -> None:
    r = json.loads((shared_data / "eqa" / "homogeneity_layout.json").read_text(encoding="utf-8"))

    found = iso13528.homogeneity(r["pairs"])

    for name in ("mean", "s_x", "s_w", "s_s", "p_value"):
        assert getattr(found, name)[0] == pytest.approx(r[name], rel=1e-9), name
    assert found.f[0] == pytest.approx(r["F"], rel=1e-9)
    assert [found.items[0], found.m[0]] == [9, 2]


def test_homogeneity_many_materials_of_different_sizes_equal_one_by_one() -> None:
    rng = np.random.default_rng(3)
    shapes = {"K": (10, 2), "Na": (12, 3), "Cl": (8, 2)}
    tables = {name: rng.normal(5, 1, shape) + rng.normal(0, 1, (shape[0], 1)) for name, shape in shapes.items()}
    values = np.concatenate([table.ravel() for table in tables.values()])
    items = np.concatenate([np.repeat(np.arange(shape[0]), shape[1]) for shape in shapes.values()])
    groups = np.concatenate([[name] * (shape[0] * shape[1]) for name, shape in shapes.items()])
    order = rng.permutation(values.size)

    found = iso13528.homogeneity(values[order], items=items[order], groups=groups[order])

    assert found.groups.tolist() == ["Cl", "K", "Na"]
    for place, name in enumerate(found.groups.tolist()):
        table = tables[name]
        s_w = np.sqrt(table.var(axis=1, ddof=1).mean())
        f = stats.f_oneway(*table)
        assert found.s_x[place] == pytest.approx(table.mean(axis=1).std(ddof=1), rel=1e-12)
        assert found.s_w[place] == pytest.approx(s_w, rel=1e-12)
        assert found.s_s[place] == pytest.approx(
            np.sqrt(max(0, table.mean(axis=1).var(ddof=1) - s_w**2 / table.shape[1])), rel=1e-10
        )
        assert [found.f[place], found.p_value[place]] == pytest.approx([f.statistic, f.pvalue], rel=1e-9)


def test_homogeneity_equal_replicates_have_no_f() -> None:
    found = iso13528.homogeneity([[5.0, 5.0], [6.0, 6.0]])

    assert found.s_w.tolist() == [0.0]
    assert found.s_s[0] == pytest.approx(0.5**0.5)
    assert np.isnan([found.f[0], found.p_value[0]]).all()


def test_homogeneity_factors_are_the_printed_table() -> None:
    f1, f2 = iso13528.homogeneity_factors(list(TABLE_B1))

    assert f1 == pytest.approx([pair[0] for pair in TABLE_B1.values()], abs=0.00501)
    assert f2 == pytest.approx([pair[1] for pair in TABLE_B1.values()], abs=0.00501)


@pytest.mark.parametrize("m", [2, 3])
def test_homogeneity_expanded_criterion_fails_five_in_hundred_at_its_limit(m: int) -> None:
    """Samples that differ by just 0.3·σ_pt: refused once in twenty by the expanded criterion, half by the basic."""
    rng = np.random.default_rng(17)
    runs, g = 20_000, 10
    items = np.tile(np.repeat(np.arange(g), m), runs)
    values = rng.normal(0, 0.3, (runs, g, 1)) + rng.normal(0, 0.2, (runs, g, m))

    found = iso13528.homogeneity(values.ravel(), items=items, groups=np.repeat(np.arange(runs), g * m))
    refused = 1 - iso13528.homogeneity_verdicts(found, sigma_pt=1.0, criterion="expanded").adequate.mean()
    refused_by_basic = 1 - iso13528.homogeneity_verdicts(found, sigma_pt=1.0).adequate.mean()

    assert 0.02 < refused < 0.06
    assert 0.4 < refused_by_basic < 0.55


def test_homogeneity_verdicts_by_hand() -> None:
    found = iso13528.homogeneity([[5.0, 5.2], [5.4, 5.4], [5.1, 4.9], [5.3, 5.1]])

    verdicts = iso13528.homogeneity_verdicts(found, sigma_pt=0.2)

    assert verdicts.limit == pytest.approx([0.06])
    assert verdicts.adequate.tolist() == [False]
    assert verdicts.method_precise.tolist() == [False]
    assert verdicts.sigma_pt_widened == pytest.approx([(0.04 + found.s_s[0] ** 2) ** 0.5])
    assert iso13528.homogeneity_verdicts(found, sigma_pt=np.nan).adequate.tolist() == [False]
    assert iso13528.homogeneity_verdicts(found, sigma_pt=2.0, fraction=0.1).adequate.tolist() == [True]


def test_stability_by_group() -> None:
    values = [10.0, 10.2, 10.4, 10.1, 10.3, 10.5, 7.0, 8.0, 5.0]
    later = [False, False, False, True, True, True, False, True, False]
    groups = [1, 1, 1, 1, 1, 1, 2, 2, 3]

    found = iso13528.stability(values, later=later, groups=groups)
    verdicts = iso13528.stability_verdicts(found, sigma_pt=[0.2, 10.0, 1.0])

    assert found.before.tolist() == pytest.approx([10.2, 7.0, 5.0])
    assert found.u_before[0] == found.u_after[0] == pytest.approx(0.2 / 3**0.5)
    assert verdicts.change[:2] == pytest.approx([0.1, 1.0])
    assert verdicts.limit == pytest.approx([0.06, 3.0, 0.3])
    assert verdicts.stable.tolist() == [False, True, False]
    assert verdicts.relaxed_limit[0] == pytest.approx(0.06 + 2 * 0.2 * (2 / 3) ** 0.5)
    assert verdicts.stable_relaxed.tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: iso13528.homogeneity([[1.0, np.nan], [1, 2]]), "values must be known, but got nan at position 0, 1"),
        (lambda: iso13528.homogeneity([[1.0, 2.0]]), "items must be at least 2 of each material, but got 1"),
        (lambda: iso13528.homogeneity([[1.0], [2.0]]), "same number of replicates, at least 2"),
        (lambda: iso13528.homogeneity([1.0, 2, 3, 4, 5], items=["a", "a", "b", "b", "b"]), "but item [ab] has"),
        (lambda: iso13528.homogeneity([1.0, 2.0]), "values without items must have shape"),
        (lambda: iso13528.homogeneity_factors(1), "items must be a whole number of at least 2"),
        (
            lambda: iso13528.homogeneity_verdicts(iso13528.homogeneity([[1, 2], [3, 4]]), sigma_pt=0),
            "sigma_pt must be greater than 0",
        ),
        (
            lambda: iso13528.homogeneity_verdicts(iso13528.homogeneity([[1, 2], [3, 4]]), sigma_pt=1, criterion="2005"),
            "criterion must be one of basic, expanded, but got '2005'",
        ),
        (lambda: iso13528.stability([1.0, 2.0], later=[0, 1]), "later must be 2 booleans, but got int64"),
    ],
)
def test_homogeneity_impossible_input_raises(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
