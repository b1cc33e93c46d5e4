"""Facilities, procedures and imports as pages show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lienthong.core.export import Cell
from lienthong.core.imports.plan import Line, Outcome
from lienthong.core.imports.run import ImportReport
from lienthong.core.templatetags.numbers import plain
from lienthong.registry.models import (
    Facility,
    FacilityClass,
    Instrument,
    Procedure,
    ProcedurePeriod,
    StaffMember,
)

MOST_SHOWN = 200
STATES = {
    Outcome.CREATED: ("good", "in"),
    Outcome.CHANGED: ("info", "wait"),
    Outcome.UNCHANGED: ("plain", "none"),
}


@dataclass(frozen=True, slots=True)
class FacilityRow:
    id: int
    code: str
    name: str
    region: str
    classes: str
    ownership: str | Promise
    laboratories: int
    procedures: int

    def cells(self) -> list[Cell]:
        return [
            *(self.code, self.name, self.region, self.classes, str(self.ownership)),
            *(self.laboratories, self.procedures),
        ]


@dataclass(frozen=True, slots=True)
class ProcedureRow:
    """A procedure with what holds for it on a day."""

    id: int
    code: str
    analyte: str
    specimen: str
    kind: str | Promise
    method: str
    laboratory: str
    instrument: str
    reagent: str
    unit: str
    interval: str
    since: dt.date | None
    modality: str = ""
    examiner: str = ""

    def cells(self) -> list[Cell]:
        return [
            *(self.laboratory, self.code, self.analyte, self.specimen, self.method, self.instrument, self.reagent),
            *(self.unit, self.interval, self.since, self.modality, self.examiner),
        ]


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """What held over a period, when that was recorded, and until when it was believed."""

    valid_from: dt.date
    valid_to: dt.date | None
    instrument: str
    reagent: str
    calibrator: str
    unit: str
    interval: str
    recorded_at: dt.datetime
    superseded_at: dt.datetime | None
    holds: bool
    examiner: str = ""

    def cells(self) -> list[Cell]:
        return [
            *(self.valid_from, self.valid_to, self.instrument, self.reagent, self.calibrator, self.unit, self.interval),
            *(self.recorded_at, self.superseded_at, self.examiner),
        ]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    where: str
    key: str
    tone: str
    symbol: str
    words: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportPage:
    """What a file would do, in words: heading, what is wrong where, what changes."""

    heading: str
    report: ImportReport
    changes: tuple[ChangeRow, ...]
    hidden_changes: int
    hidden_findings: int
    can_import: bool
    can_import_good_rows: bool


@dataclass(frozen=True, slots=True)
class FacilityTables:
    """The tables of a facility's page, and each of them for Excel."""

    procedures: list[ProcedureRow]
    staff: list[StaffMember]
    instruments: list[Instrument]

    def export(self, table: str) -> tuple[str, list[str], list[list[Cell]]]:
        """Return name, header and cells of a table; of the procedures where no other is named."""
        if table == "staff":
            header = [_("Laboratory"), _("Staff number"), _("Full name"), _("Qualification"), _("Since")]
            return table, header, [_staff_cells(row) for row in self.staff]
        if table == "instruments":
            header = [_("Laboratory"), _("Code"), _("Manufacturer"), _("Model"), _("Serial number"), _("Since")]
            return table, header, [_instrument_cells(row) for row in self.instruments]
        return "procedures", procedure_header(), [row.cells() for row in self.procedures]


def facility_header() -> list[str]:
    names = [_("Code"), _("Name"), _("Region"), _("Class"), _("Ownership")]
    return [*names, _("Laboratories"), _("Procedures in use")]


def procedure_header() -> list[str]:
    names = [_("Laboratory"), _("Code"), _("Analyte"), _("Specimen"), _("Method"), _("Instrument"), _("Reagent, lot")]
    return [*names, _("Unit"), _("Reference interval"), _("Since"), _("Modality"), _("Examiner")]


def period_header() -> list[str]:
    names = [_("From"), _("Until"), _("Instrument"), _("Reagent, lot"), _("Calibrator"), _("Unit")]
    return [*names, _("Reference interval"), _("Recorded"), _("Replaced"), _("Examiner")]


def facility_rows(
    rows: Iterable[Facility], classes: Iterable[FacilityClass], counts: Mapping[int, tuple[int, int]]
) -> list[FacilityRow]:
    """Return facilities with the classes that hold and the numbers of laboratories and of procedures."""
    grades: dict[int, list[str]] = {}
    for held in classes:
        grades.setdefault(held.facility_id, []).append(f"{held.scheme}: {held.grade}")
    return [
        FacilityRow(
            id=row.pk,
            code=row.code,
            name=row.name,
            region=row.region.name,
            classes=", ".join(sorted(grades.get(row.pk, []))),
            ownership=Facility.Ownership(row.ownership).label,
            laboratories=counts[row.pk][0],
            procedures=counts[row.pk][1],
        )
        for row in rows
    ]


