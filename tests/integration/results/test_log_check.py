"""Whatever is changed, added or taken away by SQL is found, and what may change later raises no alarm."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from tests.factories.registry import AnalyteFactory, FacilityFactory
from tests.factories.results import NOON, claim, report_draft, result_draft, store_one_report, store_patient_record

from lienthong.core.actions import system_user
from lienthong.core.log.checkpoints import Checkpoint, read
from lienthong.core.log.identity import log_key
from lienthong.core.log.reads import head
from lienthong.core.log.sequencer import sequence
from lienthong.core.log.verification import Verified
from lienthong.results.actions import seal_earlier_reports
from lienthong.results.reports.checking import check_log

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
FIRST, SECOND, CORRECTED = "leaf 0", "leaf 1", "leaf 3"


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def sign(*, at: dt.datetime = NOON) -> Checkpoint:
    sequence(by=system_user("log"), at=at, every=dt.timedelta(0))
    kept = head()
    assert kept
    return read(kept.note, log_key())


def checked(*heads: Checkpoint) -> Verified:
    return check_log(log_key(), heads=list(heads))


@pytest.fixture
def logged() -> Checkpoint:
    """Three reports of one patient; the first is corrected by a fourth version, and one original came late."""
    facility = FacilityFactory()
    analyte = AnalyteFactory().pk
    patient = store_patient_record(claim(facility))
    other = store_patient_record(claim(facility, local_id="P2", full_name="Trần Văn Bảy", identifiers=(("MR", "P2"),)))
    assert patient
    assert other
    marks = ({"mark": "LT-HD", "grant": 7},)
    for n in (1, 2, 3):
        draft = result_draft(analyte, marks=marks, comment="note", observed_at=NOON)
        second = result_draft(analyte, local_code="2", status="corrected", amends=True)
        store_one_report(
            report_draft(facility, draft, second, number=f"SX{n}", comment="on the report"),
            patient_record_id=patient, inbox_id=n * 10,
        )  # fmt: skip
    sign()
    changed = result_draft(analyte, status="corrected", reported_value="6.5", value=Decimal("6.5"), released_at=NOON)
    late = result_draft(
        analyte, local_code="2", reported_value="5.5", value=Decimal("5.5"), released_at=NOON - 3 * HOUR
    )
    for inbox_id, draft in ((40, changed), (9, late)):
        store_one_report(
            report_draft(facility, draft, number="SX1", released_at=draft.released_at),
            patient_record_id=patient,
            inbox_id=inbox_id,
        )
    return sign(at=NOON + HOUR)


def test_log_of_what_is_stored_has_no_fault(logged: Checkpoint) -> None:
    found = checked(logged)

    assert found.findings == ()
    assert (found.leaves, found.statements, found.checkpoints, found.unsigned) == (5, 5, 2, 0)
    assert found.head == logged


OLDER = "WHERE id = (SELECT min(id) FROM results_report_version)"
ROW = "WHERE id = (SELECT min(id) FROM results_result)"
REPORT = "WHERE number = 'SX2'"
LATEST = "leaf 4"
TAMPERING = {
    # What the application overwrites at each version is compared with the report's latest leaf.
    "status of a report": (f"UPDATE results_report SET status = 'withdrawn' {REPORT}", SECOND),
    "comment of a report": (f"UPDATE results_report SET comment = 'other' {REPORT}", SECOND),
    "comment taken out": (f"UPDATE results_report SET comment = NULL {REPORT}", SECOND),
    "requester": (f"UPDATE results_report SET requester = 'X' {REPORT}", SECOND),
    "number": (f"UPDATE results_report SET number = 'SX9' {REPORT}", SECOND),
    "patient of a report": (f"UPDATE results_report SET patient_record_id = patient_record_id + 1 {REPORT}", SECOND),
    "release by a microsecond": (
        f"UPDATE results_report SET released_at = released_at + interval '1 microsecond' {REPORT}", SECOND,
    ),
    "version": (f"UPDATE results_report SET version = 7 {REPORT}", SECOND),
    "deleted report": (f"DELETE FROM results_report {REPORT}", SECOND),
    # Of an older version the rows that it names are.
    "value of a replaced result": (f"UPDATE results_result SET reported_value = '5.7' {ROW}", FIRST),
    "digits of a value": (f"UPDATE results_result SET reported_value = '5.60' {ROW}", FIRST),
    "number in the analyte's unit": (f"UPDATE results_result SET value = 5.61 {ROW}", FIRST),
    "unit": (f"UPDATE results_result SET reported_unit = 'mg/dL' {ROW}", FIRST),
    "range": (f"UPDATE results_result SET reference_high = 7 {ROW}", FIRST),
    "flag": (f"UPDATE results_result SET flags = 'H' {ROW}", FIRST),
    "mark": (f"""UPDATE results_result SET marks = '[{{"mark": "HR", "grant": 7}}]' {ROW}""", FIRST),
    "mark taken off": (f"UPDATE results_result SET marks = '[]' {ROW}", FIRST),
    "comment": (f"UPDATE results_result SET comment = '' {ROW}", FIRST),
    "procedure": (f"UPDATE results_result SET procedure_id = 1 {ROW}", FIRST),
    "time of collection": (f"UPDATE results_result SET collected_at = now() {ROW}", FIRST),
    "time of observation": (f"UPDATE results_result SET observed_at = NULL {ROW}", FIRST),
    "deleted result": (f"DELETE FROM results_result {ROW}", FIRST),
    "result moved to another patient": (
        f"UPDATE results_result SET patient_record_id = patient_record_id + 1 {ROW}", FIRST,
    ),
    "result moved to another report": (f"UPDATE results_result SET report_id = report_id + 1 {ROW}", FIRST),
    "late original": ("UPDATE results_result SET reported_value = '9' WHERE reported_value = '5.5'", LATEST),
    "current result of a corrected report": (
        "UPDATE results_result SET reported_value = '9' WHERE reported_value = '6.5'", CORRECTED,
    ),
    "old version made current": (f"UPDATE results_result SET is_current = true {ROW}", LATEST),
    "current version hidden": ("UPDATE results_result SET is_current = false WHERE reported_value = '6.5'", LATEST),
    "replaces nothing": ("UPDATE results_result SET replaces = 5 WHERE reported_value = '6.5'", LATEST),
    "result added beside": (
        "INSERT INTO results_result SELECT (r).* FROM (SELECT jsonb_populate_record(row, jsonb_build_object('id', "
        "row.id + 1, 'is_current', false, 'version', 9)) AS r FROM results_result row WHERE reported_value = '6.5') x",
        LATEST,
    ),
    # What was sealed, and the log itself.
    "salt": (f"UPDATE results_report_version SET salt = decode(repeat('00', 16), 'hex') {OLDER}", FIRST),
    "kept head": (f"UPDATE results_report_version SET head = replace(head, 'on the', 'of the') {OLDER}", FIRST),
    "kept names of results": (f"UPDATE results_report_version SET results = '{{}}' {OLDER}", FIRST),
    "deleted version": (f"DELETE FROM results_report_version {OLDER}", FIRST),
    "digest of a leaf": (
        "UPDATE core_log_leaf SET digest = decode(repeat('00', 32), 'hex') WHERE position = 2", "leaf 2",
    ),
    "deleted leaf": ("DELETE FROM core_log_leaf WHERE position = 2", "leaf 2"),
    "cut log": ("DELETE FROM core_log_leaf WHERE position >= 4", "leaf 4"),
    "tile": ("UPDATE core_log_tile SET hashes = overlay(hashes placing '\\x00'::bytea from 34)", "leaf 1"),
    "leaves changed places": (
        "UPDATE core_log_leaf a SET entry = -b.entry, digest = b.digest FROM core_log_leaf b "
        "WHERE a.position IN (1, 2) AND b.position = 3 - a.position; UPDATE core_log_leaf SET entry = abs(entry)",
        SECOND,
    ),
    "root of a checkpoint": (
        "UPDATE core_log_checkpoint SET note = replace(note, E'\\n3\\n', E'\\n2\\n')", "checkpoint after 3 leaves",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_is_found_and_the_first_wrong_leaf_is_named(logged: Checkpoint, name: str) -> None:
    statement, where = TAMPERING[name]
    run(statement)

    first = checked().first

    assert first is not None
    assert first.where.partition(" (")[0] == where


def test_finding_names_the_report_and_no_value_of_it(logged: Checkpoint) -> None:
    run(f"UPDATE results_report SET comment = 'secret' {REPORT}")

    (finding,) = checked().findings

    assert finding.where.startswith("leaf 1 (report ")
    assert "of SX, version 1" in finding.where
    assert "secret" not in str(finding)


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        (
            "INSERT INTO results_report SELECT (r).* FROM (SELECT jsonb_populate_record(row, jsonb_build_object("
            "'id', row.id + 1000, 'number', 'SX9')) AS r FROM results_report row WHERE number = 'SX1') x",
            "report ",
        ),
        (
            "INSERT INTO results_result SELECT (r).* FROM (SELECT jsonb_populate_record(row, jsonb_build_object("
            "'id', row.id + 1, 'report_id', 999999)) AS r FROM results_result row WHERE reported_value = '6.5') x",
            "result ",
        ),
    ],
    ids=["report", "result"],
)
def test_what_was_put_in_by_sql_has_no_leaf(logged: Checkpoint, statement: str, where: str) -> None:
    run(statement)

    (finding,) = checked().findings

    assert (finding.code, finding.where.startswith(where)) == ("not-in-the-log", True)


def test_log_that_was_cut_with_its_checkpoints_is_shorter_than_a_head_kept_elsewhere(logged: Checkpoint) -> None:
    run(
        "DELETE FROM results_report_version WHERE id IN (SELECT entry FROM core_log_leaf WHERE position >= 3);"
        "DELETE FROM core_log_leaf WHERE position >= 3; DELETE FROM core_log_checkpoint WHERE size > 3"
    )

    assert "log-cut" in {finding.code for finding in checked(logged).findings}


def test_reports_from_before_the_log_are_sealed_once_with_all_their_versions(logged: Checkpoint) -> None:
    run("TRUNCATE core_log_leaf, core_log_tile, core_log_checkpoint, results_report_version")
    run("INSERT INTO results_unsealed SELECT min(id), max(id) FROM results_report")
    assert checked().wrong == 0

    sealed = [seal_earlier_reports(by=system_user("log"), limit=2) for _ in range(4)]
    sign()

    assert sealed == [2, 1, 0, 0]
    assert (checked().leaves, checked().findings) == (3, ())
    run("UPDATE results_result SET reported_value = '9' WHERE reported_value = '5.5'")
    assert checked().wrong == 1


def test_report_that_changed_before_it_was_sealed_has_its_past_sealed_too(logged: Checkpoint) -> None:
    run("TRUNCATE core_log_leaf, core_log_tile, core_log_checkpoint")
    run("DELETE FROM results_report_version WHERE (report_id, version) NOT IN (SELECT id, version FROM results_report)")
    run("UPDATE results_report_version SET earlier = '{}'")
    run("INSERT INTO results_unsealed SELECT min(id), max(id) FROM results_report")
    seal_earlier_reports(by=system_user("log"))
    sign()

    found = [finding for finding in checked().findings if finding.code != "not-in-the-log"]

    assert found == []
    run("UPDATE results_result SET reported_value = '9' WHERE reported_value = '5.5'")
    assert [finding.where.partition(" (")[0] for finding in checked().findings if "leaf" in finding.where] == ["leaf 0"]
