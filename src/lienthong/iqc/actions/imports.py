"""Importing files of control runs."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.findings import Finding
from lienthong.iqc.actions.settling import facility_codes, lock, settle
from lienthong.iqc.evaluation import Evaluated
from lienthong.iqc.models import ControlFile
from lienthong.iqc.permissions import recordable_laboratories
from lienthong.iqc.run_file import RunFile, read_run_file, rows_of
from lienthong.iqc.run_plan import RunPlan, plan_runs
from lienthong.iqc.storing import store_runs
from lienthong.iqc.systems import System, systems


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What a file of control values held and did.

    `values` were stored in `runs` new runs of `systems` measuring systems; `unchanged` rows were stored before;
    `left_out` rows have findings. With `is_stored` False nothing was written.
    """

    name: str
    rows: int
    values: int
    runs: int
    systems: int
    unchanged: int
    left_out: int
    findings: tuple[Finding, ...]
    is_stored: bool = False
    is_known_file: bool = False
    rejections: int = 0
    warnings: int = 0
    cleared: int = 0


@transaction.atomic
def import_runs(data: bytes, name: str, *, by: User, at: dt.datetime, good_rows_only: bool = False) -> ImportReport:
    """Store the runs of a CSV or Excel file and judge them.

    Where a row has an error nothing is written, unless only the good rows are asked for. The same file again, and
    rows that are stored already, change nothing. Raise NotAllowed for one who records for no laboratory.
    """
    known = _systems(by, at=at)
    digest = hashlib.sha256(data).hexdigest()
    stored = ControlFile.objects.filter(digest=digest).first()
    if stored is not None:
        return ImportReport(name, stored.rows, 0, 0, 0, stored.rows, 0, (), is_known_file=True)
    file = read_run_file(data, name, systems=_by_code(known), at=at)
    lock({line.control.procedure_id for line in file.lines})
    plan = plan_runs(file.lines, systems=known)
    report = _report(file, plan)
    if report.findings and not (good_rows_only and report.values):
        return replace(report, values=0, runs=0, systems=0)
    return _store(report, plan, known, digest=digest, by=by, at=at)


def check_runs(data: bytes, name: str, *, by: User, at: dt.datetime) -> ImportReport:
    """Return what importing a file would do; write nothing. Raise NotAllowed."""
    known = _systems(by, at=at)
    file = read_run_file(data, name, systems=_by_code(known), at=at)
    return _report(file, plan_runs(file.lines, systems=known))


def _systems(by: User, *, at: dt.datetime) -> dict[int, System]:
    return systems(laboratory_ids=recordable_laboratories(by, at=at), on=timezone.localdate(at))


def _by_code(known: Mapping[int, System]) -> dict[str, System]:
    return {system.procedure.code: system for system in known.values()}


def _report(file: RunFile, plan: RunPlan) -> ImportReport:
    findings = (*file.findings, *plan.findings)
    joined = sum(len(run.joined) for run in plan.runs)
    left_out = len(rows_of(findings))
    return ImportReport(
        name=file.name,
        rows=joined + plan.unchanged + left_out,
        values=joined,
        runs=sum(run.id is None for run in plan.runs),
        systems=len(plan.since),
        unchanged=plan.unchanged,
        left_out=left_out,
        findings=findings,
    )


def _store(
    report: ImportReport, plan: RunPlan, known: Mapping[int, System], *, digest: str, by: User, at: dt.datetime
) -> ImportReport:
    store_runs(plan.runs, plan.values, source=report.name, at=at)
    touched = {key: known[key] for key in plan.since}
    evaluated = settle(plan.since, known=known, at=at) if touched else None
    if not report.findings:
        _remember(report, touched, digest=digest, at=at)
    if evaluated is not None:
        detail = {"rows": report.rows, "values": report.values, "runs": report.runs, "left_out": report.left_out}
        facility = facility_codes(touched)
        audit.record(
            "import-control-runs", by=by, at=at, object_kind="control_file", object_key=report.name[:100],
            facility=facility, detail=detail,
        )  # fmt: skip
    return _with(report, evaluated)


def _remember(report: ImportReport, touched: Mapping[int, System], *, digest: str, at: dt.datetime) -> None:
    laboratories = {system.laboratory_id for system in touched.values()}
    facts = {
        "name": report.name[:200],
        "laboratory_id": laboratories.pop() if len(laboratories) == 1 else None,
        "rows": report.rows,
        "imported_at": at,
    }
    ControlFile.objects.get_or_create(digest=digest, defaults=facts)


def _with(report: ImportReport, evaluated: Evaluated | None) -> ImportReport:
    if evaluated is None:
        return replace(report, is_stored=True)
    return replace(
        report,
        is_stored=True,
        rejections=evaluated.rejections,
        warnings=evaluated.warnings,
        cleared=evaluated.cleared,
    )