def procedure_rows(rows: Iterable[Procedure], periods: Iterable[ProcedurePeriod]) -> list[ProcedureRow]:
    """Return procedures with the period that holds for each."""
    held = {period.procedure_id: period for period in periods}
    return [_procedure_row(row, held.get(row.pk)) for row in rows]


def _procedure_row(row: Procedure, period: ProcedurePeriod | None) -> ProcedureRow:
    return ProcedureRow(
        id=row.pk,
        code=row.code,
        analyte=row.analyte.name,
        specimen=row.analyte.specimen,
        kind=Procedure.Kind(row.kind).label,
        method=row.method,
        laboratory=row.laboratory.name,
        instrument=_instrument(period) if period else "",
        reagent=_reagent(period) if period else "",
        unit=period.unit if period else "",
        interval=interval(period) if period else "",
        since=period.valid_from if period else None,
        modality=row.modality,
        examiner=period.examiner if period else "",
    )


def period_rows(rows: Iterable[ProcedurePeriod], *, on: dt.date) -> list[PeriodRow]:
    return [
        PeriodRow(
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            instrument=_instrument(row),
            reagent=_reagent(row),
            calibrator=row.calibrator,
            unit=row.unit,
            interval=interval(row),
            recorded_at=row.recorded_at,
            superseded_at=row.superseded_at,
            holds=row.superseded_at is None and row.valid_from <= on and (row.valid_to is None or row.valid_to > on),
            examiner=row.examiner,
        )
        for row in rows
    ]


def interval(period: ProcedurePeriod) -> str:
    """Return the reference interval in words of numbers: 3.5–5.1, ≥ 3.5, ≤ 5.1, or nothing."""
    low, high = period.reference_low, period.reference_high
    if low is not None and high is not None:
        return f"{plain(low)}–{plain(high)}"
    if low is not None:
        return f"≥ {plain(low)}"
    return f"≤ {plain(high)}" if high is not None else ""


def import_page(report: ImportReport) -> ImportPage:
    """Return what the page of a file says: its findings first, then what its good rows do."""
    changing = [line for line in report.lines if line.outcome is not Outcome.UNCHANGED]
    return ImportPage(
        heading=_heading(report),
        report=report,
        changes=tuple(_change(line) for line in changing[:MOST_SHOWN]),
        hidden_changes=max(0, len(changing) - MOST_SHOWN),
        hidden_findings=max(0, len(report.findings) - MOST_SHOWN),
        can_import=not report.findings and bool(changing),
        can_import_good_rows=bool(report.findings) and bool(changing),
    )


def done(report: ImportReport) -> str:
    """Say in one sentence what an import did."""
    counts = {"created": report.created, "changed": report.changed, "unchanged": report.unchanged}
    return _("%(created)s rows are new, %(changed)s change something, %(unchanged)s were known.") % counts


def change_cells(report: ImportReport) -> list[list[Cell]]:
    """Return every row that changes something, for Excel."""
    rows = [_change(line) for line in report.lines if line.outcome is not Outcome.UNCHANGED]
    return [[row.where, row.key, row.words, "; ".join(row.notes)] for row in rows]


def _heading(report: ImportReport) -> str:
    if report.findings:
        number = len(report.findings)
        return ngettext(
            "%(number)s thing is wrong in this file", "%(number)s things are wrong in this file", number
        ) % {"number": number}
    number = report.created + report.changed
    if not number:
        return _("This file changes nothing")
    return ngettext("This file changes %(number)s row", "This file changes %(number)s rows", number) % {
        "number": number
    }


def _change(line: Line) -> ChangeRow:
    words = {Outcome.CREATED: _("new"), Outcome.CHANGED: _("changed"), Outcome.UNCHANGED: _("as it was")}
    tone, symbol = STATES[line.outcome]
    return ChangeRow(line.where.rpartition("!")[2], line.key, tone, symbol, words[line.outcome], line.notes)


def _staff_cells(row: StaffMember) -> list[Cell]:
    return [row.laboratory.name, row.number, row.full_name, row.qualification, row.valid_from]


def _instrument_cells(row: Instrument) -> list[Cell]:
    return [row.laboratory.name, row.code, row.manufacturer, row.model, row.serial_number, row.valid_from]


def _instrument(period: ProcedurePeriod) -> str:
    return " ".join(part for part in (period.instrument_model, period.instrument_code) if part)


def _reagent(period: ProcedurePeriod) -> str:
    return ", ".join(part for part in (period.reagent, period.reagent_lot) if part)
