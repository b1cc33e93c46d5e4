"""Youden's plot: two samples beside each other."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lienthong.metrology import iso13528


def two_samples(runs: int, p: int, between: float, within: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(23)
    laboratory = rng.normal(0, between, (runs, p))
    return (
        (10 + laboratory + rng.normal(0, within, (runs, p))).ravel(),
        (12 + laboratory + rng.normal(0, within, (runs, p))).ravel(),
    )


def test_youden_by_group_equals_numpy() -> None:
    x, y = two_samples(3, 15, 0.5, 0.2)
    x[4] = np.nan
    groups = np.repeat([2, 1, 3], 15)

    found = iso13528.youden(x, y, groups=groups)

    assert found.p.tolist() == [15, 14, 15]
    for place, group in enumerate(found.groups):
        own = (groups == group) & ~np.isnan(x)
        assert [found.mean_x[place], found.mean_y[place]] == pytest.approx([x[own].mean(), y[own].mean()])
        assert [found.s_x[place], found.s_y[place]] == pytest.approx([x[own].std(ddof=1), y[own].std(ddof=1)])
        assert found.r[place] == pytest.approx(np.corrcoef(x[own], y[own])[0, 1])
        assert found.s_within[place] == pytest.approx((x - y)[own].std(ddof=1) / 2**0.5)
        assert found.s_total[place] == pytest.approx((x + y)[own].std(ddof=1) / 2**0.5)


def test_youden_components_are_those_simulated() -> None:
    x, y = two_samples(1, 40_000, 0.5, 0.2)

    found = iso13528.youden(x, y)

    assert found.s_within[0] == pytest.approx(0.2, rel=0.02)
    assert found.s_between[0] == pytest.approx(0.5, rel=0.02)


def test_ellipse_outline_lies_where_the_statistic_equals_t2() -> None:
    x, y = two_samples(1, 12, 0.5, 0.2)
    found = iso13528.youden(x, y)

    outline = iso13528.youden_ellipse(found, confidence=0.9)

    inverse = np.linalg.inv(np.cov(x, y))
    off = np.stack([outline.x[0] - x.mean(), outline.y[0] - y.mean()])
    t2 = 2 * 11 / 10 * stats.f.ppf(0.9, 2, 10)
    assert np.einsum("ip,ij,jp->p", off, inverse, off) == pytest.approx(t2)
    assert outline.t2[0] == pytest.approx(t2)


def test_ellipse_leaves_the_stated_share_outside_of_large_rounds() -> None:
    x, y = two_samples(1, 20_000, 0.5, 0.2)

    outside = iso13528.outside_ellipse(x, y, confidence=0.95)

    assert outside.mean() == pytest.approx(0.05, abs=0.007)


def test_youden_pairs_separate_systematic_from_random() -> None:
    found = iso13528.youden_pairs([3.0, 2.0, np.nan], [3.0, -2.0, 1.0])

    assert found.systematic[:2] == pytest.approx([18**0.5, 0])
    assert found.random[:2] == pytest.approx([0, 8**0.5])
    assert np.isnan(found.distance[2])


def test_youden_too_few_pairs_are_nan() -> None:
    found = iso13528.youden([1.0, 2.0, 3.0], [1.0, np.nan, 3.0])

    assert found.r[0] == pytest.approx(1.0)
    assert np.isnan(iso13528.youden_ellipse(found).t2[0])
    assert iso13528.outside_ellipse([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]).tolist() == [False] * 3
    assert np.isnan(iso13528.youden([1.0], [2.0]).s_within[0])


def test_youden_impossible_input_raises() -> None:
    with pytest.raises(ValueError, match="x and y must have the same length, but have 1 and 2"):
        iso13528.youden([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="points must be at least 4"):
        iso13528.youden_ellipse(iso13528.youden([1.0], [1.0]), points=3)
    with pytest.raises(ValueError, match="confidence must be above 0 and below 1"):
        iso13528.outside_ellipse([1.0], [1.0], confidence=1)
