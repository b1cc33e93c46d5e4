"""A broken rule, what is done about it, and the run that clears it."""

from __future__ import annotations

import pytest
from tests.integration.iqc.bench import Bench, at, broken, state, verdicts

from lienthong.errors import BadInput, Conflict, NotAllowed, NotFound
from lienthong.iqc import actions, reads
from lienthong.iqc.models import CorrectiveAction, Violation

pytestmark = pytest.mark.django_db


def test_rejection_is_cleared_by_cause_action_and_the_first_accepted_run_after_it() -> None:
    bench = Bench.open()
    potassium = bench.system()
    bench.measure(potassium, "05 06:00 0.4 -0.5\n06 06:00 1.7 3.4")
    assert state(potassium, "06 07:00") == "out_of_control"

    outcome = bench.act(potassium, now="06 08:00")
    waiting = state(potassium, "06 08:30")
    bench.measure(potassium, "06 09:00 0.2 0.3")

    assert (outcome.cleared, waiting) == (0, "out_of_control")
    assert state(potassium, "06 09:10") == "in_control"
    violation = Violation.objects.get(procedure=potassium, rule="1_3s")
    assert (violation.level, violation.cleared_at) == (2, at("06 09:00"))
    assert [bracket.end for bracket in reads.brackets([potassium.pk])] == [at("06 09:00")]


@pytest.mark.parametrize(
    ("repeat", "cleared"),
    [
        pytest.param("06 09:00 0.2 0.3", True, id="all levels in control"),
        pytest.param("06 09:00 0.2 2.4", True, id="a warning passes"),
        pytest.param("06 09:00 0.2 .", False, id="a level missing"),
        pytest.param("06 09:00 0.2 3.3", False, id="rejected again"),
        pytest.param("06 07:30 0.2 0.3", False, id="before the action"),
    ],
)
def test_run_after_the_action_clears_only_if_complete_and_accepted(repeat: str, cleared: bool) -> None:
    bench = Bench.open()
    potassium = bench.system()
    bench.measure(potassium, "05 06:00 0.4 -0.5\n06 06:00 1.7 3.4")
    bench.act(potassium, now="06 08:00")

    bench.measure(potassium, repeat)

    first = Violation.objects.get(procedure=potassium, rule="1_3s", run__measured_at=at("06 06:00"))
    assert (first.cleared_by is not None) is cleared


def test_accepted_run_without_an_action_clears_nothing() -> None:
    bench = Bench.open()
    potassium = bench.system()

    bench.measure(potassium, "05 06:00 0.4 -0.5\n06 06:00 1.7 3.4\n07 06:00 0.1 0.2")

    assert verdicts(potassium) == ["accepted", "rejected", "accepted"]
    assert state(potassium, "07 07:00") == "out_of_control"


def test_action_without_a_cause_found_clears_nothing_until_the_cause_is_known() -> None:
    bench = Bench.open()
    potassium = bench.system()
    bench.measure(potassium, "05 06:00 0.4 -0.5\n06 06:00 1.7 3.4")
    bench.act(potassium, now="06 08:00", cause="not_found")
    bench.measure(potassium, "06 09:00 0.2 0.3")
    assert state(potassium, "06 09:10") == "out_of_control"

    bench.act(potassium, now="06 10:00", cause="reagent")
    bench.measure(potassium, "06 11:00 0.2 0.3")

    assert state(potassium, "06 11:10") == "in_control"


def test_lamp_that_breaks_fourteen_analytes_is_answered_by_one_action() -> None:
    bench = Bench.open()
    systems = [bench.system() for _ in range(14)]
    bench.bring([row for one in systems for row in bench.rows(one, "05 06:00 0.4 -0.5\n06 06:00 -3.3 -3.6")])
    assert {state(one, "06 07:00") for one in systems} == {"out_of_control"}

    outcome = bench.act(*systems, now="06 08:00", cause="instrument")
    bench.bring([row for one in systems for row in bench.rows(one, "06 09:00 0.3 -0.4")])

    assert CorrectiveAction.objects.count() == 1
    answered = CorrectiveAction.objects.get(pk=outcome.action_id).violations
    assert set(answered.values_list("procedure_id", flat=True)) == {one.pk for one in systems}
    assert {state(one, "06 10:00") for one in systems} == {"in_control"}


