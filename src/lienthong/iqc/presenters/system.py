"""What the page of one measuring system shows beside its chart: notices, facts, the table of runs, what is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.core.export import Cell
from lienthong.core.templatetags import numbers
from lienthong.core.templatetags.numbers import fixed, moment, signed
from lienthong.iqc.chart_data import ChartData, PlottedRun, PlottedValue
from lienthong.iqc.overview import Found, Standing
from lienthong.iqc.words import broken_words, held_words, rejected_words, rule_name, specimen_words, verdict_words
from lienthong.metrology import control


@dataclass(frozen=True, slots=True)
class Notice:
    tone: str
    head: str
    text: str


@dataclass(frozen=True, slots=True)
class ValueCell:
    """One level of a run in the table; empty where it wasn't measured."""

    id: int | None
    value: str
    z: str
    excluded_reason: str
    number: float | None
    score: float | None


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in the table behind the chart."""

    at: dt.datetime
    cells: tuple[ValueCell, ...]
    tone: str
    symbol: str
    words: str
    operators: str
    row_class: str

    @property
    def can_exclude(self) -> bool:
        """Whether a value of the run may need to be left out: a rule says something about it."""
        return bool(self.row_class)

    def exported(self) -> tuple[Cell, ...]:
        values = [part for cell in self.cells for part in (cell.number, cell.score)]
        notes = "; ".join(cell.excluded_reason for cell in self.cells if cell.excluded_reason)
        return (self.at, *values, self.words, self.operators, notes)


def system_name(standing: Standing) -> str:
    procedure = standing.system.procedure
    parts = (procedure.analyte.name, specimen_words(procedure.analyte.specimen), procedure.instrument)
    return ", ".join(part for part in parts if part)


def notices(standing: Standing) -> list[Notice]:
    """Return at most one notice: what is broken and how it is cleared, what the run waits for, or that it warns."""
    if standing.waits_for_run:
        text = _("Nothing more to record: run all levels. One accepted run clears what is open.")
        return [Notice("info", _("The action is recorded; a run is needed"), f"{text} {_held(standing)}")]
    if standing.rejections:
        text = _("They stay visible to everyone. To clear: cause, action, and one accepted run of all levels.")
        return [Notice("bad", rejected_words(standing.rejections[0]), f"{_held(standing)} {text}")]
    if standing.state.state == "no_evidence":
        return [Notice("warn", _("There is no recent accepted run"), _no_evidence(standing))]
    if standing.warnings:
        text = _("No result is held. Watch the next run.")
        head = _("The newest run warns: %(broken)s") % {"broken": broken_words(standing.warnings[0])}
        return [Notice("warn", head, text)]
    return []


def facts(standing: Standing, data: ChartData) -> list[tuple[str, str]]:
    """Return what one asks first about a system, as term and description."""
    procedure = standing.system.procedure
    plan = standing.system.plan(standing.state.at)
    reagent = ", ".join(part for part in (procedure.reagent, procedure.reagent_lot) if part)
    found = [
        (_("Method"), procedure.method),
        (_("Reagent"), _since(reagent, procedure.period_from)),
        (_("Calibrator"), procedure.calibrator),
        (_("CV in these days"), " · ".join(_cv(data, level) for level in data.levels)),
        (_("Rules"), ", ".join(dict.fromkeys(rule_name(rule) for rule in plan.reject_rules if "across" not in rule))),
    ]
    return [(term, text) for term, text in found if text]


def run_header(data: ChartData, unit: str) -> tuple[str, ...]:
    levels = [
        part
        for level in data.levels
        for part in (_("Level %(level)s, %(unit)s") % {"level": level, "unit": unit or "1"}, "z")
    ]
    return (_("Run"), *levels, _("Verdict"), _("Operator"), _("Excluded"))


def run_rows(data: ChartData, *, decimals: int) -> list[RunRow]:
    """Return the runs, newest first."""
    return [_run_row(run, data.levels, decimals) for run in reversed(data.runs)]


def violation_words(found: Found, name: str) -> str:
    """Name an open violation in the list of those that an action may answer."""
    parts = {"name": name, "broken": broken_words(found), "at": moment(found.run_at)}
    return _("%(name)s: %(broken)s, %(at)s") % parts


def _run_row(run: PlottedRun, levels: Sequence[int], decimals: int) -> RunRow:
    tone, symbol, words = verdict_words(run.verdict)
    rules = ", ".join(rule_name(rule) for rule in (run.rejects or run.warns))
    if rules and run.verdict in ("rejected", "warning"):
        words = f"{rules}: {words}"
    return RunRow(
        at=run.measured_at,
        cells=tuple(_cell([one for one in run.values if one.level == level], decimals) for level in levels),
        tone=tone,
        symbol=symbol,
        words=words,
        operators=run.operators,
        row_class={"rejected": "is-bad", "warning": "is-warn"}.get(run.verdict, ""),
    )


def _cell(values: Sequence[PlottedValue], decimals: int) -> ValueCell:
    """Show the value of a level; of two lots in one run the one that counts."""
    if not values:
        return ValueCell(None, "–", "–", "", None, None)
    one = min(values, key=lambda value: bool(value.excluded_reason))
    return ValueCell(
        id=None if one.excluded_reason else one.id,
        value=fixed(one.value, decimals),
        z=signed(one.z),
        excluded_reason=one.excluded_reason,
        number=one.value,
        score=round(one.z, 2),
    )


def _held(standing: Standing) -> str:
    def reach(found: Found) -> dt.datetime:
        return found.bracket_from or dt.datetime.min.replace(tzinfo=dt.UTC)

    return held_words(min(standing.rejections, key=reach))


def _no_evidence(standing: Standing) -> str:
    accepted = standing.state.last_accepted_at
    if accepted is None:
        return _("No run of this system was accepted so far. Its results carry no evidence of control.")
    hours = standing.system.plan(standing.state.at).evidence_lasts.total_seconds() / 3600
    parts = {"at": moment(accepted), "hours": f"{hours:g}"}
    return _("The last accepted run was at %(at)s; it is evidence for %(hours)s hours.") % parts


def _since(text: str, day: dt.date | None) -> str:
    return _("%(what)s, since %(day)s") % {"what": text, "day": numbers.day(day)} if text and day else text


def _cv(data: ChartData, level: int) -> str:
    """Return the CV of a level over the runs shown, rejected runs and excluded values left out."""
    values = [value.value for value in _counted(data, level)]
    spread = control.summary(values)
    return f"{fixed(spread.cv)} %" if spread.n > 1 else "–"


def _counted(data: ChartData, level: int) -> Iterable[PlottedValue]:
    return (
        value
        for run in data.runs
        if run.verdict != "rejected"
        for value in run.values
        if value.level == level and not value.excluded_reason
    )
