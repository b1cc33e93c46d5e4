"""Versions of results: the same again, corrections named and silent, withdrawals, late comers."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from tests.factories.core import UserFactory
from tests.factories.registry import AnalyteFactory, FacilityFactory
from tests.factories.results import (
    NOON,
    claim,
    report_draft,
    result_draft,
    store_one_report,
    store_patient_record,
)

from lienthong.core.models import Happening
from lienthong.errors import NotAllowed
from lienthong.registry.models import Facility
from lienthong.results.actions import ReportDraft, ReportOfAnotherPatient, ResultDraft, StoredReport
from lienthong.results.models import Report, Result

pytestmark = pytest.mark.django_db


class Scene:
    """One patient with the report SX1 of one glucose."""

    def __init__(self) -> None:
        self.facility: Facility = FacilityFactory()
        self.record_id = store_patient_record(claim(self.facility)) or 0
        self.glucose = result_draft(AnalyteFactory().pk)
        self.stored = self.store(self.glucose, inbox_id=10)

    def store(self, *results: ResultDraft, inbox_id: int, **changes: object) -> StoredReport:
        draft: ReportDraft = report_draft(self.facility, *results, **changes)
        return store_one_report(draft, patient_record_id=self.record_id, inbox_id=inbox_id)

    def versions(self) -> list[tuple[int, str, str, bool]]:
        rows = Result.objects.order_by("key", "version")
        return [(row.version, row.status, row.reported_value, row.is_current) for row in rows]


@pytest.fixture
def scene() -> Scene:
    """A stored final glucose of 5.6 mmol/L."""
    return Scene()


FIRST = (1, "final", "5.6", True)
OLD = (1, "final", "5.6", False)


def test_same_content_again_changes_nothing(scene: Scene) -> None:
    again = replace(scene.glucose, released_at=NOON, measured_at=NOON, marks=({"mark": "LT-HD"},))

    stored = scene.store(again, inbox_id=11)

    assert scene.versions() == [FIRST]
    assert stored.results.unchanged == 1
    assert Report.objects.get().version == 1
    assert not Happening.objects.exists()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"status": "corrected", "reported_value": "6.5", "value": Decimal("6.5")}, "corrected", id="named"
        ),
        pytest.param({"reported_value": "6.5", "value": Decimal("6.5")}, "corrected", id="silently as final"),
        pytest.param({"status": "withdrawn"}, "withdrawn", id="withdrawn"),
        pytest.param({"collected_at": NOON}, "corrected", id="other time of collection"),
        pytest.param({"reference_range": "4.1-5.9"}, "corrected", id="other reference range"),
        pytest.param({"reported_value": "5.60"}, "corrected", id="other digits"),
    ],
)
def test_changed_content_is_a_new_version_that_names_the_old(
    scene: Scene, changes: dict[str, object], expected: str
) -> None:
    stored = scene.store(replace(scene.glucose, **changes), inbox_id=11)  # type: ignore[arg-type]  # by name

    old, new = Result.objects.order_by("version")
    assert scene.versions() == [OLD, (2, expected, new.reported_value, True)]
    assert new.replaces == old.id
    assert stored.results.corrected == (new.id,)
    assert [(row.kind, row.key) for row in Happening.objects.all()] == [("result-changed", str(new.id))]
    assert Report.objects.get().version == 2


def test_preliminary_becomes_final_and_nobody_is_told(scene: Scene) -> None:
    other = replace(scene.glucose, sub_id="2", status="preliminary")
    scene.store(other, inbox_id=11)

    scene.store(replace(other, status="final"), inbox_id=12)

    of_key = Result.objects.filter(key=Result.objects.get(version=2).key).order_by("version")
    assert [(row.version, row.status) for row in of_key] == [(1, "preliminary"), (2, "final")]
    assert not Happening.objects.exists()


def test_final_is_not_taken_back_to_preliminary_by_the_same_value(scene: Scene) -> None:
    scene.store(replace(scene.glucose, status="preliminary"), inbox_id=11)

    assert scene.versions() == [FIRST]


def test_plain_final_after_a_correction_with_the_same_value_changes_nothing(scene: Scene) -> None:
    corrected = replace(scene.glucose, status="corrected", reported_value="6.5", value=Decimal("6.5"))
    scene.store(corrected, inbox_id=11)

    scene.store(replace(corrected, status="final"), inbox_id=12)

    assert [row[0] for row in scene.versions()] == [1, 2]


def test_withdrawn_twice_is_one_withdrawal(scene: Scene) -> None:
    scene.store(replace(scene.glucose, status="withdrawn"), inbox_id=11)
    scene.store(replace(scene.glucose, status="withdrawn", reported_value="", value=None), inbox_id=12)

    assert [row[1] for row in scene.versions()] == ["final", "withdrawn"]


@pytest.mark.parametrize(
    ("inbox_id", "released_at"),
    [
        pytest.param(9, NOON + dt.timedelta(hours=1), id="received earlier"),
        pytest.param(12, NOON - dt.timedelta(days=1), id="released earlier"),
    ],
)
def test_late_comer_changes_nothing(scene: Scene, inbox_id: int, released_at: dt.datetime) -> None:
    late = replace(scene.glucose, reported_value="9.9", value=Decimal("9.9"), released_at=released_at)

    stored = scene.store(late, inbox_id=inbox_id)

    assert scene.versions() == [FIRST]
    assert stored.results.overtaken == 1


def test_correction_before_its_original_stands_when_the_original_comes(scene: Scene) -> None:
    other = replace(scene.glucose, sub_id="2", status="corrected", reported_value="7.7", value=Decimal("7.7"))
    first = scene.store(other, inbox_id=11)
    original = replace(other, status="final", reported_value="5.5", released_at=NOON - dt.timedelta(hours=2))

    second = scene.store(original, inbox_id=12)

    correction, earlier = Result.objects.get(reported_value="7.7"), Result.objects.get(reported_value="5.5")
    assert first.results.unfounded == 1
    assert second.results.joined == (earlier.id,)
    assert (earlier.version, earlier.replaces, earlier.is_current) == (1, None, False)
    assert (correction.version, correction.replaces, correction.is_current) == (2, earlier.id, True)


def test_two_results_of_one_code_do_not_overwrite_each_other(scene: Scene) -> None:
    after_meal = replace(scene.glucose, reported_value="9.1", value=Decimal("9.1"))

    stored = scene.store(scene.glucose, after_meal, inbox_id=11)

    assert len(stored.results.new) == 1
    assert sorted(Result.objects.filter(is_current=True).values_list("reported_value", flat=True)) == ["5.6", "9.1"]


def test_report_number_of_another_patient_is_refused(scene: Scene) -> None:
    other = store_patient_record(claim(scene.facility, local_id="P2")) or 0
    draft = report_draft(scene.facility, scene.glucose)

    with pytest.raises(ReportOfAnotherPatient), transaction.atomic():
        store_one_report(draft, patient_record_id=other, inbox_id=11)

    assert scene.versions() == [FIRST]


def test_person_may_not_write_results(scene: Scene) -> None:
    with pytest.raises(NotAllowed):
        store_one_report(
            report_draft(scene.facility, scene.glucose),
            patient_record_id=scene.record_id,
            inbox_id=11,
            by=UserFactory(),
        )


def test_numbers_keep_their_digits(scene: Scene) -> None:
    row = Result.objects.get()

    assert (row.reported_value, row.value, row.reference_low) == ("5.6", Decimal("5.6"), Decimal("3.9"))


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ("version = 2", "results_result_first_replaces_nothing"),
        ("version = 0, replaces = 1", "results_result_version"),
        ("status = 'wrong'", "results_result_status"),
    ],
)
def test_database_refuses_a_version_that_can_not_be(scene: Scene, changes: str, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE results_result SET {changes}")
