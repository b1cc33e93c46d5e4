"""The statements by which a batch of messages becomes rows: each once a batch, whatever the number of messages."""

from __future__ import annotations

# Every transaction takes its locks in one order, so that no two wait for each other.
LOCK = """
SELECT pg_advisory_xact_lock(key)
FROM (SELECT DISTINCT hashtextextended(name, 0) AS key FROM unnest(%s::text[]) AS name ORDER BY 1) AS keys
"""

# Makes what is new and locks what stands; the rows are taken in the order of their names.
OPEN_REPORTS = """
INSERT INTO results_report AS kept
  (source, number, facility_id, patient_record_id, placer_number, service, requester, specimen, status, collected_at,
   received_at, released_at, version, inbox_id, comment)
SELECT * FROM unnest(
  %(source)s::text[], %(number)s::text[], %(facility_id)s::bigint[], %(patient_record_id)s::bigint[],
  %(placer_number)s::text[], %(service)s::text[], %(requester)s::text[], %(specimen)s::text[], %(status)s::text[],
  %(collected_at)s::timestamptz[], %(received_at)s::timestamptz[], %(released_at)s::timestamptz[],
  %(version)s::int[], %(inbox_id)s::bigint[], %(comment)s::text[]) AS said(source, number)
ORDER BY said.source, said.number
ON CONFLICT (source, number) DO UPDATE SET number = kept.number
RETURNING id, source, number, patient_record_id, status, version, inbox_id, released_at, comment, xmax = 0 AS is_new,
  facility_id, placer_number, service, requester, specimen, collected_at, received_at
"""
# What the later message leaves blank stays.
CHANGE_REPORTS = """
UPDATE results_report AS kept SET
  placer_number = coalesce(nullif(said.placer_number, ''), kept.placer_number),
  service = coalesce(nullif(said.service, ''), kept.service),
  requester = coalesce(nullif(said.requester, ''), kept.requester),
  specimen = coalesce(nullif(said.specimen, ''), kept.specimen),
  collected_at = coalesce(said.collected_at, kept.collected_at),
  received_at = coalesce(said.received_at, kept.received_at),
  released_at = coalesce(said.released_at, kept.released_at),
  comment = coalesce(nullif(said.comment, ''), kept.comment),
  status = said.status, version = said.version, inbox_id = said.inbox_id
FROM unnest(
  %(id)s::bigint[], %(placer_number)s::text[], %(service)s::text[], %(requester)s::text[], %(specimen)s::text[],
  %(collected_at)s::timestamptz[], %(received_at)s::timestamptz[], %(released_at)s::timestamptz[],
  %(status)s::text[], %(version)s::int[], %(inbox_id)s::bigint[], %(comment)s::text[])
  AS said(id, placer_number, service, requester, specimen, collected_at, received_at, released_at, status, version,
          inbox_id, comment)
WHERE kept.id = said.id
"""

# What a row of results_result keeps of a draft, and what it keeps beside.
VALUES = (
    *("procedure_id", "analyte_id", "local_code", "local_name", "reported_value", "reported_unit", "comparator"),
    *("value", "outcome", "reference_range", "reference_low", "reference_high", "flags"),
    *("comment", "filled_in"),
)
TIMES = ("collected_at", "measured_at", "released_at", "observed_at")
OF_DRAFT = (*VALUES, *TIMES, "resource_id")
OF_VERSION = ("id", "patient_record_id", "report_id", "inbox_id", "key", "version", "replaces", "is_current", "status")
OF_RESULT = (*OF_VERSION, "marks", *OF_DRAFT)
VERSIONS = f"""
SELECT report_id, id, inbox_id, key, version, is_current, status, marks, {", ".join(OF_DRAFT)}
FROM results_result WHERE report_id = ANY(%s) ORDER BY report_id, key, version
"""  # noqa: S608 — made of constants

# Partitions are found by the id, rows by the primary key.
CHANGE_RESULTS = """
UPDATE results_result SET is_current = said.is_current, replaces = said.replaces
FROM unnest(%(patient_record_id)s::bigint[], %(id)s::bigint[], %(is_current)s::boolean[], %(replaces)s::bigint[])
  AS said(patient_record_id, id, is_current, replaces)
WHERE results_result.patient_record_id = said.patient_record_id AND results_result.id = said.id
"""

HOLD = """
INSERT INTO results_heldresult AS kept
  (inbox_id, position, source, local_code, local_system, local_name, loinc, unit, specimen, number, asked_on, reason,
   held_at)
SELECT said.*, %(at)s FROM unnest(
  %(inbox_id)s::bigint[], %(position)s::text[], %(source)s::text[], %(local_code)s::text[], %(local_system)s::text[],
  %(local_name)s::text[], %(loinc)s::text[], %(unit)s::text[], %(specimen)s::text[], %(number)s::numeric[],
  %(asked_on)s::date[], %(reason)s::text[]) AS said
ON CONFLICT (inbox_id, position) DO UPDATE SET
  source = excluded.source, local_code = excluded.local_code, local_system = excluded.local_system,
  local_name = excluded.local_name, loinc = excluded.loinc, unit = excluded.unit, specimen = excluded.specimen,
  number = excluded.number, asked_on = excluded.asked_on, reason = excluded.reason, released_at = NULL
"""
RELEASE = """
UPDATE results_heldresult SET released_at = %(at)s
WHERE inbox_id = ANY(%(messages)s::bigint[]) AND released_at IS NULL
  AND (inbox_id, position) NOT IN (SELECT * FROM unnest(%(inbox_id)s::bigint[], %(position)s::text[]))
"""
