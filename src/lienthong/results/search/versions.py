"""Versions of reports as they stood: what was sealed of each (results/reports/sealing.py), told as reports are."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from lienthong.results import reads
from lienthong.results.reads import PatientFacts, ReportFacts, ResultFacts

_SEALED = """
SELECT DISTINCT ON (version) id, version, head, results FROM results_report_version
WHERE report_id = %s AND version > 0 ORDER BY version DESC, id DESC
"""


@dataclass(frozen=True, slots=True)
class ReportVersion:
    """A version of a report; `facts.results` are the versions of results that stood with it.

    Of a version from before there was a log nobody kept the report's own fields: its status, texts and times are empty,
    and which results stood is not told.
    """

    facts: ReportFacts
    changed: int


def report_versions(report_id: int) -> list[ReportVersion]:
    """Return the sealed versions of a report, newest first. `changed` is the key of the message that made each.

    Of a version whose message nobody kept it is the key under which the version was sealed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SEALED, [report_id])
        rows = [(key, version, json.loads(head), named) for key, version, head, named in cursor.fetchall()]
    results = {one.id: one for one in reads.results_by_id([one for row in rows for one in row[3]])}
    patients = {one.record_id: one for one in reads.patients({row[2]["patient_record"] for row in rows})}
    return [
        ReportVersion(
            _facts(said, version, patients[said["patient_record"]], tuple(results[one] for one in sorted(named))),
            said["message"] or key,
        )
        for key, version, said, named in rows
    ]


def _facts(
    said: Mapping[str, Any], version: int, patient: PatientFacts, results: tuple[ResultFacts, ...]
) -> ReportFacts:
    return ReportFacts(
        id=said["report"],
        source=said["source"],
        number=said["number"],
        placer_number=said["placer_number"] or "",
        facility_id=said["facility"],
        patient=patient,
        service=said["service"] or "",
        requester=said["requester"] or "",
        specimen=said["specimen"] or "",
        status=said["status"] or "",
        collected_at=_instant(said["collected_at"]),
        received_at=_instant(said["received_at"]),
        released_at=_instant(said["released_at"]),
        comment=said["comment"] or "",
        version=version,
        results=results,
        versions=results,
    )


def _instant(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
