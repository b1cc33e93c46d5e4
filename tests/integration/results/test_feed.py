"""The feed of changes: the order of the log, nothing left out, and who may read what of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.factories.registry import AnalyteFactory
from tests.factories.results import result_draft
from tests.integration.exchange.outbound.scene import AT, Scene, make_scene

from lienthong.core.actions import system_user
from lienthong.core.log.sequencer import append_waiting
from lienthong.registry.reads import facility_by_code
from lienthong.results.feed import NOTHING_YET, changes_after, end_of_feed, new_results, relations_to_reports
from lienthong.results.models import Result
from lienthong.results.reach import reach_of_facility

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def test_feed_without_a_leaf_is_empty(scene: Scene) -> None:
    assert end_of_feed() == NOTHING_YET
    assert changes_after(NOTHING_YET, limit=10) == []


def test_changes_come_in_the_order_of_the_log_and_in_pieces(scene: Scene) -> None:
    first, second = scene.report("EX1"), scene.report("EX2")
    scene.corrected("EX1")

    found = changes_after(NOTHING_YET, limit=2)
    found += changes_after(found[-1].position, limit=2)

    assert [(one.position, one.report_id, one.version) for one in found] == [
        (0, first, 1),
        (1, second, 1),
        (2, first, 2),
    ]
    assert end_of_feed() == 2
    assert changes_after(2, limit=2) == []


def test_change_names_the_results_that_stood_with_its_version(scene: Scene) -> None:
    scene.report("EX1")
    scene.corrected("EX1")

    original, correction = changes_after(NOTHING_YET, limit=10)

    assert original.result_ids == tuple(Result.objects.filter(version=1).values_list("id", flat=True))
    assert correction.result_ids == tuple(Result.objects.filter(version=2).values_list("id", flat=True))
    assert correction.facility_id == scene.theirs.pk
    assert correction.patient_record_id == scene.their_record


def test_results_that_stood_before_are_not_new_with_a_correction_of_another(scene: Scene) -> None:
    potassium = result_draft(AnalyteFactory(key="K").pk, local_code="2823-3")
    glucose = result_draft(scene.glucose.pk)
    scene.report("EX1", glucose, potassium)
    scene.report("EX1", replace(glucose, status="corrected", reported_value="6.1", amends=True), potassium)

    original, correction = changes_after(NOTHING_YET, limit=10)
    new = new_results([original, correction])

    assert new[original.position] == set(original.result_ids)
    assert new[correction.position] == set(Result.objects.filter(version=2).values_list("id", flat=True))
    assert len(correction.result_ids) == 2
    assert new_results([]) == {}


def test_version_that_waits_for_its_leaf_comes_later_and_is_not_passed_over(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.integration.exchange.outbound.scene.append_waiting", lambda by: 0)
    scene.report("EX1")
    before = changes_after(NOTHING_YET, limit=10)

    append_waiting(by=system_user("log"))

    assert before == []
    assert [one.position for one in changes_after(end_of_feed() - 1, limit=10)] == [0]


@pytest.mark.parametrize(
    ("facility", "answers_only", "expected"),
    [
        ("30001", True, {"EX1": "order"}),
        ("30001", False, {"EX1": "order", "EX2": "order"}),
        ("30002", False, {"EX1": "same-facility", "EX2": "same-facility"}),
        ("30003", False, {}),
    ],
    ids=["answers of its orders", "all while its order is open", "the laboratory itself", "another hospital"],
)
def test_reports_are_read_by_the_relation_that_allows_it(
    scene: Scene, facility: str, answers_only: bool, expected: dict[str, str]
) -> None:
    numbers = {scene.report("EX1"): "EX1", scene.report("EX2", placer="OTHER"): "EX2"}
    place = facility_by_code(facility, on=AT.date())
    assert place

    found = relations_to_reports(reach_of_facility(place, at=AT), numbers, answers_only=answers_only)

    assert {numbers[key]: relation for key, relation in found.items()} == expected
