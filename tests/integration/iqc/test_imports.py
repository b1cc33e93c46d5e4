"""Files of control values: what is stored, what forms a run, and what is refused where."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.core import SystemUserFactory, UserFactory
from tests.factories.iqc import ControlLotFactory
from tests.factories.registry import bind
from tests.integration.iqc.bench import HEADER, NOW, Bench, at, stored, verdicts

from lienthong.core.models import AuditEvent, Happening
from lienthong.errors import NotAllowed
from lienthong.iqc import actions
from lienthong.iqc.models import ControlFile, ControlResult, ControlRun, Violation

pytestmark = pytest.mark.django_db


def test_file_is_stored_judged_recorded_and_published() -> None:
    bench = Bench.open()
    system = bench.system()

    report = bench.measure(system, "05 06:00 0.4 -0.5\n06 06:00 1.7 3.4")

    assert (report.rows, report.values, report.runs, report.systems) == (4, 4, 2, 1)
    assert (report.is_stored, report.rejections, report.left_out) == (True, 1, 0)
    assert Happening.objects.filter(kind="iqc-changed", key=str(system.pk)).exists()
    event = AuditEvent.objects.get(action="import-control-runs")
    assert (event.detail["values"], event.facility) == (4, bench.laboratory.facility.code)


def test_instants_without_an_offset_are_in_the_zone_of_the_laboratory() -> None:
    bench = Bench.open()
    system = bench.system()

    bench.bring(
        [
            bench.row(system, 1, "05/11/2026 06:00", 4.0),
            bench.row(system, 2, "2026-11-05T06:02+00:00", 6.0),
        ]
    )

    instants = ControlResult.objects.order_by("pk").values_list("measured_at", flat=True)
    assert sorted(instants) == [
        dt.datetime(2026, 11, 4, 23, 0, tzinfo=dt.UTC),
        dt.datetime(2026, 11, 5, 6, 2, tzinfo=dt.UTC),
    ]


def test_value_in_another_unit_is_converted() -> None:
    bench = Bench.open()
    system = bench.system(analyte__key="GLU", analyte__molar_mass=180.156)

    bench.bring([bench.row(system, 1, "2026-11-05 06:00", "73.0", unit="mg/dL")])

    assert ControlResult.objects.get().value == pytest.approx(4.052, abs=0.001)


@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        pytest.param({"procedure": "NO-SUCH"}, "B2", "unknown-procedure", id="unknown procedure"),
        pytest.param({"laboratory": "ELSEWHERE"}, "A2", "other-laboratory", id="another laboratory"),
        pytest.param({"material": "Monotrol"}, "C2", "unknown-material", id="unknown material"),
        pytest.param({"lot": "9999"}, "D2", "unknown-lot", id="unknown lot"),
        pytest.param({"level": "7"}, "E2", "unknown-level", id="unknown level"),
        pytest.param({"level": "two"}, "E2", "not-a-number", id="level that is no number"),
        pytest.param({"measured_at": "31/02/2026 06:00"}, "F2", "not-a-date", id="wrong date"),
        pytest.param({"measured_at": "2026-11-05"}, "F2", "not-a-moment", id="no time"),
        pytest.param({"measured_at": "2027-11-05 06:00"}, "F2", "in-the-future", id="in the future"),
        pytest.param({"measured_at": "2019-11-05 06:00"}, "F2", "no-target-that-day", id="before the target"),
        pytest.param({"value": "four"}, "G2", "not-a-number", id="value that is no number"),
        pytest.param({"unit": "mg/dL"}, "H2", "molar-mass-unknown", id="unit without a molar mass"),
        pytest.param({"unit": "U/L"}, "H2", "unit-kinds-differ", id="unit of another kind"),
        pytest.param({"unit": "spoons"}, "H2", "unit-not-ucum", id="unknown unit"),
        pytest.param({"unit": ""}, "H2", "unit-not-ucum", id="no unit"),
    ],
)
def test_fault_is_named_by_row_and_column_and_nothing_is_stored(change: dict[str, str], place: str, code: str) -> None:
    bench = Bench.open()
    system = bench.system()
    good = bench.row(system, 2, "2026-11-05 06:02", 6.0)

    given = {"level": 1, "measured_at": "2026-11-05 06:00", "value": 4.0} | change

    report = bench.bring([bench.row(system, **given), good], name="runs.csv")

    assert [(finding.where, finding.code) for finding in report.findings] == [(f"runs.csv!{place}", code)]
    assert (report.rows, report.left_out, report.is_stored, stored()) == (2, 1, False, 0)


def test_expired_lot_is_refused_on_the_days_after() -> None:
    bench = Bench.open()
    ControlLotFactory(lot="4471", level=1, expires_on=dt.date(2026, 11, 5))
    system = bench.system(levels=1)

    report = bench.bring(bench.rows(system, "05 06:00 0.1\n06 06:00 0.2"), name="runs.csv")

    assert [(finding.where, finding.code) for finding in report.findings] == [("runs.csv!D3", "expired-lot")]


def test_good_rows_are_stored_when_asked_for() -> None:
    bench = Bench.open()
    system = bench.system()
    rows = [bench.row(system, 1, "2026-11-05 06:00", 4.0), bench.row(system, 2, "2026-11-05 06:02", 6.0, lot="X")]

    report = bench.bring(rows, good_rows_only=True)

    assert (report.is_stored, report.values, report.left_out, stored()) == (True, 1, 1, 1)
    assert verdicts(system) == ["incomplete"]


def test_file_with_errors_can_be_brought_again_when_they_are_mended() -> None:
    bench = Bench.open()
    system = bench.system(levels=1)
    rows = [*bench.rows(system, "05 06:00 0.1"), bench.row(system, 2, "2026-11-05 06:02", 6.0)]
    bench.bring(rows, good_rows_only=True)
    bench.target(system, 2)

    report = bench.bring(rows)

    assert (report.values, report.unchanged, report.findings) == (1, 1, ())
    assert verdicts(system) == ["accepted"]


def test_same_file_again_changes_nothing() -> None:
    bench = Bench.open()
    rows = bench.rows(bench.system(), "05 06:00 0.4 -0.5\n06 06:00 1.7 3.4")
    bench.bring(rows)
    before = (stored(), ControlRun.objects.count(), Violation.objects.count(), Happening.objects.count())

    again = bench.bring(rows)

    assert again.is_known_file
    assert before == (stored(), ControlRun.objects.count(), Violation.objects.count(), Happening.objects.count())
    assert ControlFile.objects.count() == 1


def test_rows_that_overlap_with_an_earlier_file_are_left_as_they_are() -> None:
    bench = Bench.open()
    system = bench.system()
    bench.measure(system, "05 06:00 0.4 -0.5")

    report = bench.measure(system, "05 06:00 0.4 -0.5\n06 06:00 0.2 0.1")

    assert (report.values, report.unchanged, stored()) == (2, 2, 4)


def test_other_value_for_a_stored_control_is_refused() -> None:
    bench = Bench.open()
    system = bench.system()
    bench.measure(system, "05 06:00 0.4 -0.5")

    report = bench.bring(bench.rows(system, "05 06:00 0.9 -0.5"), name="runs.csv")

    assert [(finding.where, finding.code) for finding in report.findings] == [("runs.csv!G2", "already-stored")]
    assert (report.rows, report.unchanged) == (2, 1)


def test_exclusion_by_file_of_a_value_that_counts_is_refused() -> None:
    bench = Bench.open()
    system = bench.system(levels=1)
    bench.measure(system, "05 06:00 0.4")

    report = bench.bring([bench.row(system, 1, "2026-11-05 06:00", 4.04, excluded_reason="clot")], name="runs.csv")

    assert [(one.where, one.code) for one in report.findings] == [("runs.csv!K2", "stored-as-counted")]


def test_same_control_twice_in_a_file_is_a_duplicate() -> None:
    bench = Bench.open()
    system = bench.system(levels=1)

    report = bench.bring([bench.row(system, 1, "2026-11-05 06:00", value) for value in (4.0, 4.1)], name="runs.csv")

    assert [(one.where, one.code) for one in report.findings] == [("runs.csv!F3", "duplicate")]
    assert " 2 " in report.findings[0].message


def test_two_numbered_runs_at_one_instant_are_refused() -> None:
    bench = Bench.open()
    system = bench.system()
    rows = [
        bench.row(system, 1, "2026-11-05 06:00", 4.0, run="1"),
        bench.row(system, 2, "2026-11-05 06:00", 6.0, run="2"),
    ]

    report = bench.bring(rows, name="runs.csv")

    assert {(one.where, one.code) for one in report.findings} == {
        ("runs.csv!F2", "same-instant"),
        ("runs.csv!F3", "same-instant"),
    }


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"laboratory,procedure\nL1,P1", "missing-column", id="columns missing"),
        pytest.param(HEADER.encode(), "no-rows", id="no rows"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old-excel", id="old Excel"),
    ],
)
def test_file_that_is_no_table_of_runs_is_refused_as_a_whole(data: bytes, code: str) -> None:
    bench = Bench.open()

    report = actions.import_runs(data, "runs.csv", by=bench.technician, at=NOW, good_rows_only=True)

    assert code in {finding.code for finding in report.findings}
    assert not report.is_stored


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(["1 06:00", "2 06:59"], [2], id="within the gap"),
        pytest.param(["1 06:00", "2 07:01"], [1, 1], id="further apart than the gap"),
        pytest.param(["1 06:00", "2 06:02", "1 06:30", "2 06:32"], [2, 2], id="a level again begins a run"),
        pytest.param(["1 06:00", "1 06:50", "2 06:52"], [1, 2], id="a level joins the nearer run"),
        pytest.param(["2 06:30", "1 06:00", "2 06:02"], [2, 1], id="order of rows does not matter"),
        pytest.param(["1 06:00 #a", "2 09:00 #a"], [2], id="one number, one run"),
        pytest.param(["1 06:00 #a", "2 06:05 #b"], [1, 1], id="two numbers, two runs"),
    ],
)
def test_controls_form_runs(rows: list[str], expected: list[int]) -> None:
    bench = Bench.open()
    system = bench.system()
    lines = []
    for row in rows:
        level, time, *number = row.split()
        instant = f"2026-11-05 {time}"
        lines.append(bench.row(system, level, instant, 4.0 if level == "1" else 6.0, run="".join(number)))

    report = bench.bring(lines)

    assert report.findings == ()
    runs = ControlRun.objects.filter(procedure=system).order_by("measured_at")
    assert [run.results.count() for run in runs] == expected


def test_same_number_on_another_day_is_another_run() -> None:
    bench = Bench.open()
    system = bench.system()

    bench.bring(
        [
            bench.row(system, 1, "2026-11-05 06:00", 4.0, run="1"),
            bench.row(system, 2, "2026-11-06 06:00", 6.0, run="1"),
        ]
    )

    assert verdicts(system) == ["incomplete", "incomplete"]


def test_reset_event_parts_controls_that_lie_close_together() -> None:
    bench = Bench.open()
    system = bench.system()
    actions.record_reset([system.pk], "calibration", at_event=at("05 06:10"), by=bench.technician, at=NOW)

    bench.bring([bench.row(system, 1, "2026-11-05 06:00", 4.0), bench.row(system, 2, "2026-11-05 06:20", 6.0)])

    assert verdicts(system) == ["incomplete", "incomplete"]


def test_officer_and_clinician_import_nothing() -> None:
    bench = Bench.open()
    officer = UserFactory()
    bind(officer, "officer", bench.laboratory.facility.region)

    with pytest.raises(NotAllowed):
        actions.import_runs(b"", "runs.csv", by=officer, at=NOW)
    with pytest.raises(NotAllowed):
        actions.import_runs(b"", "runs.csv", by=UserFactory(), at=NOW)


def test_system_of_another_laboratory_is_unknown_to_a_technician_and_known_to_a_worker() -> None:
    bench, other = Bench.open(), Bench.open()
    rows = bench.rows(bench.system(), "05 06:00 0.4 -0.5")

    refused = other.bring(rows)
    worker = actions.import_runs("\n".join([HEADER, *rows]).encode(), "runs.csv", by=SystemUserFactory(), at=NOW)

    assert {finding.code for finding in refused.findings} == {"unknown-procedure"}
    assert worker.values == 2


def test_check_writes_nothing_and_says_what_would_be_stored() -> None:
    bench = Bench.open()
    data = "\n".join([HEADER, *bench.rows(bench.system(), "05 06:00 0.4 -0.5")]).encode()

    report = actions.check_runs(data, "runs.csv", by=bench.technician, at=NOW)

    assert (report.values, report.runs, report.is_stored, stored()) == (2, 1, False, 0)


def test_queries_of_an_import_do_not_grow_with_systems_and_runs() -> None:
    bench = Bench.open()
    few, many = [bench.system()], [bench.system() for _ in range(12)]
    days = "\n".join(f"{day:02} 06:00 0.{day % 7} 2.{day % 3}" for day in range(1, 15))
    with CaptureQueriesContext(connection) as small:
        bench.bring(bench.rows(few[0], "01 06:00 0.1 2.1\n02 06:00 3.3 0.4"))

    with CaptureQueriesContext(connection) as large:
        bench.bring([row for system in many for row in bench.rows(system, days)])

    assert len(large) == len(small) < 40
