"""Ties waiting DICOM objects to the one report that they belong to.

An object and a report belong together where they are of one facility, share a number of the order (accession number) or
the study, and the header's patient number is one by which that facility's sender knows the report's patient; a birth
date that both tell must agree. Where no report does, or several do, the object waits and says why. A header was filled
in at a device: it can keep an object away from a report, and never proves whose it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from lienthong.core.bulk import fetch_prepared

# One row an object: how many reports share a number with it, how many of these are of its patient, and one of them.
# Each of the three ways has an index; asked in one condition, all reports of the facility would be read.
_FOUND = """
SELECT object.id, count(report.id) AS numbered, count(report.id) FILTER (WHERE agrees.yes) AS agreeing,
       min(report.id) FILTER (WHERE agrees.yes) AS report_id,
       object.patient_id = '' OR (object.accession_number = '' AND object.study_uid = '') AS is_nameless
FROM results_imagingobject object
LEFT JOIN LATERAL (
  SELECT id, patient_record_id FROM results_report
  WHERE object.accession_number <> '' AND facility_id = object.facility_id AND number = object.accession_number
  UNION
  SELECT id, patient_record_id FROM results_report
  WHERE object.accession_number <> '' AND facility_id = object.facility_id AND placer_number = object.accession_number
  UNION
  SELECT named.id, named.patient_record_id
  FROM results_reportdocument document JOIN results_report named ON named.id = document.report_id
  WHERE document.study_uid = object.study_uid AND document.study_uid <> '' AND NOT document.is_withdrawn
    AND named.facility_id = object.facility_id
) report ON true
LEFT JOIN LATERAL (
  SELECT (record.local_id = object.patient_id OR EXISTS (
            SELECT 1 FROM results_patientidentifier number
            WHERE number.record_id = record.id AND number.value = object.patient_id AND number.standing = ''))
         AND coalesce(record.birth_date = object.birth_date, true) AS yes
  FROM results_patientrecord record WHERE record.id = report.patient_record_id
) agrees ON true
WHERE object.report_id IS NULL AND {chosen}
GROUP BY object.id
"""
_TIE = """
WITH found AS ({found}), said AS (
  SELECT id, CASE WHEN agreeing = 1 AND NOT is_nameless THEN report_id END AS report_id,
    CASE WHEN is_nameless THEN 'no-number' WHEN agreeing > 1 THEN 'several-reports' WHEN agreeing = 1 THEN ''
         WHEN numbered > 0 THEN 'other-patient' ELSE 'no-report' END AS waits_for
  FROM found
)
UPDATE results_imagingobject object
SET report_id = said.report_id, waits_for = said.waits_for,
    tied_at = CASE WHEN said.report_id IS NOT NULL THEN %(at)s::timestamptz END
FROM said WHERE object.id = said.id AND object.report_id IS NULL
  AND (said.report_id IS NOT NULL OR object.waits_for <> said.waits_for)
RETURNING object.id, object.report_id
"""
_OF_OBJECTS = _TIE.format(found=_FOUND.format(chosen="object.id = ANY(%(ids)s)"))
# Reports are many and waiting objects few: the objects are looked for, by an index that holds only those that wait.
# Each report is taken by its key: a plan that was made while there were few must not read all when there are many.
_OF_REPORTS = _TIE.format(
    found=_FOUND.format(
        chosen="""object.id IN (
  SELECT waiting.id FROM unnest(%(ids)s::bigint[]) AS asked(id)
  CROSS JOIN LATERAL (SELECT * FROM results_report WHERE results_report.id = asked.id OFFSET 0) told
  JOIN results_imagingobject waiting ON told.facility_id = waiting.facility_id
    AND (waiting.accession_number IN (told.number, told.placer_number)
         OR EXISTS (SELECT 1 FROM results_reportdocument document
                    WHERE document.report_id = told.id AND document.study_uid = waiting.study_uid))
  WHERE waiting.report_id IS NULL)"""
    )
)
_OF_ALL = _TIE.format(found=_FOUND.format(chosen="true"))


def tie_objects(object_ids: Collection[int], *, at: dt.datetime) -> int:
    """Tie these objects where a report agrees; return how many were tied."""
    return _tie(_OF_OBJECTS, object_ids, at)


def tie_to_reports(report_ids: Collection[int], *, at: dt.datetime) -> int:
    """Tie objects that wait for these reports; return how many were tied."""
    return _tie(_OF_REPORTS, report_ids, at)


def tie_waiting(*, at: dt.datetime) -> int:
    """Tie whatever waits: a report and its images that were committed at once did not see one another."""
    return _tie(_OF_ALL, (), at)


def _tie(statement: str, ids: Collection[int], at: dt.datetime) -> int:
    found = fetch_prepared(statement, {"ids": list(ids), "at": at})
    return sum(report_id is not None for _id, report_id in found)