def test_action_recorded_late_is_cleared_by_the_runs_that_followed_it() -> None:
    bench = Bench.open()
    potassium = bench.system()
    bench.measure(potassium, "05 06:00 0.4 -0.5\n06 06:00 1.7 3.4\n06 07:00 0.1 0.2\n07 06:00 0.2 0.1")
    ids = list(Violation.objects.open().values_list("pk", flat=True))

    outcome = actions.record_action(
        ids, "calibration", "Calibrated.", by=bench.technician, at=at("08 10:00"), done_at=at("06 06:40")
    )

    assert outcome.cleared == len(ids)
    assert {bracket.end for bracket in reads.brackets([potassium.pk])} == {at("06 07:00")}
    assert state(potassium, "06 06:30") == "out_of_control"
    assert state(potassium, "06 07:30") == "in_control"


def test_removed_cause_begins_the_sequences_anew() -> None:
    bench = Bench.open()
    potassium = bench.system(levels=1)
    ten = "\n".join(f"{day:02} 06:00 0.5" for day in range(1, 11))
    bench.measure(potassium, ten)
    assert broken(potassium) == [("10", "10x")]

    bench.act(potassium, now="10 08:00")
    bench.measure(potassium, "10 09:00 0.4")

    assert broken(potassium) == [("10", "10x")]
    assert state(potassium, "10 09:10") == "in_control"


@pytest.mark.parametrize(
    ("cause", "action", "now", "done_at", "code"),
    [
        pytest.param("calibration", "  ", "06 08:00", None, "empty", id="no action"),
        pytest.param("weather", "Waited.", "06 08:00", None, "not-a-choice", id="no cause"),
        pytest.param("reagent", "New.", "06 08:00", "06 09:00", "in-the-future", id="done in the future"),
        pytest.param("reagent", "New.", "06 08:00", "06 05:00", "before-the-run", id="done before the run"),
    ],
)
def test_action_that_lacks_something_is_refused_by_field(
    cause: str, action: str, now: str, done_at: str | None, code: str
) -> None:
    bench = Bench.open()
    bench.measure(bench.system(), "06 06:00 1.7 3.4")
    ids = list(Violation.objects.open().values_list("pk", flat=True))

    with pytest.raises(BadInput) as refused:
        actions.record_action(
            ids, cause, action, by=bench.technician, at=at(now), done_at=at(done_at) if done_at else None
        )

    assert [finding.code for finding in refused.value.findings] == [code]
    assert not CorrectiveAction.objects.exists()


def test_action_on_a_cleared_violation_is_refused() -> None:
    bench = Bench.open()
    potassium = bench.system()
    bench.measure(potassium, "06 06:00 1.7 3.4")
    ids = list(Violation.objects.open().values_list("pk", flat=True))
    bench.act(potassium, now="06 08:00")
    bench.measure(potassium, "06 09:00 0.1 0.2")

    with pytest.raises(Conflict):
        actions.record_action(ids, "reagent", "Again.", by=bench.technician, at=at("06 10:00"))


def test_action_is_refused_to_another_laboratory_and_for_unknown_violations() -> None:
    bench, other = Bench.open(), Bench.open()
    bench.measure(bench.system(), "06 06:00 1.7 3.4")
    ids = list(Violation.objects.open().values_list("pk", flat=True))

    with pytest.raises(NotAllowed):
        actions.record_action(ids, "reagent", "New.", by=other.technician, at=at("06 08:00"))
    with pytest.raises(NotFound):
        actions.record_action([ids[0], 10**9], "reagent", "New.", by=bench.technician, at=at("06 08:00"))
    with pytest.raises(BadInput):
        actions.record_action([], "reagent", "New.", by=bench.technician, at=at("06 08:00"))
