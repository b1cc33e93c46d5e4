"""A file of control values: its columns, and each row checked against systems, targets and the clock."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.core.tabular import Column, Kind, Row, read_table
from lienthong.findings import Finding
from lienthong.interop.ucum import UnitError
from lienthong.iqc.forming import Control
from lienthong.iqc.storing import Value
from lienthong.iqc.systems import System
from lienthong.iqc.targets import TargetFacts, targets_of
from lienthong.iqc.values import in_unit

COLUMNS = (
    Column("laboratory", gettext_lazy("Laboratory code"), longest=40),
    Column("procedure", gettext_lazy("Code of the measuring system"), longest=60, aliases=("procedure code",)),
    Column("material", gettext_lazy("Control material"), longest=100),
    Column("lot", gettext_lazy("Control lot"), longest=40),
    Column("level", gettext_lazy("Control level"), kind=Kind.INTEGER, least=1, most=99),
    Column("measured_at", gettext_lazy("Measured at"), kind=Kind.MOMENT),
    Column("value", gettext_lazy("Value"), kind=Kind.NUMBER),
    Column("unit", gettext_lazy("Unit"), longest=30, is_required=False),
    Column("operator", gettext_lazy("Operator"), longest=40, is_required=False),
    Column("run", gettext_lazy("Run number"), longest=40, is_required=False),
    Column("excluded_reason", gettext_lazy("Reason of exclusion"), longest=300, is_required=False),
)
OF_THE_LABORATORY = dt.timezone(dt.timedelta(0), "of the laboratory")  # stands for the zone of the row's system
_ROW_OF_PLACE = re.compile(r"![A-Z]+(\d+)$")


class Place(Protocol):
    """Where a control value was told: a row of a file, or an observation of a message, by its number."""

    @property
    def number(self) -> int: ...

    def finding(self, key: str, code: str, message: str) -> Finding: ...


@dataclass(frozen=True, slots=True)
class Line:
    """A value without a fault: where it was told, its control, and the value to store."""

    row: Place
    control: Control
    value: Value

    @property
    def key(self) -> tuple[int, int, dt.datetime]:
        return self.control.procedure_id, self.control.lot_id, self.control.measured_at


@dataclass(frozen=True, slots=True)
class RunFile:
    """What a file holds: the rows without a fault, and every finding."""

    name: str
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]


def read_run_file(data: bytes, name: str, *, systems: Mapping[str, System], at: dt.datetime) -> RunFile:
    """Check a file against the systems, by code, that whoever brought it may record for."""
    rows, findings = read_table(data, name, COLUMNS, zone=OF_THE_LABORATORY)
    named = {systems[code].id for code in {row.text("procedure") for row in rows} if code in systems}
    targets = targets_of(named)
    lines: dict[tuple[int, int, dt.datetime], Line] = {}
    for place, row in enumerate(rows):
        system = systems.get(row.text("procedure"))
        if system is None:
            findings.append(_unknown_system(row))
            continue
        faults, line = _check(row, place, _Bench(system, targets.get(system.id, []), at))
        if line is not None and line.key in lines:
            faults.append(_doubled(row, lines[line.key].row))
        elif line is not None:
            lines[line.key] = line
        findings += faults
    return RunFile(name, tuple(lines.values()), tuple(findings))


def rows_of(findings: tuple[Finding, ...]) -> set[int]:
    """Return the numbers of the rows that findings are about; what is wrong with the whole file names none."""
    return {int(found[1]) for finding in findings if (found := _ROW_OF_PLACE.search(finding.where))}


@dataclass(frozen=True, slots=True)
class _Bench:
    """What a row is checked against: its system, the system's targets, and the present."""

    system: System
    targets: list[TargetFacts]
    at: dt.datetime


