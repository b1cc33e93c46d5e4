"""Criteria: which searches can be judged on one resource, and that they find what the search finds."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone
from tests.factories.core import ConnectedSystemFactory
from tests.factories.exchange import OBR, PID, message
from tests.factories.recognition import GrantFactory
from tests.factories.registry import RegionFactory
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, transaction
from tests.integration.exchange.fhir.conftest import System

from lienthong.exchange.fhir.callers import FhirCaller, absent_caller
from lienthong.exchange.fhir.query import parse_search
from lienthong.exchange.fhir.reading import search
from lienthong.exchange.fhir.shown import Shown
from lienthong.exchange.fhir.subscriptions.criteria import BadCriteria, judge_of, read_criteria

pytestmark = pytest.mark.django_db
OBX = "OBX|1|NM|2345-7^Glucose^LN||4.9|mmol/L|3.9-6.1|HH|||F|||20261120070000+0700"


@pytest.fixture
def caller(scene: Scene) -> FhirCaller:
    """The laboratory's system, with all scopes."""
    ConnectedSystemFactory(
        client_id="his", facility=scene.laboratory.facility.code, scopes=["system/*.cruds"], sources=["SX"]
    )
    found = absent_caller("his", at=timezone.now())
    assert found
    return found


@pytest.fixture
def both(scene: Scene, hospital: System, caller: FhirCaller) -> dict[float, Shown]:
    """One patient's glucose of 4.9 by HL7 v2 and another's of 5.6 by FHIR, by their values."""
    scene.process(message(PID, OBR, OBX))
    hospital.post("", transaction(entry(patient("p9", number="P9")), entry(json.loads(glucose(of="Patient/p9")))))
    found = search(parse_search("Observation", [], caller=caller), caller=caller).found
    return {float(one.element["valueQuantity"]["value"]): one for one in found}  # type: ignore[index,call-overload]


SAME_AS_SEARCH = [
    ("", [4.9, 5.6]),
    ("code=2345-7", [4.9, 5.6]),
    ("code=http://loinc.org|2345-7", [4.9, 5.6]),
    ("code=2823-3", []),
    ("code=2823-3,2345-7", [4.9, 5.6]),
    ("code:not=2823-3", [4.9, 5.6]),
    ("code:not=2345-7", []),
    ("status=final&category=laboratory", [4.9]),
    ("status:not=final", []),
    ("category:missing=true", [5.6]),
    ("date=2026-11-20", [4.9, 5.6]),
    ("date=gt2026-11-20", []),
    ("value-quantity=gt5", [5.6]),
    ("value-quantity=lt5", [4.9]),
    ("value-quantity=5.6|http://unitsofmeasure.org|mmol/L", [5.6]),
    ("value-quantity=4.9|http://unitsofmeasure.org|mg/dL", []),
    ("patient.identifier=P9", [5.6]),
    ("subject:Patient.identifier=P1", [4.9]),
    ("patient:identifier=P1", [4.9]),
    ("patient=Patient/p9", [5.6]),
    ("patient=p9", [5.6]),
    ("patient=Patient/nobody", []),
    ("patient.name=dao", [4.9, 5.6]),
]
MORE_THAN_SEARCH = [
    ("performer:missing=false", [4.9]),
    ("code-value-quantity=2345-7$gt5", [5.6]),
    ("code:text=gluc", [4.9, 5.6]),
    ("_id=o1", [5.6]),
]


def met(both: dict[float, Shown], asked: str, caller: FhirCaller) -> list[float]:
    is_met = judge_of(read_criteria(f"Observation?{asked}"), caller)
    return sorted(value for value, one in both.items() if is_met(one))


@pytest.mark.parametrize(("asked", "expected"), SAME_AS_SEARCH)
def test_criteria_are_met_by_what_the_search_finds(
    both: dict[float, Shown], caller: FhirCaller, hospital: System, asked: str, expected: list[float]
) -> None:
    found = sorted(one["valueQuantity"]["value"] for one in hospital.search(f"Observation?{asked}"))

    assert met(both, asked, caller) == found == expected


@pytest.mark.parametrize(("asked", "expected"), MORE_THAN_SEARCH)
def test_criteria_may_ask_for_all_that_a_resource_shows(
    both: dict[float, Shown], caller: FhirCaller, asked: str, expected: list[float]
) -> None:
    assert met(both, asked, caller) == expected


def test_criteria_may_ask_for_recognised_results_only(scene: Scene, hospital: System, caller: FhirCaller) -> None:
    facility = scene.laboratory.facility
    facility.region = RegionFactory(code="VN-HD", parent=RegionFactory(code="VN"))
    facility.save()
    GrantFactory(procedure=scene.glucose_system, item="GLU", mark="LT-HD")
    measured = f"{OBX}|||||20261120080000+0700"
    scene.process(message(PID, OBR, measured, measured.replace("2345-7^Glucose", "2823-3^Potassium")))
    found = search(parse_search("Observation", [], caller=caller), caller=caller).found
    is_met = judge_of(read_criteria("Observation?_tag=urn:lienthong:mark|LT-HD"), caller)

    marked = [one.element["code"] for one in found if is_met(one)]

    assert len(found) == 2
    assert [code["text"] for code in marked] == ["Glucose"]  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a search of DiagnosticReport, Observation, Patient, ServiceRequest, Specimen, such as"),
        ("Encounter?status=finished", "must be a search of DiagnosticReport, Observation, Patient"),
        ("Patient?name:below=dao", "unknown modifier"),
        ("https://example.org/fhir/Observation?code=1", "must be a search of"),
        ("http://example.org/SubscriptionTopic/results", "must be a search of"),
        ("Observation?wrong=1", "may ask for .*code.*, and not for wrong"),
        ("Observation?_count=5", "and not for _count"),
        ("Observation?_include=Observation:subject", "and not for _include"),
        ("Observation?_has:Provenance:target:agent=x", "and not for _has"),
        ("Observation?encounter.identifier=1", "may follow no reference but patient and subject"),
        ("Observation?code=", "must have a value"),
        ("Observation?date=yesterday", "date must be YYYY"),
        ("Observation?value-quantity=high", "must be a number"),
        ("Observation?code:below=1", "unknown modifier"),
        ("Observation?date:not=2026", "unknown modifier"),
        ("Observation?patient.wrong=1", "has a parameter wrong"),
        ("Observation?code=" + "1" * 2_000, "at most 2000 characters"),
    ],
)
def test_criteria_that_can_not_be_judged_are_refused(caller: FhirCaller, text: str, message: str) -> None:
    with pytest.raises(BadCriteria, match=message):
        judge_of(read_criteria(text), caller)
