"""Control values of analysers: stored in runs, judged as those typed in, never twice, never over another value."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from tests.integration.iqc.bench import NOW, Bench, at, stored, verdicts

from lienthong.core.actions import system_user
from lienthong.core.models import AuditEvent, User
from lienthong.errors import NotAllowed
from lienthong.iqc.actions import GivenControl, Recorded, record_controls
from lienthong.iqc.models import ControlLot
from lienthong.registry.models import Procedure

pytestmark = pytest.mark.django_db


def given(
    system: Procedure, value: str, when: str = "05 06:00", *, level: int = 1, unit: str = "mmol/L"
) -> GivenControl:
    return GivenControl(
        where=f"OBX({level})-5",
        procedure_id=system.pk,
        control_lot_id=ControlLot.objects.get(lot="4471", level=level).pk,
        value=Decimal(value),
        unit=unit,
        measured_at=at(when),
    )


def record(*controls: GivenControl, by: User | None = None, now: dt.datetime = NOW) -> Recorded:
    return record_controls(controls, source="BS", by=by or system_user("exchange"), at=now)


def test_values_form_runs_that_are_judged_by_the_rules() -> None:
    system = Bench.open().system()

    done = record(
        *(given(system, "4.05"), given(system, "6.1", "05 06:05", level=2)),
        *(given(system, "4.35", "06 06:00"), given(system, "6.0", "06 06:02", level=2)),
    )

    assert (done.stored, done.rejections) == (frozenset(range(4)), 1)
    assert verdicts(system) == ["accepted", "rejected"]
    event = AuditEvent.objects.get(action="receive-control-runs")
    assert (event.detail["values"], event.detail["runs"]) == (4, 2)


def test_values_that_are_stored_change_nothing() -> None:
    system = Bench.open().system()
    record(given(system, "4.05"))

    done = record(given(system, "4.05"), given(system, "4.05"))

    assert (done.stored, done.unchanged, dict(done.refused)) == (frozenset(), frozenset({0, 1}), {})
    assert stored() == 1


def test_value_typed_in_before_is_the_same_run() -> None:
    bench = Bench.open()
    system = bench.system()
    bench.measure(system, "05 06:00 0.5 .")

    assert record(given(system, "4.05")).unchanged == frozenset({0})


def test_other_values_of_the_same_control_are_refused() -> None:
    system = Bench.open().system()

    done = record(given(system, "4.05"), given(system, "4.06"))
    again = record(given(system, "4.07"))

    assert [(place, one.where, one.code) for place, one in done.refused.items()] == [(1, "OBX(1)-5", "duplicate")]
    assert again.refused[0].code == "already-stored"
    assert stored() == 1


def test_fault_of_one_value_leaves_the_others() -> None:
    system = Bench.open().system()

    done = record(given(system, "4.05"), given(system, "6.0", "05 06:00", level=2, unit="%"))

    assert done.stored == frozenset({0})
    assert list(done.refused) == [1]


def test_technician_of_another_laboratory_records_nothing() -> None:
    system = Bench.open().system()

    with pytest.raises(NotAllowed):
        record(given(system, "4.05"), by=Bench.open().technician)
