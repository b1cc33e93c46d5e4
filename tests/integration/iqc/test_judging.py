"""Verdicts, brackets, and what a late run, a reset event or a new lot does to them."""

from __future__ import annotations

import itertools

import pytest
from tests.integration.iqc.bench import Bench, at, broken, verdicts

from lienthong.errors import BadInput, Conflict, NotAllowed
from lienthong.iqc import actions, reads
from lienthong.iqc.models import ControlResult, ControlRun, ResetEvent, Violation
from lienthong.registry.models import Procedure

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        pytest.param("01 06:00 0.1 3.1", [("01", "1_3s")], id="1-3s"),
        pytest.param("01 06:00 0.1 2.9", [], id="1-2s warns only"),
        pytest.param("01 06:00 2.1 0.1\n02 06:00 2.2 0.2", [("02", "2_2s")], id="2-2s within a level"),
        pytest.param("01 06:00 2.1 2.2", [("01", "2_2s_across")], id="2-2s across levels"),
        pytest.param("01 06:00 2.1 -2.2", [("01", "R_4s")], id="R-4s within a run"),
        pytest.param("01 06:00 2.1 .\n02 06:00 -2.2 .", [], id="R-4s not across runs"),
        pytest.param(
            "01 06:00 1.1 -0.1\n02 06:00 1.2 0.1\n03 06:00 1.3 -0.2\n04 06:00 1.1 0.1", [("04", "4_1s")], id="4-1s"
        ),
        pytest.param("01 06:00 1.1 1.2\n02 06:00 1.3 1.4", [("02", "4_1s_across")], id="4-1s across levels"),
        pytest.param(
            "\n".join(f"{day:02} 06:00 0.7 0.9" for day in range(1, 6)), [("05", "10x_across")], id="10x across levels"
        ),
    ],
)
def test_rules_of_the_policy_reject_within_and_across_levels(series: str, expected: list[tuple[str, str]]) -> None:
    bench = Bench.open()
    system = bench.system()

    bench.measure(system, series)

    assert broken(system) == expected


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        pytest.param("01 06:00 0.1 0.2", "accepted", id="accepted"),
        pytest.param("01 06:00 0.1 2.2", "warning", id="warning"),
        pytest.param("01 06:00 0.1 3.2", "rejected", id="rejected"),
        pytest.param("01 06:00 0.1 .", "incomplete", id="a level missing"),
        pytest.param("01 06:00 3.1 .", "rejected", id="rejected though a level is missing"),
    ],
)
def test_verdict_of_a_run(line: str, verdict: str) -> None:
    bench = Bench.open()
    system = bench.system()

    bench.measure(system, line)

    assert verdicts(system) == [verdict]


def test_bracket_reaches_from_the_last_accepted_run_to_the_clearing_one() -> None:
    bench = Bench.open()
    system = bench.system()
    bench.measure(system, "04 06:00 0.1 0.2\n05 06:00 0.1 .\n06 06:00 0.1 3.2")
    open_bracket = reads.brackets([system.pk])
    bench.act(system, now="06 08:00")
    bench.measure(system, "06 09:00 0.1 0.3")

    (closed,) = reads.brackets([system.pk])

    assert [(one.start, one.end) for one in open_bracket] == [(at("04 06:00"), None)]
    assert (closed.start, closed.end, closed.rule) == (at("04 06:00"), at("06 09:00"), "1_3s")


def test_bracket_without_an_accepted_run_before_it_is_open_to_the_past() -> None:
    bench = Bench.open()
    system = bench.system()

    bench.measure(system, "06 06:00 0.1 3.2")

    assert [bracket.start for bracket in reads.brackets([system.pk])] == [None]


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        pytest.param("03 00:00", "04 00:00", 0, id="before"),
        pytest.param("03 00:00", "04 06:00", 0, id="ends where the bracket starts"),
        pytest.param("05 00:00", "05 12:00", 1, id="within"),
        pytest.param("06 09:00", "07 00:00", 1, id="starts at the clearing run"),
        pytest.param("06 09:01", "07 00:00", 0, id="after"),
    ],
)
def test_brackets_of_a_period_are_those_that_reach_into_it(start: str, end: str, found: int) -> None:
    bench = Bench.open()
    system = bench.system()
    bench.measure(system, "04 06:00 0.1 0.2\n06 06:00 0.1 3.2")
    bench.act(system, now="06 08:00")
    bench.measure(system, "06 09:00 0.1 0.3")

    assert len(reads.brackets([system.pk], start=at(start), end=at(end))) == found


def test_late_run_leaves_earlier_verdicts_and_judges_later_ones_anew() -> None:
    bench = Bench.open()
    system = bench.system(levels=1)
    bench.measure(system, "01 06:00 2.1\n03 06:00 0.1\n05 06:00 2.3")
    before = verdicts(system)

    bench.measure(system, "04 06:00 2.2")

    assert before == ["warning", "accepted", "warning"]
    assert verdicts(system) == ["warning", "accepted", "warning", "rejected"]
    assert broken(system) == [("05", "2_2s")]
    assert [bracket.start for bracket in reads.brackets([system.pk])] == [at("04 06:00")]


