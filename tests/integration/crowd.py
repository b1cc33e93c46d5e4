"""Enough rows for plans to matter: a year of monthly partitions, and who was measured in it at twenty hospitals.

Patients, persons and reports have the numbers of their rows, so that a test names one by arithmetic.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from tests.factories.registry import LaboratoryFactory
from tests.integration.exchange.conftest import Scene, make_scene

from lienthong.core.partitions import ensure_months
from lienthong.registry.models import Facility
from lienthong.results.resources.tokens import code_token

PATIENTS, HOSPITALS, MONTHS = 3_000, 20, 12
LOINC, CODES = "http://loinc.org", ("2345-7", "2823-3", "5196-1")
FIRST = dt.date(2025, 12, 1)
TABLES = (
    "results_patientrecord", "results_patientidentifier", "results_person", "results_personlink", "results_matchkey",
    "results_claimednumber", "results_report", "results_result", "results_inbox", "results_order",
    "results_orderversion", "results_resource", "results_resourcetext", "core_log_tile", "core_log_leaf",
    "core_log_checkpoint",
)  # fmt: skip

_PEOPLE = """
INSERT INTO results_patientrecord
  (id, source, local_system, local_id, facility_id, full_name, other_name, name_key, birth_date, sex, phone, address,
   updated_at)
SELECT n, 'S' || mod(n, %(hospitals)s), '', 'L' || n, (%(facilities)s)[mod(n, %(hospitals)s) + 1], 'Patient ' || n, '',
  'patient ' || n, date '1940-01-01' + mod(n * 7919, 25000), 'F', '', '', now()
FROM generate_series(1, %(patients)s) n;
INSERT INTO results_patientidentifier (record_id, system, value, standing)
SELECT n, system, system || '-' || n, '' FROM generate_series(1, %(patients)s) n, unnest(ARRAY['MR', 'NI']) system;
INSERT INTO results_person (id, created_at) SELECT n, now() FROM generate_series(1, %(patients)s) n;
INSERT INTO results_personlink (record_id, person_id, reason, recorded_at)
SELECT n, (n + 1) / 2 * 2, 'new', now() FROM generate_series(1, %(patients)s) n;
INSERT INTO results_matchkey (record_id, key) SELECT n, n * 10 + k FROM generate_series(1, %(patients)s) n,
  generate_series(0, 3) k;
INSERT INTO results_claimednumber (system, key, person_id, recorded_at)
SELECT 'NI', 'key-' || n, n, now() FROM generate_series(1, %(patients)s) n;
"""
_REPORTS = """
INSERT INTO results_report (id, source, number, facility_id, patient_record_id, placer_number, service, requester,
  specimen, status, collected_at, received_at, released_at, version, inbox_id)
SELECT (n - 1) * %(months)s + k, 'S' || mod(n, %(hospitals)s), n || '-' || k,
  (%(facilities)s)[mod(n, %(hospitals)s) + 1], n, 'PL' || n || '-' || k, 'CHEM', '', 'serum', 'final', day,
  day, day, 1, ((extract(epoch FROM day) * 1000)::bigint << 22) + n
FROM generate_series(1, %(patients)s) n CROSS JOIN generate_series(1, %(months)s) k
CROSS JOIN LATERAL (
  SELECT %(first)s::timestamptz + (k - 1) * interval '1 month' + (1 + n * 27 / %(patients)s) * interval '1 day'
    + mod(n, 1000) * interval '29 s'
) AS at(day);
INSERT INTO results_result (id, patient_record_id, report_id, inbox_id, key, version, is_current, analyte_id,
  local_code, local_name, status, reported_value, reported_unit, comparator, value, outcome, reference_range, flags,
  collected_at, measured_at, released_at, filled_in)
SELECT inbox_id, patient_record_id, id, inbox_id, encode(sha256(id::text::bytea), 'hex'), 1, true,
  (%(analytes)s)[mod(id, 3) + 1], 'C' || mod(id, 3), 'name', 'final', '5.1', 'mmol/L', '', 5.1, '', '', '',
  collected_at, collected_at, collected_at, '' FROM results_report;
