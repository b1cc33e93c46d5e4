"""The z chart of a round as SVG geometry: one point a result, in order of z; wide for screens, narrow for phones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.core.templatetags.numbers import signed

SHAPES = ("circle", "square", "triangle-open", "circle-open", "square-open", "triangle")
SHAPE_OF_SMALL_GROUPS = "diamond-open"
LINES = {4: "grid", 3: "s3", 2: "s2", 1: "grid", 0: "mean", -1: "grid", -2: "s2", -3: "s3", -4: "grid"}
HIGHEST = 4.3  # what lies beyond is drawn at the edge, with its number
LETTER = 8.2  # width of a letter of a label
TONES = {"unsatisfactory": "bad", "questionable": "warn"}


@dataclass(frozen=True, slots=True)
class Dot:
    """A laboratory's z to draw: its code, what the tooltip says, its shape and whether it is one's own."""

    code: str
    z: float
    verdict: str
    shape: str
    title: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Line:
    kind: str
    y: str
    text_y: str
    label: str


@dataclass(frozen=True, slots=True)
class Label:
    kind: str
    x: str
    y: str
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Point:
    """A drawn point: `form` is circle, square or path."""

    kind: str
    form: str
    x: str
    y: str
    size: str
    corner_x: str
    corner_y: str
    side: str
    path: str
    tick_from: str
    tick_to: str
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing; every number is text already, because decimals of SVG don't follow the language."""

    id: str
    view_box: str
    title: str
    left: str
    right: str
    axis_x: str
    zone_y: str
    zone_width: str
    zone_height: str
    lines: tuple[Line, ...]
    points: tuple[Point, ...]
    labels: tuple[Label, ...]
    caption: str
    caption_y: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The measures of a drawing in its own units."""

    id: str
    width: int
    height: int
    left: float
    right: float
    middle: float
    step: float
    size: float


WIDE = Frame("zw", 1200, 340, 44, 1184, 160, 31.75, 6.0)
NARROW = Frame("zn", 328, 320, 30, 324, 150, 29.575, 4.1)


def shapes_of(groups: Sequence[str]) -> Mapping[str, str]:
    """Return the shape of each peer group that is large enough, largest first."""
    return {group: SHAPES[place % len(SHAPES)] for place, group in enumerate(groups)}


def draw(dots: Sequence[Dot], frame: Frame, title: str) -> Chart:
    """Return the drawing of points in order of z."""
    ordered = sorted(dots, key=lambda dot: dot.z)
    gap = (frame.right - frame.left - 24) / max(1, len(ordered) - 1)
    places = [(dot, frame.left + 12 + gap * place, _y(dot.z, frame)) for place, dot in enumerate(ordered)]
    return Chart(
        id=frame.id,
        view_box=f"0 0 {frame.width} {frame.height}",
        title=title,
        left=_n(frame.left),
        right=_n(frame.right),
        axis_x=_n(frame.left - 8),
        zone_y=_n(frame.middle - 2 * frame.step),
        zone_width=_n(frame.right - frame.left),
        zone_height=_n(4 * frame.step),
        lines=tuple(_line(z, kind, frame) for z, kind in LINES.items()),
        points=tuple(_point(dot, x, y, frame) for dot, x, y in places),
        labels=tuple(_labels(places, frame)),
        caption=_("%(count)s results in order of z") % {"count": len(dots)},
        caption_y=_n(frame.height - 10),
    )


def _y(z: float, frame: Frame) -> float:
    return frame.middle - frame.step * max(-HIGHEST, min(HIGHEST, z))


def _line(z: int, kind: str, frame: Frame) -> Line:
    y = frame.middle - frame.step * z
    return Line(kind, _n(y), _n(y + 5), signed(z, 0))


def _point(dot: Dot, x: float, y: float, frame: Frame) -> Point:
    tone, size = TONES.get(dot.verdict), frame.size
    shape = dot.shape.removesuffix("-open")
    kind = f"p-{tone}" if tone else "p-open" if dot.shape.endswith("-open") else "p"
    side = size * 11 / 6
    return Point(
        kind=kind,
        form=shape if shape in ("circle", "square") else "path",
        x=_n(x),
        y=_n(y),
        size=_n(size),
        corner_x=_n(x - side / 2),
        corner_y=_n(y - side / 2),
        side=_n(side),
        path=_path(shape, x, y, size),
        tick_from=_n(frame.middle),
        tick_to=_n(y),
        title=dot.title,
    )


def _path(shape: str, x: float, y: float, size: float) -> str:
    reach = size * 7 / 6
    if shape == "triangle":
        return f"M{x:.1f} {y - reach:.1f}l{reach:.1f} {2 * size:.1f}h{-2 * reach:.1f}z"
    tall = size * 8 / 6
    return f"M{x:.1f} {y - tall:.1f}l{reach:.1f} {tall:.1f} {-reach:.1f} {tall:.1f} {-reach:.1f} {-tall:.1f}z"


def _labels(places: Sequence[tuple[Dot, float, float]], frame: Frame) -> list[Label]:
    """Name what is not satisfactory and what is one's own, where names don't run into one another."""
    labels: list[Label] = []
    taken: list[tuple[float, float, float]] = []
    named = [place for place in places if place[0].verdict in TONES or place[0].is_own]
    for dot, x, y in sorted(named, key=lambda place: (not place[0].is_own, -abs(place[0].z))):
        text = dot.code if abs(dot.z) <= HIGHEST else f"{dot.code} ({signed(round(dot.z, 1), 1)})"
        width = LETTER * len(text)
        for label_x, label_y, anchor in _positions(x, y, width, frame, is_high=dot.z > 0):
            start = label_x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
            if all(start > end or start + width < left or abs(label_y - other) > 15 for left, end, other in taken):
                taken.append((start, start + width, label_y))
                labels.append(Label(f"t-{TONES.get(dot.verdict, 'b')}", _n(label_x), _n(label_y), anchor, text))
                break
    return labels


def _positions(x: float, y: float, width: float, frame: Frame, *, is_high: bool) -> Iterator[tuple[float, float, str]]:
    """Yield where a label may stand, best first: outside of its point, inside, at its left, at its right."""
    above, below = y - 2 * frame.size, y + 3.6 * frame.size
    anchor = "middle"
    if x - width / 2 < frame.left or x + width / 2 > frame.right:
        anchor = "start" if x - width / 2 < frame.left else "end"
    for height in (above, below) if is_high else (below, above):
        if 12 <= height <= frame.height - 28:
            yield x, height, anchor
    yield x - 2 * frame.size, y + 5, "end"
    yield x + 2 * frame.size, y + 5, "start"


def _n(value: float) -> str:
    return f"{value:.1f}"
