"""What the pictures of the docs share: axes, legends, charts beside one another, and SVG that reads anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np

from lienthong.cli.eqa.report.drawing import FONT, INK, PAPER, Spec, svg
from lienthong.cli.eqa.texts import Language, words_of

FACES = "'Noto Sans', 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
WORDS = words_of(Language.EN)
DASHES = ([1, 0], [8, 4], [2, 3])

Rows = list[dict[str, object]]


def x_of(field: str, title: str | None, domain: Sequence[float], **axis: Any) -> alt.X:
    """Return the field as x over a range."""
    return alt.X(f"{field}:Q", scale=_scale(domain), axis=alt.Axis(title=title, grid=False, **axis))


def y_of(field: str, title: str | None, domain: Sequence[float], **axis: Any) -> alt.Y:
    """Return the field as y over a range."""
    return alt.Y(f"{field}:Q", scale=_scale(domain), axis=alt.Axis(title=title, grid=False, **axis))


def around(values: Any) -> list[float]:
    """Return a range of whole tens that holds the values and a little air."""
    return [float(10 * np.floor((values.min() - 5) / 10)), float(10 * np.ceil((values.max() + 5) / 10))]


def dashes(names: Sequence[str], dashes: Iterable[Sequence[int]] = DASHES, *, columns: int = 1) -> alt.StrokeDash:
    """Return the dashes of named lines, with their legend."""
    legend = alt.Legend(
        title=None, orient="bottom", columns=columns, labelLimit=320, symbolStrokeColor=INK, symbolSize=900
    )
    scale = alt.Scale(domain=list(names), range=[list(dash) for dash in dashes])
    return alt.StrokeDash("name:N", scale=scale, legend=legend)


def point(x: float, y: float, name: str) -> dict[str, object]:
    """Return a row of a named line."""
    return {"x": float(x), "y": float(y), "name": name}


def joined(way: str, charts: Sequence[Spec]) -> Spec:
    """Put charts below or beside one another; each keeps its own data under a name of its own."""
    kept = ("layer", "width", "height")
    datasets: dict[str, Rows] = {}
    parts = []
    for number, chart in enumerate(charts):
        part = {key: chart[key] for key in kept}
        part["layer"] = [layer | {"data": {"name": f"{layer['data']['name']}-{number}"}} for layer in part["layer"]]
        datasets |= {f"{name}-{number}": rows for name, rows in chart["datasets"].items()}
        parts.append(part)
    shared = {key: value for key, value in charts[0].items() if key not in (*kept, "datasets")}
    resolve = {"scale": {"strokeDash": "independent", "color": "independent", "shape": "independent"}}
    return shared | {way: parts, "datasets": datasets, "spacing": 18, "resolve": resolve}


def finished(spec: Spec) -> str:
    """Return SVG on white, in the reader's own letters."""
    spec["config"] |= {"background": PAPER, "padding": 12}
    spec["datasets"] = {name: [_rounded(row) for row in rows] for name, rows in spec["datasets"].items()}
    return svg(spec, WORDS).replace(f'font-family="{FONT}"', f'font-family="{FACES}"')


def _rounded(row: Mapping[str, object]) -> dict[str, object]:
    """Return a row with as many figures as are seen: processors differ in the last ones."""
    return {key: float(f"{value:.6g}") if isinstance(value, float) else value for key, value in row.items()}


def _scale(domain: Sequence[float]) -> alt.Scale:
    return alt.Scale(domain=list(domain), nice=False, zero=False)