INSERT INTO results_inbox (id, source, sender, lane, control_id, message_type, raw, digest, received_at, state)
SELECT inbox_id, source, '', 'lane-' || patient_record_id, number, 'ORU^R01', convert_to(repeat('x', 600), 'UTF8'),
  encode(sha256(number::bytea), 'hex'), received_at, CASE
    WHEN mod(id, %(months)s) = 0 AND mod(patient_record_id, 4) = 0 THEN 'received'
    WHEN mod(id, 311) = 1 THEN 'held' ELSE 'stored'
  END
FROM results_report;
"""
_ORDERS = """
INSERT INTO results_order (id, facility_id, patient_record_id, source, placer_number, filler_number)
SELECT n, (%(facilities)s)[mod(n, %(hospitals)s) + 1], n, 'S' || mod(n, %(hospitals)s), 'OR' || n, ''
FROM generate_series(1, %(patients)s) n;
INSERT INTO results_orderversion (order_id, version, is_current, status, recorded_at, inbox_id, control, filler_number,
  group_number, service_code, service_system, service, specimen, priority, requester, diagnoses)
SELECT n, 1, true, 'requested', %(now)s, 0, '', '', '', '', '', '', '', '', '', '[]'
FROM generate_series(1, %(patients)s) n;
"""
_RESOURCES = """
INSERT INTO results_resource (id, kind, source, own_id, facility_id, version, key, is_deleted, inbox_id,
  patient_record_id, starts_at, ends_at, tokens, ranges, content)
SELECT lpad(to_hex(id), 32, '0')::uuid, 'Observation', source, 'o' || id, facility_id, 1, inbox_id, false, inbox_id,
  patient_record_id, collected_at, collected_at + interval '1 ms', ARRAY[id * 7919, (%(codes)s)[mod(id, 3) + 1]], '{}',
  '{"resourceType":"Observation"}' FROM results_report;
INSERT INTO results_resourcetext (resource_id, parameter, folded, exact)
SELECT id, 'value-string', own_id, own_id FROM results_resource;
"""
_LOG = """
INSERT INTO core_log_leaf (position, entry, digest)
SELECT n, n + 7, sha256(n::text::bytea) FROM generate_series(0, 19999) n;
INSERT INTO core_log_tile (level, index, hashes) SELECT mod(n, 3), n / 3, sha256('x') FROM generate_series(0, 14999) n;
INSERT INTO core_log_checkpoint (size, at, root, note) SELECT n, now(), sha256('x'), '' FROM generate_series(1, 5000) n;
"""


@contextmanager
def crowd() -> Iterator[list[Facility]]:
    """All of it until the block ends; yield the hospitals.

    What is rolled back stays in the files, and would make every statement of the tests after this slow.
    """
    with transaction.atomic():
        yield _fill(make_scene())
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(TABLES)}")


def _fill(scene: Scene) -> list[Facility]:
    """Write all of it, let the planner know of it, and return the hospitals; the scene's laboratory is of the first."""
    region = scene.laboratory.facility.region
    others = [LaboratoryFactory(facility__region=region).facility for _ in range(HOSPITALS - 1)]
    hospitals = [scene.laboratory.facility, *others]
    ensure_months(on=FIRST, ahead=MONTHS)
    asked = {
        "patients": PATIENTS,
        "hospitals": HOSPITALS,
        "months": MONTHS,
        "first": dt.datetime.combine(FIRST, dt.time(tzinfo=dt.UTC)),
        "now": dt.datetime.now(dt.UTC),
        "facilities": [one.pk for one in hospitals],
        "codes": [code_token("code", system=LOINC, code=one) for one in CODES],
        "analytes": [scene.glucose.pk, scene.potassium.pk, scene.hbsag.pk],
    }
    with connection.cursor() as cursor:
        for statements in (_PEOPLE, _REPORTS, _ORDERS, _RESOURCES, _LOG):
            for statement in statements.split(";\n"):
                if statement.strip():
                    cursor.execute(statement, asked)
        cursor.execute("SELECT gin_clean_pending_list('results_resource_tokens')")
        cursor.execute(f"ANALYZE {', '.join(TABLES)}")
        # Last: until tables are analysed, keys may be checked by plans that the session made while they were empty.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return hospitals


def report_of(patient: int, month: int) -> int:
    """Return the number of a patient's report of a month, counted from 1."""
    return (patient - 1) * MONTHS + month
