"""z scores in order, as bars, with the lines at ±2 and ±3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np

from lienthong.cli.eqa.report.drawing import BAD, INK, NEEDLE, PLATE, QUIET, SIZE, WARN, Frame, Spec, layered
from lienthong.cli.eqa.report.score_axis import HIGHEST, ONE, SIDES, TONES, score_axis, top_of
from lienthong.cli.eqa.texts import Words

CLOSE = 4  # units of width of a bar below which bars touch: a gap would flicker
ROOM_FOR_LETTERS = 14  # units of width of a bar that carries its code


@dataclass(frozen=True, slots=True)
class Dot:
    """A result to draw; `name` is empty where its participant must not be named."""

    name: str
    z: float
    verdict: str
    is_own: bool = False


def z_chart(dots: Sequence[Dot], frame: Frame, words: Words) -> Spec:
    """Draw bars in order of z with the lines at ±2 and ±3; codes where there is room, one's own always."""
    ordered = sorted(dots, key=lambda dot: dot.z)
    step = frame.width / max(1, len(ordered))
    has_room = step >= ROOM_FOR_LETTERS
    rows = [_bar(place, dot, has_room, words) for place, dot in enumerate(ordered)]
    data = alt.NamedData("dots")
    count = words.ngettext("%(count)s result in order of z", "%(count)s results in order of z", len(dots))
    title = count % {"count": words.whole(len(dots))}
    top = top_of([dot.z for dot in dots])
    x = alt.X(
        "place:Q",
        scale=alt.Scale(domain=[-1, len(ordered)], nice=False, zero=False),
        axis=alt.Axis(labels=False, ticks=False, grid=False, domain=False, title=title),
    )
    y = alt.Y("shown:Q", scale=alt.Scale(domain=[-top, top], nice=False), axis=score_axis("z"))
    bars = alt.Chart(data).mark_bar(size=min(18.0, step * (0.7 if step > CLOSE else 1.0)))
    bars = bars.encode(x=x, y=y, y2=alt.Y2Datum(0), color=alt.Color("tone:N", scale=None))
    letters = [
        alt.Chart(data)
        .transform_filter(f"datum.z {side.test} 0")
        .mark_text(angle=270, fontSize=SIZE - 1, dx=-5 * side.sign, align=side.align, baseline="middle", fontWeight=600)
        .encode(x=x, y=alt.YDatum(0, axis=score_axis("z")), text="name:N", color=alt.Color("ink:N", scale=None))
        for side in SIDES
    ]
    beyond = [
        alt.Chart(data)
        .transform_filter(f"datum.beyond != '' && datum.z {side.test} 0")
        .mark_text(fontWeight=600, align=side.align, dx=-side.sign * (step / 2 + 3), dy=8 * side.sign, color=BAD)
        .encode(x=x, y=y, text="beyond:N")
        for side in SIDES
    ]
    own = alt.Chart(data).transform_filter("datum.own").mark_point(size=110, filled=True, color=NEEDLE, opacity=1)
    layers = [_band(), *_rules(), bars, *letters, *beyond, own.encode(x=x, y=y)]
    return layered(frame, layers, {"dots": rows, "one": [{}]})


def _bar(place: int, dot: Dot, has_room: bool, words: Words) -> dict[str, object]:
    return {
        "place": place,
        "z": dot.z,
        "shown": float(np.clip(dot.z, -HIGHEST, HIGHEST)),
        "tone": TONES.get(dot.verdict, QUIET),
        "name": dot.name if has_room or dot.is_own else "",
        "ink": NEEDLE if dot.is_own else INK,
        "beyond": words.signed(dot.z, 1) if abs(dot.z) > HIGHEST else "",
        "own": dot.is_own,
    }


def _band() -> alt.Chart:
    return alt.Chart(ONE).mark_rect(color=PLATE).encode(y=alt.YDatum(-2, axis=score_axis("z")), y2=alt.Y2Datum(2))


def _rules() -> list[alt.Chart]:
    kinds = [
        (0, INK, [1, 0], 1.5),
        (2, WARN, [6, 4], 1.0),
        (-2, WARN, [6, 4], 1.0),
        (3, BAD, [1, 0], 1.5),
        (-3, BAD, [1, 0], 1.5),
    ]
    return [
        alt.Chart(ONE)
        .mark_rule(color=color, strokeDash=dash, strokeWidth=width)
        .encode(y=alt.YDatum(z, axis=score_axis("z")))
        for z, color, dash, width in kinds
    ]
