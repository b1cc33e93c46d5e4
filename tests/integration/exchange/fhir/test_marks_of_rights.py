"""A mark is that of the right on the day that the policy names, and stays as it was given."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from tests.factories.recognition import GrantFactory
from tests.factories.registry import RegionFactory
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, transaction
from tests.integration.exchange.fhir.conftest import Json, System

from lienthong.recognition.models import Grant

pytestmark = pytest.mark.django_db

ANALYSED = "http://hl7.org/fhir/StructureDefinition/observation-analysis-date-time"
MARK = {"system": "urn:lienthong:mark", "code": "LT-HD"}


@pytest.fixture
def right(scene: Scene) -> Grant:
    """A right to glucose in the Hải Dương area since October."""
    facility = scene.laboratory.facility
    facility.region = RegionFactory(code="VN-HD", parent=RegionFactory(code="VN"))
    facility.save()
    return GrantFactory(procedure=scene.glucose_system, item="GLU", mark="LT-HD")


def suspend(right: Grant, *, on: dt.date) -> None:
    """Suspend a right as recognition does: the row in force ends, and one that is suspended follows."""
    Grant.objects.filter(pk=right.pk).update(valid_to=on)
    GrantFactory(procedure=right.procedure, item="GLU", mark="LT-HD", status=Grant.Status.SUSPENDED, valid_from=on)


def measured(at: str = "2026-11-20T08:00:00+07:00", value: str = "5.6") -> Json:
    return json.loads(glucose(value=value)) | {"extension": [{"url": ANALYSED, "valueDateTime": at}]}


def tags(hospital: System) -> list[Json]:
    return [tag for one in hospital.search("Observation") for tag in one["meta"].get("tag", [])]


@pytest.mark.parametrize(
    ("suspended_on", "expected"),
    [(dt.date(2026, 11, 10), []), (dt.date(2026, 11, 20), []), (dt.date(2026, 11, 21), [MARK])],
    ids=["before", "on-the-day", "after"],
)
def test_result_has_the_mark_of_the_day_it_was_measured(
    suspended_on: dt.date, expected: list[Json], right: Grant, hospital: System
) -> None:
    suspend(right, on=suspended_on)

    hospital.post("", transaction(entry(patient()), entry(measured())))

    assert tags(hospital) == expected
    assert len(hospital.search("Observation?_tag=urn:lienthong:mark|LT-HD")) == len(expected)
    assert len(hospital.search("Observation?_tag:not=LT-HD")) == 1 - len(expected)


def test_mark_stays_as_given_when_the_right_is_suspended_afterwards(right: Grant, hospital: System) -> None:
    hospital.post("", transaction(entry(patient()), entry(measured())))
    given = hospital.search("Observation")

    suspend(right, on=dt.date(2026, 11, 10))
    hospital.post("", transaction(entry(patient()), entry(measured())))

    assert tags(hospital) == [MARK]
    assert hospital.search("Observation") == given


def test_corrected_result_is_marked_by_the_right_as_it_is_known_then(right: Grant, hospital: System) -> None:
    hospital.post("", transaction(entry(patient()), entry(measured())))
    suspend(right, on=dt.date(2026, 11, 10))

    hospital.put("Observation/o1", measured(value="6.0"))

    assert tags(hospital) == []
    assert hospital.get("Observation/o1/_history/1").json()["meta"]["tag"] == [MARK]


def test_result_without_a_time_of_measurement_has_no_mark(right: Grant, hospital: System) -> None:
    hospital.post("", transaction(entry(patient()), entry(json.loads(glucose()))))

    assert tags(hospital) == []
