"""What controls are held against: targets that a file brings, and the rows that the database refuses."""

from __future__ import annotations

import datetime as dt
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction
from tests.factories.core import UserFactory
from tests.factories.iqc import (
    ControlLotFactory,
    ControlRunFactory,
    ControlTargetFactory,
    CorrectiveActionFactory,
    ResetEventFactory,
    ViolationFactory,
)
from tests.integration.iqc.bench import NOW, Bench, verdicts

from lienthong.errors import NotAllowed
from lienthong.iqc import actions
from lienthong.iqc.models import ControlLot, ControlResult, ControlTarget
from lienthong.registry.models import Procedure

pytestmark = pytest.mark.django_db
COLUMNS = "laboratory,procedure,material,lot,level,expires_on,mean,sd,unit,valid_from"


def set_target(bench: Bench, system: Procedure, **change: object) -> list[str]:
    """Bring the target of one lot; return the codes of what is wrong with it."""
    given = {
        "laboratory": bench.laboratory.code,
        "procedure": system.code,
        "material": "Duotrol",
        "lot": "4471",
        "level": 1,
        "expires_on": "",
        "mean": 4.0,
        "sd": 0.1,
        "unit": "mmol/L",
        "valid_from": dt.date(2026, 10, 1),
    }
    row = ",".join(str((given | change)[name]) for name in COLUMNS.split(","))
    report = actions.import_targets(f"{COLUMNS}\n{row}".encode(), "targets.csv", by=bench.technician, at=NOW)
    return [finding.code for finding in report.findings]


def test_new_target_of_a_lot_ends_the_one_before_and_leaves_its_results() -> None:
    bench = Bench.open()
    system = bench.system(levels=0)
    set_target(bench, system)
    bench.measure(system, "05 06:00 1.0")

    set_target(bench, system, mean=4.2, valid_from=dt.date(2026, 11, 6))
    bench.bring([bench.row(system, 1, "2026-11-06 06:00", 4.1)])

    standing = ControlTarget.objects.known_at(None).order_by("valid_from")
    assert [(row.mean, row.valid_to) for row in standing] == [(4.0, dt.date(2026, 11, 6)), (4.2, None)]
    assert [round(z, 6) for z in ControlResult.objects.order_by("measured_at").values_list("z", flat=True)] == [1, -1]
    assert verdicts(system) == ["accepted", "accepted"]


def test_same_target_again_changes_nothing() -> None:
    bench = Bench.open()
    system = bench.system(levels=0)
    for _ in range(2):
        set_target(bench, system)

    assert ControlTarget.objects.count() == ControlLot.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"sd": 0.0}, "too-small", id="no spread"),
        pytest.param({"laboratory": "ANOTHER"}, "other-laboratory", id="another laboratory"),
        pytest.param({"unit": "mg/dL"}, "other-unit", id="another unit"),
        pytest.param({"expires_on": dt.date(2026, 9, 1)}, "expired-lot", id="expired before it begins"),
    ],
)
def test_target_with_a_fault_is_refused(change: dict[str, object], code: str) -> None:
    bench = Bench.open()
    system = bench.system(levels=0)

    assert set_target(bench, system, **change) == [code]
    assert not ControlTarget.objects.exists()


@pytest.mark.parametrize("day", [dt.date(2026, 9, 1), dt.date(2026, 10, 1)], ids=["before", "same day"])
def test_target_before_one_that_controls_were_held_against_is_refused(day: dt.date) -> None:
    bench = Bench.open()
    system = bench.system(levels=0)
    set_target(bench, system)
    bench.measure(system, "05 06:00 1.0")

    assert set_target(bench, system, mean=4.4, valid_from=day) == ["later-target"]
    assert [row.mean for row in ControlTarget.objects.known_at(None)] == [4.0]


@pytest.mark.parametrize("day", [dt.date(2026, 11, 10), dt.date(2026, 12, 1)], ids=["before", "same day"])
def test_mistyped_target_is_replaced_while_no_control_was_held_against_it(day: dt.date) -> None:
    bench = Bench.open()
    system = bench.system(levels=0)
    set_target(bench, system)
    bench.measure(system, "05 06:00 1.0")
    set_target(bench, system, mean=44.0, valid_from=dt.date(2026, 12, 1))

    findings = set_target(bench, system, mean=4.4, valid_from=day)

    standing = ControlTarget.objects.known_at(None).order_by("valid_from")
    assert findings == []
    assert [(row.mean, row.valid_from, row.valid_to) for row in standing] == [
        (4.0, dt.date(2026, 10, 1), day),
        (4.4, day, None),
    ]


def test_expiry_of_a_lot_that_was_not_known_is_noted_and_another_one_refused() -> None:
    bench = Bench.open()
    system = bench.system(levels=0)
    set_target(bench, system)

    noted = set_target(bench, system, expires_on=dt.date(2027, 12, 31))
    other = set_target(bench, system, expires_on=dt.date(2027, 11, 30))

    assert (noted, other) == ([], ["other-expiry"])
    assert ControlLot.objects.get().expires_on == dt.date(2027, 12, 31)
    assert ControlTarget.objects.count() == 1


