"""One file from bytes to a report, written or only planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

from lienthong.core.imports.plan import Line, Outcome, Plan, Stored, plan
from lienthong.core.imports.spec import Importer
from lienthong.core.imports.store import load, write
from lienthong.core.tabular import read_table
from lienthong.findings import Finding

_LOCK = 0x4C54494D


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What a file did, or would do: rows by outcome, and what is wrong where."""

    kind: str
    name: str
    created: int
    changed: int
    unchanged: int
    findings: tuple[Finding, ...]
    lines: tuple[Line, ...]
    is_written: bool

    @property
    def good(self) -> int:
        return self.created + self.changed + self.unchanged


def preview(
    importer: Importer, data: bytes, name: str, *, reached: Mapping[str, frozenset[str]] | None
) -> ImportReport:
    """Return what a file would do."""
    _stored, planned, findings = _planned(importer, data, name, reached)
    return _report(importer, name, planned, findings, is_written=False)


def run(
    importer: Importer,
    data: bytes,
    name: str,
    *,
    good_rows_only: bool,
    at: dt.datetime,
    reached: Mapping[str, frozenset[str]] | None,
) -> ImportReport:
    """Write what a file says, inside the caller's transaction; one import runs at a time.

    Where there is a finding nothing is written, unless only the good rows are wanted.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    stored, planned, findings = _planned(importer, data, name, reached)
    is_written = bool(planned.lines) and (good_rows_only or not findings)
    if is_written and (touched := write(importer, planned, stored, at=at)):
        importer.followed(touched, at)
    return _report(importer, name, planned, findings, is_written=is_written)


def _planned(
    importer: Importer, data: bytes, name: str, reached: Mapping[str, frozenset[str]] | None
) -> tuple[Stored, Plan, list[Finding]]:
    rows, findings = read_table(data, name, importer.columns)
    stored = load(importer, reached=reached)
    planned, more = plan(importer, rows, stored, importer.prepare())
    return stored, planned, findings + more


def _report(importer: Importer, name: str, planned: Plan, findings: list[Finding], *, is_written: bool) -> ImportReport:
    count = {outcome: sum(line.outcome is outcome for line in planned.lines) for outcome in Outcome}
    return ImportReport(
        kind=importer.kind,
        name=name,
        created=count[Outcome.CREATED],
        changed=count[Outcome.CHANGED],
        unchanged=count[Outcome.UNCHANGED],
        findings=tuple(sorted(findings, key=_place)),
        lines=planned.lines,
        is_written=is_written,
    )


def _place(finding: Finding) -> tuple[int, str]:
    digits = "".join(sign for sign in finding.where.rpartition("!")[2] if sign.isdigit())
    return int(digits or 0), finding.where
