"""The Levey-Jennings chart as shapes: one panel a level, the newest run at the right, ± 3 s drawn to scale."""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lienthong.core.templatetags.numbers import fixed, moment, signed
from lienthong.iqc.chart_data import ChartData, PlottedRun, PlottedValue, Reset
from lienthong.iqc.words import rule_name

PANEL, SCALE, TOP, FOOT = 187.0, 20.13, 42.1, 26.0
HIGHEST = 3.8  # what lies further out is drawn at the edge; its label says where it lies
MARKS = ((3, "s3"), (2, "s2"), (0, "mean"), (-2, "s2"), (-3, "s3"))


@dataclass(frozen=True, slots=True)
class Line:
    """A limit of a panel with the score at its left and the value at its right."""

    style: str
    y: float
    score: str
    value: str
    is_mean: bool

    @property
    def text_y(self) -> float:
        return round(self.y + 5, 1)


@dataclass(frozen=True, slots=True)
class Point:
    """A control value: its shape says the level, or that a rule warns or rejects."""

    shape: str
    style: str
    x: float
    y: float
    title: str
    label: str
    label_x: float
    label_y: float
    anchor: str

    @property
    def path(self) -> str:
        return _path(self.shape, self.x, self.y)

    @property
    def left(self) -> float:
        return round(self.x - 4.5, 1)

    @property
    def upper(self) -> float:
        return round(self.y - 4.5, 1)


@dataclass(frozen=True, slots=True)
class ResetLine:
    x: float
    label: str
    title: str

    @property
    def label_x(self) -> float:
        return self.x + 6


@dataclass(frozen=True, slots=True)
class Panel:
    """One level: limits, the line through the values, the values."""

    name: str
    lot: str
    top: float
    bottom: float
    zone_y: float
    zone_height: float
    lines: tuple[Line, ...]
    run: str
    points: tuple[Point, ...]

    @property
    def title_y(self) -> float:
        return self.top - 6


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    end_y: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole drawing, in its own units."""

    key: str
    title: str
    width: float
    height: float
    left: float
    right: float
    panels: tuple[Panel, ...]
    resets: tuple[ResetLine, ...]
    ticks: tuple[Tick, ...]

    @property
    def plot_width(self) -> float:
        return self.right - self.left

    @property
    def axis_y(self) -> float:
        return self.height - 30

    @property
    def days_y(self) -> float:
        return self.height - 6

    @property
    def score_x(self) -> float:
        return self.left - 8

    @property
    def value_x(self) -> float:
        return self.right + 8


@dataclass(frozen=True, slots=True)
class Frame:
    """Where things lie: the size of the drawing and how many runs it takes."""

    key: str
    width: float
    left: float
    right: float
    runs: int
    day_labels: int
    has_reset_labels: bool

    def x(self, place: float, count: int) -> float:
        first, last = self.left + 14, self.right - 14
        return round(last if count < 2 else first + (last - first) * place / (count - 1), 1)


WIDE = Frame("wide", 786, 46, 734, 400, 8, has_reset_labels=True)
NARROW = Frame("narrow", 328, 42, 286, 10, 4, has_reset_labels=False)


def draw(data: ChartData, frame: Frame, *, name: str, decimals: int) -> Chart:
    """Return the chart of a system's runs in a frame; of more runs than the frame takes, the newest."""
    runs = data.runs[-frame.runs :]
    levels = data.levels
    height = PANEL * len(levels) + FOOT
    panels = tuple(_panel(level, place, runs, frame, decimals=decimals) for place, level in enumerate(levels))
    return Chart(
        key=f"levey-jennings-{frame.key}",
        title=_title(name, levels, runs),
        width=frame.width,
        height=height,
        left=frame.left,
        right=frame.right,
        panels=panels,
        resets=_resets(data.resets, runs, frame),
        ticks=_ticks(runs, frame, axis_y=height - 30),
    )


def _panel(level: int, place: int, runs: Sequence[PlottedRun], frame: Frame, *, decimals: int) -> Panel:
    offset = PANEL * place
    found = [(number, value) for number, run in enumerate(runs) for value in run.values if value.level == level]
    counted = [(number, value) for number, value in found if not value.excluded_reason]
    last = found[-1][1] if found else None
    last_rejected = max((number for number, value in counted if value.rejects), default=-1)
    points = [
        _point(value, frame.x(number, len(runs)), offset, decimals, is_last=number == last_rejected, frame=frame)
        for number, value in found
    ]
    run = " ".join(f"{frame.x(number, len(runs))},{_y(value.z, offset)}" for number, value in counted)
    return Panel(
        name=_("Level %(level)s") % {"level": level},
        lot=_("lot %(lot)s, %(unit)s") % {"lot": last.lot, "unit": last.unit} if last else "",
        top=offset + 24,
        bottom=offset + 179,
        zone_y=round(_y(2, offset), 1),
        zone_height=round(4 * SCALE, 1),
        lines=tuple(_line(score, style, offset, last, decimals) for score, style in MARKS),
        run=run,
        points=tuple(points),
    )


