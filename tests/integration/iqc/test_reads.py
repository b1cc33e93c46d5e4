"""What other apps read: states now and then, and evidence for grants."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.registry import RegionFactory
from tests.integration.iqc.bench import Bench, at, state

from lienthong.iqc import reads

pytestmark = pytest.mark.django_db
START, END = dt.date(2026, 11, 1), dt.date(2026, 11, 10)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        pytest.param("05 05:59", "no_evidence", id="before the first run"),
        pytest.param("05 06:00", "in_control", id="at the run"),
        pytest.param("06 08:00", "in_control", id="26 hours after it"),
        pytest.param("06 08:01", "no_evidence", id="longer than the policy allows"),
    ],
)
def test_state_is_no_evidence_once_the_last_accepted_run_is_too_old(when: str, expected: str) -> None:
    bench = Bench.open()
    system = bench.system()
    bench.measure(system, "05 06:00 0.1 0.2")

    assert state(system, when) == expected


def test_evidence_lasts_as_long_as_the_policy_of_the_region_says() -> None:
    vietnam, china = Bench.open(), Bench.open(region="CN")
    systems = [vietnam.system(), china.system()]
    vietnam.measure(systems[0], "05 06:00 0.1 0.2")
    china.measure(systems[1], "05 06:00 0.1 0.2")

    assert [state(system, "06 07:00") for system in systems] == ["in_control", "no_evidence"]


def test_incomplete_run_is_no_evidence() -> None:
    bench = Bench.open()
    system = bench.system()

    bench.measure(system, "05 06:00 0.1 .")

    assert state(system, "05 07:00") == "no_evidence"


def test_state_tells_the_runs_and_rules_that_it_rests_on() -> None:
    bench = Bench.open()
    system = bench.system()
    bench.measure(system, "05 06:00 0.1 0.2\n06 06:00 2.2 3.4")

    found = reads.states([system.pk], at=at("06 07:00"))[system.pk]

    assert (found.state, found.last_run_at, found.last_accepted_at) == (
        "out_of_control",
        at("06 06:00"),
        at("05 06:00"),
    )
    assert found.open_rules == ("1_3s", "2_2s_across")


def test_states_at_instants_are_those_of_then() -> None:
    bench = Bench.open()
    first, second = bench.system(), bench.system()
    bench.measure(first, "05 06:00 0.1 0.2\n05 12:00 0.1 3.4")
    bench.act(first, now="05 13:00")
    bench.measure(first, "05 14:00 0.1 0.2")
    pairs = [(first.pk, at(f"05 {time}")) for time in ("05:00", "07:00", "12:30", "13:30", "15:00")]

    found = reads.states_at([*pairs, (second.pk, at("05 07:00"))])

    assert [found[pair].state for pair in pairs] == [
        *("no_evidence", "in_control"),
        *("out_of_control", "out_of_control", "in_control"),
    ]
    assert found[second.pk, at("05 07:00")].state == "no_evidence"


def test_states_of_nothing_and_of_the_unknown_are_none() -> None:
    assert reads.states([], at=at("05 07:00")) == {}
    assert reads.states([10**9], at=at("05 07:00")) == {}


def test_queries_of_states_do_not_grow_with_systems_or_instants() -> None:
    bench = Bench.open()
    systems = [bench.system() for _ in range(8)]
    with CaptureQueriesContext(connection) as few:
        reads.states_at([(systems[0].pk, at("05 07:00"))])

    with CaptureQueriesContext(connection) as many:
        reads.states_at([(system.pk, at(f"05 0{hour}:00")) for system in systems for hour in range(9)])

    assert len(many) == len(few)


def test_evidence_counts_covered_days_and_the_oldest_open_violation() -> None:
    bench = Bench.open()
    system = bench.system()
    days = "\n".join(f"{day:02} 06:00 0.1 -0.1" for day in (1, 2, 3, 5, 6, 7))
    bench.measure(system, f"{days}\n08 06:00 0.1 3.4\n09 06:00 0.2 0.1\n10 06:00 0.1 -3.6")

    found = reads.evidence([system.pk], start=START, end=END)[system.pk]

    assert (found.days_measured, found.days_covered, found.open_since) == (10, 7, dt.date(2026, 11, 8))


def test_evidence_over_known_days_of_measurement_asks_those_only() -> None:
    bench = Bench.open()
    system = bench.system()
    bench.measure(system, "02 06:00 0.1 -0.1\n03 06:00 0.2 0.1")
    measured = {system.pk: [dt.date(2026, 10, 31), dt.date(2026, 11, 2), dt.date(2026, 11, 3), dt.date(2026, 11, 4)]}

    found = reads.evidence([system.pk], start=START, end=END, measured_days=measured)[system.pk]

    assert (found.days_measured, found.days_covered) == (3, 2)


def test_evidence_days_are_those_of_the_facility() -> None:
    bench = Bench.open()
    system = bench.system()
    bench.measure(system, "01 00:30 0.1 -0.1")  # 31 October 17:30 UTC

    found = reads.evidence([system.pk], start=START, end=START)[system.pk]

    assert (found.days_measured, found.days_covered) == (1, 1)


def test_evidence_gives_the_larger_cv_without_rejected_and_excluded_values() -> None:
    bench = Bench.open()
    system = bench.system()
    # Level 1 at 3.9, 4.0, 4.1: CV 2.5 %. Level 2 at 5.8, 6.0, 6.2: CV 3.333 %.
    bench.measure(system, "01 06:00 -1 -1\n02 06:00 0 0\n03 06:00 1 1\n04 06:00 5 0")

    found = reads.evidence([system.pk], start=START, end=END)[system.pk]

    assert found.cv_percent == pytest.approx(100 * 0.2 / 6.0)


def test_evidence_of_a_violation_cleared_within_the_period_is_closed() -> None:
    bench = Bench.open()
    system = bench.system()
    bench.measure(system, "04 06:00 0.1 3.4")
    bench.act(system, now="04 08:00")
    bench.measure(system, "06 06:00 0.1 0.2")

    until = [reads.evidence([system.pk], start=START, end=dt.date(2026, 11, day))[system.pk] for day in (5, 6)]

    assert [found.open_since for found in until] == [dt.date(2026, 11, 4), None]


def test_system_without_any_run_has_no_evidence_to_show() -> None:
    bench = Bench.open()

    assert reads.evidence([bench.system().pk], start=START, end=END) == {}


def test_region_below_the_nation_is_judged_by_the_nations_pack() -> None:
    province = RegionFactory(code="VN-HD", parent=RegionFactory(code="VN"))
    bench = Bench.open(region=province.code)
    system = bench.system()

    bench.measure(system, "05 06:00 0.1 3.2")

    assert state(system, "05 07:00") == "out_of_control"
