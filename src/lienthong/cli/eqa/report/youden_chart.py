"""Youden's plot: the scores of two samples against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np

from lienthong.cli.eqa.report.drawing import BAD, LINE, NEEDLE, PLATE, QUIET, WARN, Frame, Spec, layered
from lienthong.cli.eqa.report.score_axis import HIGHEST, ONE, SHAPES, SIDES, TONES, score_axis, top_of


@dataclass(frozen=True, slots=True)
class Pair:
    """A participant's z scores on two samples, and the worse verdict."""

    name: str
    first: float
    second: float
    verdict: str
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Axes:
    """The axes that every layer names: one that leaves them out would bring its own."""

    x: alt.Axis
    y: alt.Axis


def youden_chart(pairs: Sequence[Pair], frame: Frame, *, titles: tuple[str, str]) -> Spec:
    """Draw each participant's z on one sample against its z on the other, with the squares of ±2 and ±3."""
    top = top_of([z for pair in pairs for z in (pair.first, pair.second)])
    scale = alt.Scale(domain=[-top, top], nice=False)
    data = alt.NamedData("pairs")
    rows = [
        {
            "x": float(np.clip(pair.first, -HIGHEST, HIGHEST)),
            "y": float(np.clip(pair.second, -HIGHEST, HIGHEST)),
            "name": pair.name if pair.is_own or pair.verdict == "unsatisfactory" else "",
            "tone": NEEDLE if pair.is_own else TONES.get(pair.verdict, QUIET),
            "shape": SHAPES.get(pair.verdict, "circle"),
        }
        for pair in pairs
    ]
    axes = Axes(score_axis(titles[0]), score_axis(titles[1]))
    x, y = alt.X("x:Q", scale=scale, axis=axes.x), alt.Y("y:Q", scale=scale, axis=axes.y)
    points = alt.Chart(data).mark_point(size=60, filled=True, opacity=0.85)
    names = [
        alt.Chart(data)
        .transform_filter(f"datum.x {side.test} 0")
        .mark_text(align=side.align, dx=-8 * side.sign, fontWeight=600, baseline="middle")
        .encode(x=x, y=y, text="name:N", color=alt.Color("tone:N", scale=None))
        for side in SIDES
    ]
    layers = [
        _square(axes, 2, fill=PLATE),
        alt.Chart(alt.NamedData("diagonal")).mark_line(color=LINE, strokeWidth=1).encode(x=x, y=y),
        *_cross(axes),
        _square(axes, 2, stroke=WARN, dash=[6, 4]),
        _square(axes, 3, stroke=BAD),
        points.encode(x=x, y=y, color=alt.Color("tone:N", scale=None), shape=alt.Shape("shape:N", scale=None)),
        *names,
    ]
    diagonal: list[dict[str, object]] = [{"x": -top, "y": -top}, {"x": top, "y": top}]
    return layered(frame, layers, {"pairs": rows, "diagonal": diagonal, "one": [{}]})


def _square(
    axes: Axes, half: int, *, fill: str | None = None, stroke: str | None = None, dash: Sequence[int] = (1, 0)
) -> alt.Chart:
    mark = alt.Chart(ONE).mark_rect(
        color=fill or "none",
        fillOpacity=1 if fill else 0,
        stroke=stroke or "none",
        strokeDash=list(dash),
        strokeWidth=1.2,
    )
    x, y = alt.XDatum(-half, axis=axes.x), alt.YDatum(-half, axis=axes.y)
    return mark.encode(x=x, x2=alt.X2Datum(half), y=y, y2=alt.Y2Datum(half))


def _cross(axes: Axes) -> list[alt.Chart]:
    rule = alt.Chart(ONE).mark_rule(color=QUIET, strokeWidth=1)
    return [rule.encode(x=alt.XDatum(0, axis=axes.x)), rule.encode(y=alt.YDatum(0, axis=axes.y))]
