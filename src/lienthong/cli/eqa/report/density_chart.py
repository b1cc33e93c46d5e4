"""The kernel density of results, a tick for each, and the assigned values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import altair as alt

from lienthong.cli.eqa.reading import FloatArray
from lienthong.cli.eqa.report.drawing import ACTION, INK, NEEDLE, PLATE, QUIET, Frame, Spec, layered

DASHES = [[1, 0], [8, 4], [2, 3], [10, 3, 2, 3], [14, 4], [4, 4]]
HEIGHT = 190
MOST_TICKS = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """An assigned value, and what it holds for."""

    value: float
    name: str


def density_chart(
    grid: FloatArray,
    density: FloatArray,
    values: FloatArray,
    lines: Sequence[Line],
    frame: Frame,
    *,
    title: str,
    own: Sequence[float] = (),
) -> Spec:
    """Draw the density of results over a grid, a tick for each result, and the assigned values."""
    inside = values[(values >= grid[0]) & (values <= grid[-1])]
    x = alt.X(
        "x:Q",
        scale=alt.Scale(domain=[float(grid[0]), float(grid[-1])], nice=False, zero=False),
        axis=alt.Axis(title=title, tickCount=4 if frame.is_narrow else 9, grid=False),
    )
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-0.1, 1.08], nice=False))
    rows = {
        "curve": [{"x": a, "y": b} for a, b in zip(grid.tolist(), (density / density.max()).tolist(), strict=True)],
        "ticks": [{"x": one} for one in inside[:: -(-inside.size // MOST_TICKS) or 1].tolist()],
        "own": [{"x": one} for one in own if grid[0] <= one <= grid[-1]],
        "lines": [{"x": line.value, "name": line.name} for line in lines],
    }
    names = list(dict.fromkeys(line.name for line in lines))
    dash = alt.StrokeDash(
        "name:N",
        scale=alt.Scale(domain=names, range=[DASHES[place % len(DASHES)] for place in range(len(names))]),
        legend=alt.Legend(
            title=None, orient="bottom", columns=1, labelLimit=frame.width - 60, symbolStrokeColor=INK, symbolSize=900
        ),
    )
    named = {name: alt.Chart(alt.NamedData(name)) for name in rows}
    area = named["curve"].mark_area(color=PLATE, line={"color": ACTION, "strokeWidth": 2})
    foot = alt.YDatum(-0.05)
    layers = [
        area.encode(x=x, y=y, y2=alt.Y2Datum(0)),
        named["ticks"].mark_tick(color=QUIET, thickness=1, size=12, opacity=0.7).encode(x=x, y=foot),
        named["lines"].mark_rule(color=INK, strokeWidth=2).encode(x=x, strokeDash=dash),
        named["own"]
        .mark_point(shape="triangle-up", size=130, filled=True, color=NEEDLE, opacity=1)
        .encode(x=x, y=foot),
    ]
    return layered(replace(frame, height=HEIGHT), layers, rows)