def test_lot_of_a_file_has_one_day_of_expiry() -> None:
    bench = Bench.open()
    row = "{},{},Duotrol,4471,1,{},4.0,0.1,mmol/L,2026-10-01"
    systems = [bench.system(levels=0), bench.system(levels=0)]
    days = ("2027-12-31", "2027-11-30")
    rows = [row.format(bench.laboratory.code, one.code, day) for one, day in zip(systems, days, strict=True)]

    report = actions.check_targets("\n".join([COLUMNS, *rows]).encode(), "t.csv", by=bench.technician, at=NOW)

    assert [(one.where, one.code) for one in report.findings] == [("t.csv!F3", "other-expiry")]


def test_look_at_a_file_of_targets_writes_nothing_and_says_what_the_import_does() -> None:
    bench = Bench.open()
    system = bench.system(levels=0)
    row = f"{bench.laboratory.code},{system.code},Duotrol,4471,1,,4.0,0.1,mmol/L,2026-10-01"
    data = "\n".join([COLUMNS, row]).encode()

    seen = actions.check_targets(data, "targets.csv", by=bench.technician, at=NOW)
    before = ControlTarget.objects.count() + ControlLot.objects.count()
    stored = actions.import_targets(data, "targets.csv", by=bench.technician, at=NOW)

    assert before == 0
    assert (seen.targets, seen.is_stored) == (1, False)
    assert replace(stored, is_stored=False) == seen


def test_target_is_set_at_home_only() -> None:
    bench = Bench.open()
    system = bench.system(levels=0)
    bench.technician = UserFactory()

    with pytest.raises(NotAllowed):
        set_target(bench, system)


def test_file_of_targets_is_stored_whole_or_not_at_all() -> None:
    bench = Bench.open()
    system = bench.system(levels=0)
    good = f"{bench.laboratory.code},{system.code},Duotrol,4471,1,2027-12-31,4.0,0.1,mmol/L,2026-10-01"
    bad = f"{bench.laboratory.code},{system.code},Duotrol,4471,2,,6.0,0,mmol/L,2026-10-01"
    data = "\n".join([COLUMNS, good, bad]).encode()

    refused = actions.import_targets(data, "targets.csv", by=bench.technician, at=NOW)
    before = ControlTarget.objects.count()
    stored = actions.import_targets(data, "targets.csv", by=bench.technician, at=NOW, good_rows_only=True)
    again = actions.import_targets(data, "targets.csv", by=bench.technician, at=NOW, good_rows_only=True)

    assert [(one.where, one.code) for one in refused.findings] == [("targets.csv!H3", "too-small")]
    assert (before, stored.targets, again.targets, again.unchanged) == (0, 1, 0, 1)
    assert ControlLot.objects.get().expires_on == dt.date(2027, 12, 31)


def test_file_of_targets_names_unknown_systems_and_doubled_rows() -> None:
    bench = Bench.open()
    system = bench.system(levels=0)
    row = f"{bench.laboratory.code},{system.code},Duotrol,4471,1,,4.0,0.1,mmol/L,2026-10-01"
    data = "\n".join([COLUMNS, row, row, row.replace(system.code, "NO-SUCH")]).encode()

    report = actions.import_targets(data, "targets.csv", by=bench.technician, at=NOW)

    assert [finding.code for finding in report.findings] == ["duplicate", "unknown-procedure"]
    assert not ControlTarget.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_bring_the_first_target_of_a_lot_at_once_set_it_once() -> None:
    bench = Bench.open()
    system = bench.system(levels=0)
    gate = threading.Barrier(2)

    def bring(_person: int) -> list[str]:
        try:
            with transaction.atomic():
                gate.wait()
                found = set_target(bench, system)
                time.sleep(0.2)  # the other one comes meanwhile
            return found
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(bring, range(2)))

    assert found == [[], []]
    assert ControlTarget.objects.count() == ControlLot.objects.count() == 1


@pytest.mark.parametrize(
    ("make", "constraint"),
    [
        pytest.param(lambda: ControlLotFactory(level=0), "iqc_controllot_level", id="level 0"),
        pytest.param(lambda: ControlTargetFactory(sd=0.0), "iqc_controltarget_sd", id="no spread"),
        pytest.param(
            lambda: ControlTargetFactory(valid_to=dt.date(2019, 1, 1)), "iqc_controltarget_period", id="ends first"
        ),
        pytest.param(
            lambda: ControlTargetFactory(
                procedure=(first := ControlTargetFactory()).procedure, control_lot=first.control_lot
            ),
            "iqc_controltarget_one_open",
            id="two open targets of a lot",
        ),
        pytest.param(
            lambda: ControlRunFactory(procedure=ControlRunFactory().procedure), "iqc_controlrun_once", id="run twice"
        ),
        pytest.param(
            lambda: ViolationFactory(run=ViolationFactory().run), "iqc_violation_once", id="one rule twice in a run"
        ),
        pytest.param(lambda: ViolationFactory(cleared_at=NOW), "iqc_violation_cleared_whole", id="cleared by no run"),
        pytest.param(
            lambda: ViolationFactory(is_warning=True, bracket_from=NOW),
            "iqc_violation_warning_blocks_nothing",
            id="warning that holds results",
        ),
        pytest.param(
            lambda: CorrectiveActionFactory(action=""), "iqc_correctiveaction_says_what", id="action without words"
        ),
        pytest.param(
            lambda: CorrectiveActionFactory(done_at=NOW),
            "iqc_correctiveaction_done_before_recorded",
            id="done after it was recorded",
        ),
        pytest.param(
            lambda: ResetEventFactory(procedure=ResetEventFactory().procedure), "iqc_resetevent_once", id="event twice"
        ),
    ],
)
def test_database_refuses_what_must_not_be(make: object, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make()  # type: ignore[operator]
