"""The runs of one measuring system behind its chart: values by level, verdicts, rules, reset events."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from lienthong.iqc.models import ControlResult, ControlRun, ResetEvent, Violation


@dataclass(frozen=True, slots=True)
class PlottedValue:
    """One control value with its target, and the rules that it completes."""

    id: int
    level: int
    lot: str
    value: float
    z: float
    measured_at: dt.datetime
    operator: str
    excluded_reason: str
    mean: float
    sd: float
    unit: str
    rejects: tuple[str, ...]
    warns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlottedRun:
    id: int
    measured_at: dt.datetime
    number: str
    verdict: str
    source: str
    values: tuple[PlottedValue, ...]

    @property
    def operators(self) -> str:
        return ", ".join(dict.fromkeys(value.operator for value in self.values if value.operator))

    @property
    def rejects(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(rule for value in self.values for rule in value.rejects))

    @property
    def warns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(rule for value in self.values for rule in value.warns))


@dataclass(frozen=True, slots=True)
class Reset:
    """An event from which sequences count anew, as it was recorded."""

    kind: str
    label: str
    at: dt.datetime
    note: str


@dataclass(frozen=True, slots=True)
class ChartData:
    """Runs in order of time, and the reset events among them."""

    runs: tuple[PlottedRun, ...]
    resets: tuple[Reset, ...]

    @property
    def levels(self) -> tuple[int, ...]:
        return tuple(sorted({value.level for run in self.runs for value in run.values}))

    def decimals(self, reported: int) -> int:
        """Return how many decimals controls need: as reported, and one more where the SD is too small to be seen."""
        smallest = min((value.sd for run in self.runs for value in run.values), default=1.0)
        return reported + (smallest < 2 * 10**-reported)


def chart_data(procedure_id: int, *, start: dt.datetime, end: dt.datetime) -> ChartData:
    """Return the runs of a system from `start` to `end`, both inclusive."""
    rows = list(ControlRun.objects.of([procedure_id]).between(start, end).order_by("measured_at"))
    values = _values([row.pk for row in rows])
    runs = [
        PlottedRun(row.pk, row.measured_at, row.number, row.verdict, row.source, tuple(values[row.pk])) for row in rows
    ]
    events = ResetEvent.objects.of([procedure_id]).filter(at__gte=start, at__lte=end)
    resets = [Reset(row.kind, str(row.get_kind_display()), row.at, row.note) for row in events]
    return ChartData(tuple(runs), tuple(resets))


def plotted_value(procedure_id: int, result_id: int) -> PlottedValue | None:
    """Return one value of a system; None if the system has no such value."""
    run_id = ControlResult.objects.of([procedure_id]).filter(pk=result_id).values_list("run_id", flat=True).first()
    values = _values([run_id])[run_id] if run_id else []
    return next((value for value in values if value.id == result_id), None)


def _values(run_ids: list[int]) -> dict[int, list[PlottedValue]]:
    completed = _completed(run_ids)
    found: dict[int, list[PlottedValue]] = defaultdict(list)
    rows = ControlResult.objects.filter(run_id__in=run_ids).select_related("target__control_lot")
    for row in rows.order_by("target__control_lot__level", "pk"):
        lot = row.target.control_lot
        rejects, warns = completed[row.run_id, lot.level]
        counts = not row.excluded_reason
        found[row.run_id].append(
            PlottedValue(
                id=row.pk,
                level=lot.level,
                lot=lot.lot,
                value=row.value,
                z=row.z,
                measured_at=row.measured_at,
                operator=row.operator,
                excluded_reason=row.excluded_reason,
                mean=row.target.mean,
                sd=row.target.sd,
                unit=row.target.unit,
                rejects=tuple(rejects) if counts else (),
                warns=tuple(warns) if counts else (),
            )
        )
    return found


def _completed(run_ids: list[int]) -> dict[tuple[int, int | None], tuple[list[str], list[str]]]:
    """Return for each run and level the rules that its value completes: those that reject, those that warn."""
    completed: dict[tuple[int, int | None], tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    rows = Violation.objects.standing().filter(run_id__in=run_ids).order_by("rule")
    for run_id, level, rule, is_warning in rows.values_list("run_id", "level", "rule", "is_warning"):
        completed[run_id, level][is_warning].append(rule)
    return completed
