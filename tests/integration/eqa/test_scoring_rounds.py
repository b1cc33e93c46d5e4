"""A round from its results to the evidence, against numbers worked out otherwise."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import pytest
from tests.integration.eqa.conftest import AFTER, FINAL, NOW, Scene

from lienthong.eqa import actions
from lienthong.eqa.models import AssignedValue, ProcedureScore, Round, SampleResult
from lienthong.errors import Conflict, NotAllowed

ALLOWED_SHARE = 0.10  # phosphate, in the pack of Viet Nam
DIVISOR = 3


def plain_algorithm_a(values: Sequence[float]) -> tuple[float, float]:
    """Winsorise and average until nothing moves: the loop of ISO 13528, C.3.1, without arrays."""
    x = statistics.median(values)
    s = 1.483 * statistics.median(abs(value - x) for value in values)
    for _ in range(5000):
        held = [min(max(value, x - 1.5 * s), x + 1.5 * s) for value in values]
        x, s = statistics.fmean(held), 1.134 * statistics.stdev(held)
    return x, s


def plain_z(value: float, values: Sequence[float]) -> float:
    x, s = plain_algorithm_a(values)
    sigma, u = ALLOWED_SHARE * x / DIVISOR, 1.25 * s / math.sqrt(len(values))
    return (value - x) / (sigma if u < 0.3 * sigma else math.hypot(sigma, u))


def scores(round_id: int) -> dict[int, ProcedureScore]:
    return {score.procedure_id: score for score in ProcedureScore.objects.current().filter(round=round_id)}


def test_score_round_with_five_laboratories_fails_the_one_that_is_plainly_wrong(scene: Scene) -> None:
    values = [39.5, 40, 40.5, 41, 80]
    scene.open_round()
    scene.take_part(5)
    scene.return_results(*((place, "A", value) for place, value in enumerate(values)))

    outcome = scene.score()

    verdicts = [scores(scene.round_id)[procedure.pk] for procedure in scene.procedures]
    assert [score.passed for score in verdicts] == [True, True, True, True, False]
    assert [score.percent for score in verdicts] == [100, 100, 100, 100, 0]
    assert verdicts[4].z_verdict == "unsatisfactory"
    assert (outcome.passed, outcome.failed, outcome.not_evaluated, outcome.findings) == (4, 1, 0, ())


def test_scores_equal_the_plain_loop_by_peer_group_and_for_all(scene: Scene) -> None:
    first = [1.28, 1.31, 1.30, 1.33, 1.29, 1.30, 1.36, 1.55]
    second = [1.52, 1.49, 1.50, 1.51, 1.47, 1.53, 1.50]
    few = [1.40, 1.38]
    scene.open_round()
    for group, values in (("one", first), ("two", second), ("few", few)):
        scene.take_part(len(values), group=group)
    everyone = first + second + few
    scene.return_results(*((place, "A", value) for place, value in enumerate(everyone)))

    scene.score()

    found = {result.enrolment.procedure_id: result for result in SampleResult.objects.select_related("enrolment")}
    peers = [first] * len(first) + [second] * len(second) + [everyone] * len(few)
    for procedure, value, group in zip(scene.procedures, everyone, peers, strict=True):
        x, _ = plain_algorithm_a(group)
        assert found[procedure.pk].z == pytest.approx(plain_z(value, group), rel=1e-9)
        assert found[procedure.pk].d_percent == pytest.approx(100 * (value - x) / x, rel=1e-9)
        assert found[procedure.pk].is_acceptable == (abs(value - x) <= ALLOWED_SHARE * x)


def test_small_group_is_judged_against_all_and_the_assigned_values_are_kept(scene: Scene) -> None:
    scene.open_round()
    scene.take_part(6, group="large")
    small = scene.take_part(5, group="small")
    values = [4.0, 4.1, 4.05, 3.95, 4.0, 4.02, 4.4, 4.41, 4.39, 4.42, 4.4]
    scene.return_results(*((place, "A", value) for place, value in enumerate(values)))

    scene.score()

    kept = {value.peer_group: value for value in AssignedValue.objects.all()}
    assert set(kept) == {"", "large"}
    assert (kept[""].participants, kept["large"].participants) == (11, 6)
    x, s = plain_algorithm_a(values)
    assert (kept[""].x_pt, kept[""].s_star) == pytest.approx((x, s), rel=1e-9)
    assert kept[""].u_x_pt == pytest.approx(1.25 * s / math.sqrt(11), rel=1e-9)
    judged = SampleResult.objects.filter(enrolment__procedure__in=small)
    assert {result.judged_against_id for result in judged} == {kept[""].pk}
    assert Round.objects.get(pk=scene.round_id).min_peer_group == 6


@pytest.mark.parametrize(("verdict_read", "passed"), [("z", False), ("percent", True)])
def test_scheme_names_the_verdict_that_counts(scene: Scene, verdict_read: str, passed: bool) -> None:
    samples = ("A", "B", "C", "D", "E")
    scene.open_round(samples=samples, verdict_read=verdict_read)
    wrong, *_ = scene.take_part(7)
    rows = [(place, sample, 1.0 + 0.001 * place) for place in range(1, 7) for sample in samples]
    rows += [(0, sample, 1.0) for sample in samples[:4]] + [(0, "E", 1.6)]
    scene.return_results(*rows)

    scene.score()

    score = scores(scene.round_id)[wrong.pk]
    assert (score.percent, score.percent_verdict, score.z_verdict) == (80.0, "satisfactory", "unsatisfactory")
    assert score.passed is passed


@pytest.mark.parametrize("verdict_read", ["z", "percent"])
def test_missing_result_scores_0_and_fails(scene: Scene, verdict_read: str) -> None:
    scene.open_round(samples=("A", "B"), verdict_read=verdict_read)
    half, none, *_ = scene.take_part(8)
    scene.return_results(
        *((place, sample, 1.0 + 0.001 * place) for place in range(2, 8) for sample in "AB"), (0, "A", 1.0)
    )

    scene.score()

    found = scores(scene.round_id)
    assert (found[half.pk].percent, found[half.pk].passed, found[half.pk].z_verdict) == (50.0, False, "not_returned")
    assert (found[none.pk].percent, found[none.pk].passed, found[none.pk].worst_z) == (0.0, False, None)


@pytest.mark.parametrize(("boundary_counts", "percent"), [(True, 100.0), (False, 0.0)])
def test_result_exactly_on_the_limit_counts_as_the_scheme_says(
    scene: Scene, boundary_counts: bool, percent: float
) -> None:
    scene.open_round(boundary_counts=boundary_counts)
    on_the_limit, *_ = scene.take_part(9)
    scene.return_results((0, "A", "1.1"), *((place, "A", "1.0") for place in range(1, 9)))

    scene.score()

    assert scores(scene.round_id)[on_the_limit.pk].percent == percent


def test_sigma_is_s_star_only_where_the_scheme_names_it(scene: Scene) -> None:
    values = [1.0, 1.02, 0.98, 1.01, 0.99, 1.0, 1.03]
    scene.open_round(sigma_from_s_star=True)
    scene.take_part(7)
    scene.return_results(*((place, "A", value) for place, value in enumerate(values)))

    scene.score()

    (kept, _peers) = AssignedValue.objects.order_by("peer_group")
    assert kept.sigma_pt == kept.s_star == pytest.approx(plain_algorithm_a(values)[1], rel=1e-9)


def test_two_warnings_in_successive_rounds_fail_where_the_scheme_says_so(scene: Scene) -> None:
    values = [1.09, *[1.0] * 12]  # z = 0.09/(0.1/3) = 2.7, a warning signal
    passed = []
    for code in ("2026-3", "2026-4"):
        scene.laboratories.clear()
        scene.open_round(code, two_warnings_fail=True)
        if not scene.procedures:
            scene.take_part(13)
        else:
            for place, procedure in enumerate(scene.procedures):
                actions.enrol(
                    round_id=scene.round_id,
                    laboratory_id=procedure.laboratory_id,
                    participant_code=scene.code(place),
                    procedure_ids=[procedure.pk],
                    by=scene.officer,
                    at=NOW,
                )
            Round.objects.filter(pk=scene.round_id).update(closes_at=AFTER)
        data = scene.file(*((place, "A", value) for place, value in enumerate(values)))
        actions.import_results(code, data, "r.csv", by=scene.officer, at=NOW)
        scene.score()
        actions.publish_final(scene.round_id, by=scene.officer, at=FINAL)
        score = scores(scene.round_id)[scene.procedures[0].pk]
        passed.append((score.z_verdict, score.passed))

    assert passed == [("questionable", True), ("questionable", False)]


def test_analyte_without_a_limit_is_not_evaluated_and_named(scene: Scene) -> None:
    from tests.factories.registry import AnalyteFactory

    scene.open_round()
    scene.take_part(6, analyte=AnalyteFactory(key="XYZ", unit="mmol/L"))
    scene.return_results(*((place, "A", 1.0 + place / 10) for place in range(6)))

    outcome = scene.score()

    assert outcome.not_evaluated == 6
    assert [finding.where for finding in outcome.findings] == ["XYZ, sample A"]
    assert {score.passed for score in scores(scene.round_id).values()} == {None}


def test_decimal_slip_is_flagged_and_left_as_it_is(scene: Scene) -> None:
    scene.open_round()
    scene.take_part(8)
    scene.return_results((0, "A", "12.9"), *((place, "A", 1.28 + place / 100) for place in range(1, 8)))

    scene.score()

    slip = SampleResult.objects.get(enrolment__procedure=scene.procedures[0])
    assert (slip.value, slip.suspicion) == (12.9, "decimal")
    assert SampleResult.objects.exclude(suspicion="").count() == 1


def test_scoring_again_supersedes_and_keeps_the_earlier_scores(scene: Scene) -> None:
    scene.open_round()
    scene.take_part(6)
    scene.return_results(*((place, "A", 1.0 + place / 100) for place in range(6)))
    scene.score()

    actions.score_round(scene.round_id, by=scene.officer, at=FINAL)

    assert ProcedureScore.objects.count() == 12
    assert ProcedureScore.objects.current().count() == 6
    assert AssignedValue.objects.current().count() == 2
    assert set(ProcedureScore.objects.known_at(AFTER).values_list("recorded_at", flat=True)) == {AFTER}


def test_round_closes_after_its_deadline_only(scene: Scene) -> None:
    scene.open_round()

    with pytest.raises(Conflict, match="takes results until"):
        actions.close_round(scene.round_id, by=scene.officer, at=NOW)


@pytest.mark.parametrize("step", [actions.score_round, actions.publish_final], ids=lambda step: step.__name__)
def test_open_round_can_be_neither_scored_nor_final(scene: Scene, step: object) -> None:
    scene.open_round()

    with pytest.raises(Conflict, match="this step needs"):
        step(scene.round_id, by=scene.officer, at=AFTER)  # type: ignore[operator]  # one of two actions


def test_every_status_is_in_the_table_of_transitions() -> None:
    from lienthong.eqa.actions.rounds import ALLOWED_TRANSITIONS

    assert set(ALLOWED_TRANSITIONS) == set(Round.Status.values)
    assert {status for targets in ALLOWED_TRANSITIONS.values() for status in targets} <= set(Round.Status.values)


def test_officer_of_another_region_may_not_score(scene: Scene) -> None:
    from tests.factories.registry import RegionFactory

    scene.open_round()
    stranger = scene.user("officer", RegionFactory(code="VN-HP"))

    with pytest.raises(NotAllowed):
        actions.close_round(scene.round_id, by=stranger, at=AFTER)
