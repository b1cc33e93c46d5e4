"""An export of many results: lines a second, and that the memory of its maker does not grow with them.

    python -m bench.exports 100000 1000000

Each size is filled into an empty database by plain statements, a report of ten results and a patient at a time, spread
over 50 hospitals; then the centre of the region exports all of it, and one hospital its own part, each in a process of
its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from uuid import UUID

from bench.province import province

HOSPITALS, OF_REPORT = 50, 10
_FILL = (
    """INSERT INTO results_patientrecord (source, facility_id, local_system, local_id, full_name, name_key, birth_date,
  sex, updated_at)
SELECT f.code, f.id, '', 'P' || n, 'Patient ' || n, 'patient ' || n, DATE '1950-01-01' + n %% 20000, 'F', now()
FROM generate_series(1, %(reports)s) n JOIN (
  SELECT id, code, row_number() OVER (ORDER BY id) - 1 AS place FROM registry_facility
) f ON f.place = n %% (SELECT count(*) FROM registry_facility)""",
    """INSERT INTO results_report (source, number, placer_number, facility_id, patient_record_id, service, requester,
  specimen, status, collected_at, version, inbox_id)
SELECT source, 'R' || id, '', facility_id, id, 'Chemistry', '', 'SER', 'final', now(), 1, timekey()
FROM results_patientrecord""",
    """INSERT INTO results_result (id, patient_record_id, report_id, inbox_id, key, version, is_current, procedure_id,
  analyte_id, local_code, local_name, status, reported_value, reported_unit, comparator, value, outcome,
  reference_range, flags, collected_at, measured_at, released_at, marks, filled_in)
SELECT timekey(), p.patient_record_id, p.id, p.inbox_id, md5(p.id || '/' || n) || md5(n || ''), 1, true, NULL,
  (SELECT min(id) FROM registry_analyte), 'C' || n, 'Analyte ' || n, 'final', '5.' || n || '0', 'mmol/L', '',
  5 + n / 10.0, '', '3.9-6.4', 'N', now(), now(), now(), '[]', ''
FROM results_report p CROSS JOIN generate_series(1, %(of_report)s) n""",
    "ANALYZE",
)


def measure(sizes: list[int]) -> None:
    """Print seconds, lines a second, and by how much the peak of memory is above that of an empty export."""
    with province(laboratories=HOSPITALS), tempfile.TemporaryDirectory(dir=Path.cwd() / ".data") as folder:
        os.environ["LIENTHONG_EXPORTS"] = folder
        empty = _made("F0000", is_oversight=True)[2]
        print(f"  {'results':>12}  {'who':<10}{'lines':>12}{'s':>8}{'lines/s':>10}{'peak above empty':>20}")
        for size in sizes:
            _fill(size)
            for who, is_oversight in (("centre", True), ("hospital", False)):
                lines, seconds, peak = _made("F0000", is_oversight=is_oversight)
                above = (peak - empty) / 1024**2
                rate = lines / seconds
                print(f"  {size:>12,}  {who:<10}{lines:>12,}{seconds:>8.1f}{rate:>10,.0f}{above:>17.0f} MB", flush=True)


def _fill(size: int) -> None:
    from django.db import connection

    from bench.province import empty_inbox

    empty_inbox()
    with connection.cursor() as cursor:
        for statement in _FILL:
            cursor.execute(statement, {"reports": size // OF_REPORT, "of_report": OF_REPORT})


def _made(facility: str, *, is_oversight: bool) -> tuple[int, float, int]:
    """Make an export in a process of its own; return its lines, its seconds, and the peak of memory in bytes."""
    from django.utils import timezone

    from lienthong.core.actions import system_user
    from lienthong.exchange.bulk.models import BulkExport

    row = BulkExport.objects.create(
        client_id="bench",
        client_name="bench",
        facility=facility,
        user=system_user("bench"),
        is_oversight=is_oversight,
        kinds=["DiagnosticReport", "Observation", "Patient", "Specimen"],
        request="bench",
        state=BulkExport.State.WAITING,
        asked_at=timezone.now(),
    )
    command = [sys.executable, "-m", "bench.exports", "--make"]
    peak = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603 — our own program
    return _told(row.key, peak)


def _told(key: UUID, peak: int) -> tuple[int, float, int]:
    from lienthong.exchange.bulk.models import BulkExport

    row = BulkExport.objects.get(key=key)
    if row.state != BulkExport.State.COMPLETE or not row.finished_at or not row.started_at:
        sys.exit(f"the export is {row.state} {row.reason}")
    return row.written, (row.finished_at - row.started_at).total_seconds(), peak


def _make_what_waits() -> None:
    from lienthong.cli.start import start_django

    start_django()
    from django.utils import timezone

    from bench.memory import _peak
    from lienthong.exchange.bulk.queue import work_exports

    work_exports(timezone.now)
    print(_peak())


if __name__ == "__main__":
    _make_what_waits() if "--make" in sys.argv else measure([int(one) for one in sys.argv[1:]] or [100_000, 1_000_000])
