"""Images that are tied to reports as Media, and the studies that reports name as ImagingStudies."""

from __future__ import annotations

import re
from collections.abc import Collection
from hashlib import sha256

from lienthong.results.search import codes, texts
from lienthong.results.search.branches import NO, YES, Branch, Part, any_of, instant_within
from lienthong.results.search.conditions import Condition, HasCode, Named
from lienthong.results.search.reports import numbers_of
from lienthong.results.search.visible import of_reports

DICOM, UID, URI = "http://dicom.nema.org/resources/ontology/DCM", "urn:dicom:uid", "urn:oid:"
STATUS, TYPE = "http://hl7.org/fhir/event-status", "http://terminology.hl7.org/CodeSystem/media-type"
STUDY_STATUS = "http://hl7.org/fhir/imagingstudy-status"
# As much of a study's digest as tells apart the studies of a report.
LENGTH_OF_DIGEST = 24
_STUDY_ID = re.compile(rf"(\d{{1,18}})-([0-9a-f]{{{LENGTH_OF_DIGEST}}})", re.ASCII)
_DIGEST = f"left(encode(sha256(convert_to(s.uid, 'UTF8')), 'hex'), {LENGTH_OF_DIGEST})"
# What holds of a report: of each key the version of the latest message, unless that withdrew it.
_STUDIES = """
results_report p CROSS JOIN LATERAL (
  SELECT d.study_uid AS uid FROM results_reportdocument d
  WHERE d.report_id = p.id AND d.study_uid <> '' AND NOT d.is_withdrawn AND NOT EXISTS (
    SELECT 1 FROM results_reportdocument later
    WHERE later.report_id = d.report_id AND later.key = d.key AND (later.inbox_id, later.id) > (d.inbox_id, d.id))
  UNION
  SELECT o.study_uid FROM results_imagingobject o WHERE o.report_id = p.id AND o.study_uid <> ''
) s
"""
_HAS_MODALITY = """
EXISTS (SELECT 1 FROM results_imagingobject i WHERE i.report_id = p.id AND i.study_uid = s.uid AND i.modality = ANY(%s))
"""
# The time-ordered key of an instant, as core.timekey makes it.
_TIED = "(floor(extract(epoch FROM m.tied_at) * 1000)::bigint << 22)"


def study_id(report_id: int, uid: str) -> str:
    """Return the id of a study of a report."""
    return f"{report_id}-{sha256(uid.encode()).hexdigest()[:LENGTH_OF_DIGEST]}"


def reports_of_studies(ids: Collection[str]) -> set[int]:
    """Return the reports that ids of studies name; other ids name none."""
    return {int(found[1]) for one in ids if (found := _STUDY_ID.fullmatch(one))}


def _study_named(condition: Condition) -> Part:
    ids = condition.ids if isinstance(condition, Named) else ()
    pairs = [(int(found[1]), found[2]) for one in ids if (found := _STUDY_ID.fullmatch(one))]
    return any_of([Part(f"(p.id = %s AND {_DIGEST} = %s)", pair) for pair in pairs])


def _media_named(condition: Condition) -> Part:
    wanted = numbers_of([*condition.ids]) if isinstance(condition, Named) else []
    return Part("m.id = ANY(%s)", (wanted,))


def _uid(condition: Condition, column: str) -> Part:
    """A UID is an identifier of the system urn:dicom:uid whose value is urn:oid: and the UID (R4, ImagingStudy)."""
    if not isinstance(condition, HasCode):
        return NO
    wanted = [code.removeprefix(URI) for system, code in condition.codes if system in (None, UID) and code]
    return codes.signed(condition, Part(f"{column} = ANY(%s)", (wanted,)))


def _modality(condition: Condition, test: str) -> Part:
    if not isinstance(condition, HasCode):
        return NO
    wanted = [code for system, code in condition.codes if system in (None, DICOM)]
    return codes.signed(condition, Part(test, (wanted,)))


def _constant(condition: Condition, *, system: str, code: str) -> Part:
    return codes.constant(condition, system=system, code=code) if isinstance(condition, HasCode) else NO


MEDIA = Branch(
    tables="results_imagingobject m JOIN results_report p ON p.id = m.report_id",
    holds="m.kind = 'image'",
    id="m.id::text",
    record="p.patient_record_id",
    visible=lambda reach: of_reports(reach, "p.id"),
    changed=_TIED,
    date="coalesce((extract(epoch FROM m.taken_at) * 1000000)::bigint, 0)",
    asks={
        "_id": _media_named,
        "created": lambda one: instant_within("m.taken_at", one),
        "identifier": lambda one: _uid(one, "m.sop_instance_uid"),
        "modality": lambda one: _modality(one, "m.modality = ANY(%s)"),
        "status": lambda one: _constant(one, system=STATUS, code="completed"),
        "type": lambda one: _constant(one, system=TYPE, code="image"),
        "type:text": lambda one: YES if texts.says(one, "Image") else NO,
    },
)
STUDIES = Branch(
    tables=_STUDIES,
    holds="p.resource_id IS NULL",
    id=f"p.id || '-' || {_DIGEST}",
    record="p.patient_record_id",
    visible=lambda reach: of_reports(reach, "p.id"),
    changed="p.inbox_id",
    date="coalesce((extract(epoch FROM p.collected_at) * 1000000)::bigint, 0)",
    asks={
        "_id": _study_named,
        "identifier": lambda one: _uid(one, "s.uid"),
        "modality": lambda one: _modality(one, _HAS_MODALITY),
        "started": lambda one: instant_within("p.collected_at", one),
        "status": lambda one: _constant(one, system=STUDY_STATUS, code="unknown"),
    },
)
