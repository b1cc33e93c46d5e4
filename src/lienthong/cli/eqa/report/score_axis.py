"""What charts of scores share: the axis of z, its limits, and the colours and shapes of verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import altair as alt

from lienthong.cli.eqa.report.drawing import ACTION, BAD, WARN

HIGHEST = 5.0  # what lies beyond is drawn at the edge
LOWEST_TOP = 3.5  # so that both lines are always seen
TONES = {"satisfactory": ACTION, "questionable": WARN, "unsatisfactory": BAD}
SHAPES = {"satisfactory": "circle", "questionable": "square", "unsatisfactory": "triangle-up"}
SIGNED = "datum.value == 0 ? '0' : datum.label"
ONE = alt.NamedData("one")  # a row without content, for what is drawn once


@dataclass(frozen=True, slots=True)
class Side:
    """Positive or negative scores: their test against 0, their sign, and where their letters stand."""

    test: str
    sign: int
    align: Literal["left", "right"]


SIDES = (Side(">=", 1, "right"), Side("<", -1, "left"))


def top_of(scores: Sequence[float]) -> float:
    """Return up to which score the axis goes, on both sides of 0."""
    return min(HIGHEST, max(LOWEST_TOP, max((abs(z) for z in scores), default=0.0) + 0.3))


def score_axis(title: str) -> alt.Axis:
    """Return an axis with every whole score and its sign."""
    return alt.Axis(
        title=title,
        values=[-4, -3, -2, -1, 0, 1, 2, 3, 4],
        format="+d",
        labelExpr=SIGNED,
        grid=False,
        labelOverlap=False,
    )
