"""A file of targets: mean and SD of control lots on measuring systems, each row checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.core.tabular import Column, Kind, Row, read_table
from lienthong.findings import Finding
from lienthong.iqc.systems import System

SOURCES = {"laboratory": ("own results",), "manufacturer": (), "peers": ("peer group",)}
COLUMNS = (
    Column("laboratory", gettext_lazy("Laboratory code"), longest=40, is_required=False),
    Column("procedure", gettext_lazy("Code of the measuring system"), longest=60, aliases=("procedure code",)),
    Column("material", gettext_lazy("Control material"), longest=100),
    Column("manufacturer", gettext_lazy("Manufacturer"), longest=100, is_required=False),
    Column("lot", gettext_lazy("Control lot"), longest=40),
    Column("level", gettext_lazy("Control level"), kind=Kind.INTEGER, least=1, most=99),
    Column("expires_on", gettext_lazy("Expires on"), kind=Kind.DAY, is_required=False),
    Column("mean", gettext_lazy("Target mean"), kind=Kind.NUMBER),
    Column("sd", gettext_lazy("Standard deviation"), kind=Kind.NUMBER),
    Column("unit", gettext_lazy("Unit"), longest=30, is_required=False),
    Column("source", gettext_lazy("Source of the target"), kind=Kind.CHOICE, choices=SOURCES, is_required=False),
    Column("valid_from", gettext_lazy("Valid from"), kind=Kind.DAY),
)


@dataclass(frozen=True, slots=True)
class TargetGiven:
    """Mean and SD that a control lot has on a measuring system from a day on, in the system's unit."""

    procedure_id: int
    material: str
    manufacturer: str
    lot: str
    level: int
    expires_on: dt.date | None
    mean: float
    sd: float
    unit: str
    source: str
    valid_from: dt.date
    row: Row

    @property
    def lot_key(self) -> tuple[str, str, int]:
        return self.material, self.lot, self.level


def read_target_file(
    data: bytes, name: str, *, systems: Mapping[str, System]
) -> tuple[list[TargetGiven], list[Finding]]:
    """Check a file against the systems, by code, that whoever brought it may record for."""
    rows, findings = read_table(data, name, COLUMNS)
    given: dict[tuple[int, tuple[str, str, int]], TargetGiven] = {}
    for row in rows:
        system = systems.get(row.text("procedure"))
        if system is None:
            message = _("no measuring system of your laboratories has this code")
            findings.append(row.finding("procedure", "unknown-procedure", message))
            continue
        one = _given(row, system)
        faults = list(_faults(row, one, system))
        if (one.procedure_id, one.lot_key) in given:
            message = _("the file has a target for this lot and level of the system already; keep one")
            faults.append(row.finding("level", "duplicate", message))
        if not faults:
            given[one.procedure_id, one.lot_key] = one
        findings += faults
    return list(given.values()), findings


def _given(row: Row, system: System) -> TargetGiven:
    day = row.day("valid_from")
    assert day is not None  # noqa: S101 — a required column
    return TargetGiven(
        procedure_id=system.id,
        material=row.text("material"),
        manufacturer=row.text("manufacturer"),
        lot=row.text("lot"),
        level=row.integer("level") or 0,
        expires_on=row.day("expires_on"),
        mean=float(row.decimal("mean") or Decimal(0)),
        sd=float(row.decimal("sd") or Decimal(0)),
        unit=row.text("unit"),
        source=row.text("source") or "laboratory",
        valid_from=day,
        row=row,
    )


def _faults(row: Row, one: TargetGiven, system: System) -> Iterator[Finding]:
    """Yield everything that a target may not be."""
    if row.text("laboratory") not in ("", system.procedure.laboratory_code):
        message = _("the measuring system belongs to another laboratory; correct the code of one of them")
        yield row.finding("laboratory", "other-laboratory", message)
    if one.sd <= 0:
        yield row.finding("sd", "too-small", _("the standard deviation must be above 0"))
    if one.unit != system.procedure.unit:
        message = _("the target must be in the unit of the measuring system, %(unit)s")
        yield row.finding("unit", "other-unit", message % {"unit": system.procedure.unit or "1"})
    if one.expires_on is not None and one.expires_on <= one.valid_from:
        yield row.finding("expires_on", "expired-lot", _("the lot expires before its target begins"))
