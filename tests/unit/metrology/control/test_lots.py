"""Changes of lot against numbers worked by hand and against R's paired t interval."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lienthong.metrology import control

PAIRED: dict[str, Any] = json.loads((Path(__file__).parents[3] / "golden" / "control.json").read_text())["paired"]
OLD = [10.0, 20.0, 30.0, 40.0, 50.0]


def test_new_control_lot_by_hand_for_two_levels() -> None:
    values = [5.0, -12.0, 5.4, -12.4, np.nan, 9.9]

    found = control.new_control_lot(
        values,
        old_cv=[2.0, 3.0, 2.0, 3.0, 2.0, 2.0],
        at_least=3,
        groups=[1, 2, 1, 2, 1, 1],
        excluded=[False, False, False, False, False, True],
    )

    np.testing.assert_allclose(found.mean, [5.2, -12.2])
    np.testing.assert_allclose(found.sd, [0.104, 0.366])
    assert found.n.tolist() == [2, 2]
    assert not found.is_enough.any()


def test_verify_reagent_lot_interval_equals_r() -> None:
    found = control.verify_reagent_lot(PAIRED["old"], PAIRED["new"], limit=1.0, in_percent=False)

    assert found.mean == pytest.approx(PAIRED["mean"], rel=1e-9)
    assert found.lower == pytest.approx(PAIRED["lower"], rel=1e-9)
    assert found.upper == pytest.approx(PAIRED["upper"], rel=1e-9)


@pytest.mark.parametrize(
    ("percent", "mean_limit", "share_met", "mean_met", "accepted"),
    [
        ([5, -5, 5, -5, 5.1], None, True, None, True),
        ([5, -5, 5, -5.1, 5.1], None, False, None, False),
        ([5, 5, 5, 4, 5], 4.8, True, True, True),
        ([5, 5, 5, 4, 5], 4.7, True, False, False),
        ([5, 5, 5, 4, 5], None, True, None, True),
    ],
    ids=["four_of_five", "three_of_five", "mean_on_its_limit", "mean_beyond_its_limit", "mean_not_judged"],
)
def test_verify_reagent_lot_verdict(
    percent: list[float], mean_limit: float | None, share_met: bool, mean_met: bool | None, accepted: bool
) -> None:
    new = np.array(OLD) * (1 + np.array(percent) / 100)

    found = control.verify_reagent_lot(OLD, new, limit=5.0, in_percent=True, mean_limit=mean_limit)

    assert (found.share_met, found.mean_met, found.accepted) == (share_met, mean_met, accepted)
    assert found.differs == (not found.lower <= 0 <= found.upper)


def test_verify_reagent_lot_leaves_out_a_specimen_with_one_result() -> None:
    found = control.verify_reagent_lot([*OLD, np.nan, 0.0], [*OLD, 3.0, np.nan], limit=5.0, in_percent=True)

    assert found.n == 5
    assert found.share == 1.0
    assert np.isnan(found.differences[5:]).all()
    assert found.within.tolist() == [True] * 5 + [False] * 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: control.new_control_lot([1], old_cv=-1, at_least=5), "old_cv must not be negative"),
        (lambda: control.new_control_lot([1, 2], old_cv=[1, 2], at_least=5), "old_cv must be the same"),
        (lambda: control.new_control_lot([1], old_cv=1, at_least=0), "at_least must be a whole number"),
        (lambda: control.verify_reagent_lot(OLD[:4], OLD[:4], limit=5, in_percent=True), "at least 5 specimens"),
        (lambda: control.verify_reagent_lot(OLD, OLD[:4], limit=5, in_percent=True), "new must have one result"),
        (lambda: control.verify_reagent_lot(OLD, OLD, limit=0, in_percent=True), "limit must be greater than 0"),
        (
            lambda: control.verify_reagent_lot(OLD, OLD, limit=[5, 5, 5, 5, np.nan], in_percent=True),
            "limit must be known",
        ),
        (lambda: control.verify_reagent_lot([0, *OLD], [1, *OLD], limit=5, in_percent=True), "old must be greater"),
        (lambda: control.verify_reagent_lot(OLD, OLD, limit=5, in_percent=True, share=0), "share must be above 0"),
        (lambda: control.verify_reagent_lot(OLD, OLD, limit=5, in_percent=True, confidence=1), "confidence must be"),
    ],
)
def test_lots_impossible_input_raises(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
