"""Monthly and cumulative summaries, and pooled values, against R and plain loops."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.metrology import control

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[3] / "golden" / "control.json").read_text())["months"]
ROWS = st.lists(
    st.tuples(
        st.sampled_from([100.0, 101.5, 98.25, 120.0, float("nan")]),
        st.sampled_from(["A", "B"]),
        st.sampled_from(["2026-01", "2026-02", "2026-10"]),
        st.sampled_from([100.0, 99.0, float("nan")]),
        st.booleans(),
        st.booleans(),
    ),
    max_size=30,
)


@pytest.mark.parametrize("part", ["monthly", "cumulative"])
def test_by_month_equals_r(part: str) -> None:
    order = np.random.default_rng(7).permutation(len(GOLDEN["values"]))
    values, series, months = (np.array(GOLDEN[name])[order] for name in ("values", "series", "month"))

    found = control.by_month(values, months, groups=series)
    n, mean, sd = np.array(GOLDEN[part]).T

    assert found.groups.tolist() == ["S1"] * 4 + ["S2"] * 4
    assert found.months.tolist() == ["2026-01", "2026-02", "2026-03", "2026-04"] * 2
    np.testing.assert_array_equal(getattr(found, part).n, n)
    np.testing.assert_allclose(getattr(found, part).mean, mean, rtol=1e-12)
    np.testing.assert_allclose(getattr(found, part).sd, sd, rtol=1e-9)
    np.testing.assert_allclose(getattr(found, part).cv, 100 * sd / mean, rtol=1e-9)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(ROWS)
def test_by_month_equals_plain_loop(rows: list[tuple[float, str, str, float, bool, bool]]) -> None:
    columns = list(zip(*rows, strict=True)) if rows else [()] * 6
    found = control.by_month(
        np.array(columns[0], dtype=float),
        np.array(columns[2], dtype=str),
        groups=np.array(columns[1], dtype=str),
        target=np.array(columns[3], dtype=float),
        out_of_control=np.array(columns[4], dtype=bool),
        excluded=np.array(columns[5], dtype=bool),
    )

    cells = sorted({(row[1], row[2]) for row in rows})
    assert list(zip(found.groups.tolist(), found.months.tolist(), strict=True)) == cells
    for i, (group, month) in enumerate(cells):
        for part, wanted in ((found.monthly, {month}), (found.cumulative, {m for m in columns[2] if m <= month})):
            there = [row for row in rows if row[1] == group and row[2] in wanted and not np.isnan(row[0])]
            values = [row[0] for row in there if not row[5]]
            aimed = [row for row in there if not row[5] and not np.isnan(row[3])]
            expected = [
                np.mean(values) if values else np.nan,
                np.std(values, ddof=1) if len(values) > 1 else np.nan,
                np.mean([row[0] - row[3] for row in aimed]) if aimed else np.nan,
                100 * sum(row[0] - row[3] for row in aimed) / sum(row[3] for row in aimed) if aimed else np.nan,
                100 * np.mean([row[4] for row in there]) if there else np.nan,
            ]
            got = [part.mean[i], part.sd[i], part.bias[i], part.bias_percent[i], part.out_of_control[i]]
            assert part.n[i] == len(values)
            np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12)


def test_by_month_of_dates_without_target_or_rejections_says_nothing_of_them() -> None:
    days = np.array(["2026-01-31", "2026-02-01", "2026-02-28"], dtype="datetime64[D]")

    found = control.by_month([0.1, 0.1, 0.1], days.astype("datetime64[M]"))

    assert found.months.astype(str).tolist() == ["2026-01", "2026-02"]
    assert found.cumulative.sd.tolist()[1] == 0.0
    assert np.isnan(found.monthly.bias).all()
    assert np.isnan(found.cumulative.bias_percent).all()
    assert np.isnan(found.monthly.out_of_control).all()


def test_by_month_keeps_digits_of_a_small_series_beside_a_large_one() -> None:
    small = np.array([1e-6, 2e-6, 3e-6, 4e-6])
    values, groups = np.concatenate((small * 1e12, small)), np.repeat(["A", "B"], 4)

    found = control.by_month(values, np.tile([1, 1, 2, 2], 2), groups=groups)

    assert found.cumulative.sd[3] == pytest.approx(np.std(small, ddof=1), rel=1e-9)


def test_pooled_by_hand_and_by_group() -> None:
    sd, n = [1.0, 2.0, np.nan, 4.0, 5.0], [11, 6, 50, 1, 3]

    found = control.pooled_sd(sd, n, groups=["A", "A", "A", "B", "C"])
    cv = control.pooled_cv(sd[:2], 5)

    assert found.groups.tolist() == ["A", "B", "C"]
    np.testing.assert_allclose(found.value, [np.sqrt((10 * 1 + 5 * 4) / 15), np.nan, 5.0])
    assert found.df.tolist() == [15, 0, 2]
    assert cv.value[0] == pytest.approx(np.sqrt(2.5))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: control.by_month([1, 2], ["2026-01"]), "months must have one entry per value"),
        (lambda: control.by_month([1], [1.5]), "months must be integers, strings or dates"),
        (lambda: control.by_month([1], [1], out_of_control=[1]), "out_of_control must be 1 booleans"),
        (lambda: control.by_month([1], [1], target=[1, 2]), "target must be one number or one per value"),
        (lambda: control.pooled_sd([-1], [3]), "sd must not be negative"),
        (lambda: control.pooled_cv([1], [2.5]), "n must be a whole number"),
    ],
)
def test_months_impossible_input_raises(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