def _check(row: Row, place: int, bench: _Bench) -> tuple[list[Finding], Line | None]:
    measured_at = _instant(row, bench.system)
    day = bench.system.day(measured_at)
    target = next((one for one in _named(row, bench) if one.held(day)), None)
    faults = [*_laboratory_faults(row, bench), *_target_faults(row, bench, target, day)]
    if measured_at > bench.at:
        faults.append(row.finding("measured_at", "in-the-future", _("this instant lies in the future")))
    value = None
    if target is not None:
        try:
            value = _value(row, target, bench.system)
        except UnitError as error:
            faults.append(_unit_finding(row, target, error))
    if faults or target is None or value is None:
        return faults, None
    return [], _line(row, place, measured_at, target, value)


def _line(row: Row, place: int, measured_at: dt.datetime, target: TargetFacts, value: float) -> Line:
    control = Control(
        procedure_id=target.procedure_id,
        lot_id=target.lot_id,
        level=target.level,
        measured_at=measured_at,
        number=row.text("run"),
        row=place,
    )
    stored = Value(
        target_id=target.id,
        value=value,
        z=target.z(value),
        operator=row.text("operator"),
        excluded_reason=row.text("excluded_reason"),
    )
    return Line(row, control, stored)


def _instant(row: Row, system: System) -> dt.datetime:
    """Return the row's instant; one without an offset is in the zone of the laboratory."""
    moment = row.moment("measured_at")
    assert moment is not None  # noqa: S101 — a required column
    return moment.replace(tzinfo=system.zone) if moment.tzinfo is OF_THE_LABORATORY else moment


def _named(row: Row, bench: _Bench) -> list[TargetFacts]:
    key = (row.text("material"), row.text("lot"), row.integer("level"))
    return [one for one in bench.targets if (one.material, one.lot, one.level) == key]


def _value(row: Row, target: TargetFacts, system: System) -> float:
    number = row.decimal("value") or Decimal(0)
    molar_mass = system.procedure.analyte.molar_mass
    return float(in_unit(number, row.text("unit"), target.unit, molar_mass=molar_mass))


def _laboratory_faults(row: Row, bench: _Bench) -> Iterator[Finding]:
    if any(one.laboratory_code != row.text("laboratory") for one in bench.targets[:1]):
        message = _("the measuring system belongs to another laboratory; correct the code of one of them")
        yield row.finding("laboratory", "other-laboratory", message)


def _target_faults(row: Row, bench: _Bench, target: TargetFacts | None, day: dt.date) -> Iterator[Finding]:
    if target is None:
        yield _no_target(row, bench)
    elif target.has_expired(day):
        message = _("this control lot had expired on the day; use a lot that is in date")
        yield row.finding("lot", "expired-lot", message)


def _no_target(row: Row, bench: _Bench) -> Finding:
    """Say which of material, lot, level and day is the one that no target of the system has."""
    by_material = [one for one in bench.targets if one.material == row.text("material")]
    by_lot = [one for one in by_material if one.lot == row.text("lot")]
    if not by_material:
        message = _("the measuring system has no target for this control material; enter its target first")
        return row.finding("material", "unknown-material", message)
    if not by_lot:
        message = _("the measuring system has no target for this control lot; enter its target first")
        return row.finding("lot", "unknown-lot", message)
    if not _named(row, bench):
        message = _("this control lot has no such level on the measuring system")
        return row.finding("level", "unknown-level", message)
    message = _("the target of this control lot did not hold on that day")
    return row.finding("measured_at", "no-target-that-day", message)


def _unknown_system(row: Row) -> Finding:
    message = _("no measuring system of your laboratories has this code")
    return row.finding("procedure", "unknown-procedure", message)


def _unit_finding(row: Row, target: TargetFacts, error: UnitError) -> Finding:
    message = _("this unit can't be converted to %(unit)s, in which the target is given") % {"unit": target.unit or "1"}
    return row.finding("unit", error.code, message)


def _doubled(row: Row, first: Place) -> Finding:
    message = _("row %(number)s has the same control lot of this system at the same instant; keep one")
    return row.finding("measured_at", "duplicate", message % {"number": first.number})