def _line(score: int, style: str, offset: float, last: PlottedValue | None, decimals: int) -> Line:
    value = fixed(last.mean + score * last.sd, decimals) if last else ""
    return Line(style, _y(score, offset), f"{signed(score, 0)} s" if score else "0", value, score == 0)


def _point(value: PlottedValue, x: float, offset: float, decimals: int, *, is_last: bool, frame: Frame) -> Point:
    y = _y(value.z, offset)
    shape, style = _shape(value)
    side = "end" if x > (frame.left + frame.right) / 2 else "start"
    away = 14 if style == "p-bad" else 12
    return Point(
        shape=shape,
        style=style,
        x=x,
        y=y,
        title=_point_title(value, decimals),
        label=_label(value, decimals, is_last=is_last),
        label_x=round(x - away if side == "end" else x + away, 1),
        label_y=round(y + 1, 1),
        anchor=side,
    )


def _shape(value: PlottedValue) -> tuple[str, str]:
    if value.excluded_reason:
        return "open", "p-open"
    if value.rejects:
        return "diamond", "p-bad"
    if value.warns:
        return "triangle", "p-warn"
    return {1: "circle", 2: "square"}.get(value.level, "plus"), "p"


def _label(value: PlottedValue, decimals: int, *, is_last: bool) -> str:
    """Label the newest rejected value in full, others by their rule."""
    if value.rejects and is_last:
        parts = {"rule": rule_name(value.rejects[0]), "value": fixed(value.value, decimals), "z": signed(value.z)}
        return _("%(rule)s: %(value)s (%(z)s s), rejected") % parts
    rules = value.rejects or value.warns
    return rule_name(rules[0]) if rules and not value.excluded_reason else ""


def _point_title(value: PlottedValue, decimals: int) -> str:
    parts = [
        moment(value.measured_at),
        f"{fixed(value.value, decimals)} {value.unit}",
        f"{signed(value.z)} s",
        value.operator,
        _("excluded: %(reason)s") % {"reason": value.excluded_reason} if value.excluded_reason else "",
    ]
    return ", ".join(part for part in parts if part)


def _resets(resets: Sequence[Reset], runs: Sequence[PlottedRun], frame: Frame) -> tuple[ResetLine, ...]:
    """Place each event before the first run that followed it; its label is left out where it would cover another."""
    began = [run.measured_at for run in runs]
    lines: list[ResetLine] = []
    free_from = frame.left + 190
    for reset in sorted(resets, key=lambda one: one.at):
        if not runs or reset.at < began[0]:
            continue
        place = bisect_left(began, reset.at)
        x = frame.x(place - 0.5, len(runs)) if len(runs) > 1 else frame.right - 28
        text = f"{reset.label} {reset.note}".strip()[:40]
        has_label = frame.has_reset_labels and x >= free_from and x + 7 * len(text) < frame.right + 44
        lines.append(ResetLine(x, text if has_label else "", f"{text}, {moment(reset.at)}"))
        free_from = x + 7 * len(text) + 12 if has_label else free_from
    return tuple(lines)


def _ticks(runs: Sequence[PlottedRun], frame: Frame, *, axis_y: float) -> tuple[Tick, ...]:
    """Give every run a tick, and a day to every so many, counted from the newest."""
    every = max(math.ceil(len(runs) / frame.day_labels), 1)
    last = len(runs) - 1
    return tuple(
        Tick(
            frame.x(place, len(runs)), axis_y + (9 if is_named else 5), _short_day(run.measured_at) if is_named else ""
        )
        for place, run in enumerate(runs)
        for is_named in [(last - place) % every == 0]
    )


def _short_day(instant: dt.datetime) -> str:
    form = {"vi": "d/m", "zh-hans": "m-d"}.get(get_language() or "", "j M")
    return formats.date_format(timezone.localtime(instant), form)


def _title(name: str, levels: Sequence[int], runs: Sequence[PlottedRun]) -> str:
    bad = [value for run in runs for value in run.values if value.rejects]
    parts = {"name": name, "runs": len(runs), "levels": ", ".join(str(level) for level in levels)}
    text = _("Levey-Jennings chart, %(name)s, levels %(levels)s, %(runs)s runs.") % parts
    if bad:
        where = {"level": bad[-1].level, "at": moment(bad[-1].measured_at), "rule": rule_name(bad[-1].rejects[0])}
        text += " " + _("Level %(level)s of %(at)s breaks rule %(rule)s.") % where
    return text


def _y(z: float, offset: float) -> float:
    return round(offset + TOP + (3 - max(-HIGHEST, min(HIGHEST, z))) * SCALE, 1)


def _path(shape: str, x: float, y: float) -> str:
    if shape == "diamond":
        return f"M{x:g} {y - 9:g}l9 9-9 9-9-9z"
    if shape == "triangle":
        return f"M{x:g} {y - 7:g}l7 12h-14z"
    return f"M{x - 5:g} {y - 2:g}h3v-3h4v3h3v4h-3v3h-4v-3h-3z"
