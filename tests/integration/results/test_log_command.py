"""`lienthong log` on a database: head, export, and checking what was exported."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from django.db import connection
from tests.factories.registry import AnalyteFactory, FacilityFactory
from tests.factories.results import NOON, claim, report_draft, result_draft, store_one_report, store_patient_record
from typer.testing import CliRunner, Result

from lienthong.cli.log import app
from lienthong.core.actions import system_user
from lienthong.core.log import storage
from lienthong.core.log.checkpoints import read
from lienthong.core.log.entering import enter
from lienthong.core.log.identity import log_key
from lienthong.core.log.own_head import keep_own_head
from lienthong.core.log.sequencer import sequence
from lienthong.core.models import AuditEvent
from lienthong.errors import Conflict, NotFound
from lienthong.results.models import Report

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _database_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for module in ("newest", "exporting"):
        monkeypatch.setattr(f"lienthong.cli.log.{module}.start", lambda **_options: None)
    monkeypatch.setattr("lienthong.cli.start.start", lambda **_options: None)
    monkeypatch.setattr("lienthong.core.log.own_head.own_head", lambda: tmp_path / "log-head")


@pytest.fixture
def logged() -> None:
    """Three reports, the second of them in two versions."""
    facility, analyte = FacilityFactory(), AnalyteFactory().pk
    patient = store_patient_record(claim(facility))
    assert patient
    for inbox_id, (number, value) in enumerate([("SX1", "5.6"), ("SX2", "5.6"), ("SX2", "6.5"), ("SX3", "5.6")], 1):
        draft = result_draft(analyte, reported_value=value, released_at=NOON + dt.timedelta(minutes=inbox_id))
        report = report_draft(facility, draft, number=number, released_at=draft.released_at)
        store_one_report(report, patient_record_id=patient, inbox_id=inbox_id)
        sequence(by=system_user("log"), at=NOON + dt.timedelta(minutes=inbox_id))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.usefixtures("logged")
def test_head_is_a_checkpoint_that_the_key_has_signed() -> None:
    plain, machine = run("head"), json.loads(run("head", "--json").stdout)

    assert read(plain.stdout.partition("key:")[0], log_key()).size == 4
    assert (machine["size"], machine["key"]) == (4, str(log_key()))


def test_head_before_the_first_checkpoint_is_not_found() -> None:
    assert isinstance(run("head").exception, NotFound)


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize(
    ("options", "leaves", "statements"),
    [((), 4, 4), (("--without-statements",), 4, 0), (("--report", "SX2"), 2, 2)],
    ids=["whole", "without statements", "one report"],
)
def test_exported_log_is_verified_by_itself(
    tmp_path: Path, options: tuple[str, ...], leaves: int, statements: int
) -> None:
    path = tmp_path / "log.ndjson.gz"
    named = [str(Report.objects.get(number=one).pk) if one == "SX2" else one for one in options]

    written, checked = run("export", str(path), *named), run("verify", str(path), "--json")

    said = json.loads(checked.stdout)
    assert (written.exit_code, checked.exit_code) == (0, 0)
    assert (said["leaves"], said["statements"], said["wrong"]) == (leaves, statements, 0)
    assert AuditEvent.objects.filter(action="export", object_kind="log").count() == 1


@pytest.mark.usefixtures("logged")
def test_export_of_what_was_tampered_with_names_the_leaf(tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE results_result SET reported_value = '9' WHERE reported_value = '6.5'")

    run("export", str(tmp_path / "log.ndjson"))

    assert json.loads(run("verify", str(tmp_path / "log.ndjson"), "--json").stdout)["first"]["where"] == "leaf 2"
    database = run("verify")
    assert database.exit_code == 1
    assert "First wrong: leaf 2 (report " in database.stdout


@pytest.mark.usefixtures("logged")
def test_export_overwrites_nothing_and_knows_its_reports(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("")

    assert isinstance(run("export", str(tmp_path / "there")).exception, Conflict)
    assert isinstance(run("export", str(tmp_path / "new"), "--report", "0").exception, NotFound)
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("logged")
def test_checkpoints_taken_away_with_what_they_signed_are_missed_by_the_machine_that_signed(tmp_path: Path) -> None:
    keep_own_head(storage.last_checkpoint().note)  # type: ignore[union-attr]  # of the scene
    assert run("verify").exit_code == 0
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM results_report_version WHERE id IN (SELECT entry FROM core_log_leaf WHERE position = 3);"
            "DELETE FROM core_log_leaf WHERE position = 3; DELETE FROM core_log_checkpoint WHERE size > 3;"
            "DELETE FROM results_result WHERE report_id IN (SELECT id FROM results_report WHERE number = 'SX3');"
            "DELETE FROM results_report WHERE number = 'SX3'"
        )

    found = run("verify")

    assert found.exit_code == 1
    assert "First wrong: leaf 3: 4 leaves were signed" in found.stdout


@pytest.mark.django_db(transaction=True)
def test_head_is_kept_by_the_machine_once_it_is_committed(tmp_path: Path) -> None:
    enter([(1, bytes(32))])

    sequence(by=system_user("log"), at=NOON)

    assert read((tmp_path / "log-head").read_text("utf-8"), log_key()).size == 1