def test_late_run_that_breaks_a_sequence_withdraws_the_violation_and_keeps_its_row() -> None:
    bench = Bench.open()
    system = bench.system(levels=1)
    bench.measure(system, "01 06:00 2.1\n03 06:00 2.3")
    assert broken(system) == [("03", "2_2s")]

    bench.measure(system, "02 06:00 0.1")

    assert broken(system) == []
    assert verdicts(system) == ["warning", "accepted", "warning"]
    assert Violation.objects.get(rule="2_2s").withdrawn_at is not None
    assert reads.brackets([system.pk]) == []


def test_late_accepted_run_shortens_the_bracket_and_clears_earlier() -> None:
    bench = Bench.open()
    system = bench.system()
    bench.measure(system, "01 06:00 0.1 0.2\n03 06:00 0.1 3.2")
    bench.act(system, now="03 08:00")
    bench.measure(system, "03 10:00 0.1 0.2")

    bench.measure(system, "02 06:00 0.1 0.3\n03 09:00 -0.1 0.1")

    assert [(one.start, one.end) for one in reads.brackets([system.pk])] == [(at("02 06:00"), at("03 09:00"))]


def test_late_level_completes_its_run() -> None:
    bench = Bench.open()
    system = bench.system()
    bench.measure(system, "01 06:00 0.1 .")
    assert verdicts(system) == ["incomplete"]

    bench.measure(system, "01 06:00 . 0.2")

    assert verdicts(system) == ["accepted"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_order_of_import_does_not_matter(order: tuple[int, ...]) -> None:
    bench = Bench.open()
    system = bench.system(levels=1)
    lines = ["01 06:00 2.1", "02 06:00 2.2", "03 06:00 0.1", "04 06:00 3.3"]

    for place in order:
        bench.measure(system, lines[place])

    assert verdicts(system) == ["warning", "rejected", "accepted", "rejected"]
    assert broken(system) == [("02", "2_2s"), ("04", "1_3s")]
    assert [one.start for one in reads.brackets([system.pk])] == [at("01 06:00"), at("03 06:00")]


def one_side(days: range) -> str:
    return "\n".join(f"{day:02} 06:00 0.6" for day in days)


def test_reset_event_begins_sequences_anew() -> None:
    bench = Bench.open()
    system = bench.system(levels=1)
    actions.record_reset([system.pk], "calibration", at_event=at("05 18:00"), by=bench.technician, at=at("05 18:00"))

    bench.measure(system, one_side(range(1, 15)))

    assert broken(system) == []


def test_reset_event_recorded_late_withdraws_what_it_explains() -> None:
    bench = Bench.open()
    system = bench.system(levels=1)
    bench.measure(system, one_side(range(1, 12)))
    assert broken(system) == [("10", "10x"), ("11", "10x")]

    outcome = actions.record_reset(
        [system.pk], "maintenance", at_event=at("05 18:00"), by=bench.technician, at=at("12 18:00")
    )

    assert broken(system) == []
    assert outcome.withdrawn == 2
    assert set(verdicts(system)) == {"accepted"}


def test_reset_event_does_not_forgive_a_single_value() -> None:
    bench = Bench.open()
    system = bench.system(levels=1)
    actions.record_reset([system.pk], "calibration", at_event=at("01 05:00"), by=bench.technician, at=at("02 05:00"))

    bench.measure(system, "01 06:00 3.2")

    assert broken(system) == [("01", "1_3s")]


def test_same_reset_event_again_changes_nothing() -> None:
    bench = Bench.open()
    system = bench.system()
    for _ in range(2):
        outcome = actions.record_reset(
            [system.pk], "calibration", at_event=at("05 18:00"), by=bench.technician, at=at("06 18:00")
        )

    assert ResetEvent.objects.count() == 1
    assert outcome.systems == 0


@pytest.mark.parametrize(
    ("kind", "when", "code"),
    [
        pytest.param("moon", "05 18:00", "not-a-choice", id="unknown kind"),
        pytest.param("calibration", "07 18:00", "in-the-future", id="in the future"),
    ],
)
def test_reset_event_with_a_fault_is_refused(kind: str, when: str, code: str) -> None:
    bench = Bench.open()

    with pytest.raises(BadInput) as refused:
        actions.record_reset([bench.system().pk], kind, at_event=at(when), by=bench.technician, at=at("06 18:00"))

    assert [finding.code for finding in refused.value.findings] == [code]


def test_new_control_lot_begins_sequences_anew() -> None:
    bench = Bench.open()
    system = bench.system(levels=1)
    bench.target(system, 1, lot="4472")
    bench.measure(system, one_side(range(1, 8)))

    bench.measure(system, one_side(range(8, 15)), lot="4472")

    assert broken(system) == []


def test_change_of_lot_is_remembered_when_its_first_runs_lie_far_back() -> None:
    bench = Bench.open()
    system = bench.system()
    bench.target(system, 1, lot="4472")
    bench.measure(system, "01 06:00 0.1 0.6\n02 06:00 -0.1 0.6\n03 06:00 0.1 0.6\n04 06:00 -0.1 0.6")
    alternating = "\n".join(f"{day:02} 06:00 {'-' if day % 2 else ''}0.1 ." for day in range(5, 20))
    bench.measure(system, alternating, lot="4472")

    bench.measure(system, "\n".join(f"{day:02} 07:30 . 0.6" for day in range(20, 28)))

    assert broken(system) == []


def test_excluded_value_takes_part_in_no_rule_and_leaves_its_level_missing() -> None:
    bench = Bench.open()
    system = bench.system()
    bench.measure(system, "01 06:00 2.1 0.1\n02 06:00 9.0 0.2\n03 06:00 0.1 0.2")
    wild = ControlResult.objects.get(z__gt=8)

    actions.exclude_result(wild.pk, "wrong vial", by=bench.technician, at=at("04 08:00"))

    assert broken(system) == []
    assert verdicts(system) == ["warning", "incomplete", "accepted"]
    assert ControlResult.objects.get(pk=wild.pk).value == wild.value


def test_exclusion_needs_a_reason_happens_once_and_only_at_home() -> None:
    bench, other = Bench.open(), Bench.open()
    system = bench.system()
    bench.measure(system, "01 06:00 9.0 0.1")
    wild = ControlResult.objects.get(z__gt=8)

    with pytest.raises(NotAllowed):
        actions.exclude_result(wild.pk, "clot", by=other.technician, at=at("04 08:00"))
    with pytest.raises(BadInput):
        actions.exclude_result(wild.pk, " ", by=bench.technician, at=at("04 08:00"))
    actions.exclude_result(wild.pk, "clot", by=bench.technician, at=at("04 08:00"))
    with pytest.raises(Conflict):
        actions.exclude_result(wild.pk, "clot", by=bench.technician, at=at("04 08:00"))


def test_members_of_a_violation_are_the_values_in_it() -> None:
    bench = Bench.open()
    system = bench.system(levels=1)

    bench.measure(system, "01 06:00 0.1\n02 06:00 2.1\n03 06:00 2.3")

    members = Violation.objects.get(rule="2_2s").members.order_by("measured_at")
    assert [round(score, 6) for score in members.values_list("z", flat=True)] == [2.1, 2.3]


def test_systems_are_judged_apart() -> None:
    bench = Bench.open()
    first, second = bench.system(levels=1), bench.system(levels=1)

    bench.bring([*bench.rows(first, "01 06:00 2.1"), *bench.rows(second, "01 06:10 2.3")])

    assert broken(first) == broken(second) == []


def test_context_read_back_gives_what_the_whole_series_gives() -> None:
    bench = Bench.open()
    at_once, day_by_day = bench.system(), bench.system()
    scores = [
        0.5,
        2.2,
        -0.3,
        1.2,
        1.4,
        1.1,
        1.6,
        0.2,
        0.3,
        0.9,
        2.1,
        2.4,
        -3.1,
        0.1,
        -2.2,
        -0.4,
        -0.6,
        -0.2,
        -0.1,
        -0.8,
    ]
    lines = [f"{day:02} 06:00 {score} {score / 2}" for day, score in enumerate(scores, start=1)]

    bench.measure(at_once, "\n".join(lines))
    for line in lines:
        bench.measure(day_by_day, line)

    assert verdicts(at_once) == verdicts(day_by_day)
    assert broken(at_once) == broken(day_by_day) != []


def run_of(system: Procedure, day: str) -> ControlRun:
    return ControlRun.objects.get(procedure=system, measured_at=at(f"{day} 06:00"))


def test_typed_run_tells_its_verdict_and_rules() -> None:
    bench = Bench.open()
    system = bench.system()

    outcome = actions.record_run(
        system.pk, {1: 4.17, 2: 6.68}, measured_at=at("06 06:00"), by=bench.technician, at=at("06 06:05")
    )

    assert (outcome.verdict, outcome.rules) == ("rejected", ("1_3s",))
    assert run_of(system, "06").pk == outcome.run_id


@pytest.mark.parametrize(
    ("values", "when", "code"),
    [
        pytest.param({}, "06 06:00", "empty", id="no value"),
        pytest.param({1: 4.0}, "06 07:00", "in-the-future", id="in the future"),
        pytest.param({3: 4.0}, "06 06:00", "unknown-level", id="unknown level"),
        pytest.param({1: float("nan")}, "06 06:00", "not-a-number", id="not a number"),
    ],
)
def test_typed_run_with_a_fault_is_refused(values: dict[int, float], when: str, code: str) -> None:
    bench = Bench.open()
    system = bench.system()

    with pytest.raises(BadInput) as refused:
        actions.record_run(system.pk, values, measured_at=at(when), by=bench.technician, at=at("06 06:30"))

    assert [finding.code for finding in refused.value.findings] == [code]
    assert not ControlRun.objects.exists()


def test_two_runs_at_one_instant_are_refused() -> None:
    bench = Bench.open()
    system = bench.system()
    bench.measure(system, "06 06:00 0.1 0.2")

    with pytest.raises(Conflict):
        actions.record_run(system.pk, {1: 4.0}, measured_at=at("06 06:00"), by=bench.technician, at=at("06 06:30"))
