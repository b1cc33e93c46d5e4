"""Marks travel with results, whatever they came as; who a patient is is told, and nothing is created."""

from __future__ import annotations

import json

import pytest
from tests.factories.exchange import OBR, PID, message
from tests.factories.recognition import GrantFactory
from tests.factories.registry import RegionFactory
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, transaction
from tests.integration.exchange.fhir.conftest import XML, Json, System

from lienthong.interop.fhir import r4
from lienthong.results.models import PatientRecord

pytestmark = pytest.mark.django_db

OBX = "OBX|1|NM|2345-7^Glucose^LN||4.9|mmol/L|3.9-6.1|N|||F|||20261120070000+0700|||||20261120080000+0700"
ANALYSED = "http://hl7.org/fhir/StructureDefinition/observation-analysis-date-time"
TRAITS: Json = {
    "resourceType": "Patient",
    "identifier": [{"system": "http://fhir.ehealth.gov.vn/core/sid/national_id", "value": "001180012345"}],
    "name": [{"text": "Nguyễn Thị Đào"}],
    "gender": "female",
    "birthDate": "1980-05-17",
}


def asked(patient_given: Json) -> Json:
    return {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": patient_given}]}


def test_mark_is_a_tag_of_a_row_and_of_a_resource_and_content_stays(scene: Scene, hospital: System) -> None:
    facility = scene.laboratory.facility
    facility.region = RegionFactory(code="VN-HD", parent=RegionFactory(code="VN"))
    facility.save()
    GrantFactory(procedure=scene.glucose_system, item="GLU", mark="LT-HD")
    scene.process(message(PID, OBR, OBX))
    measured = {"url": ANALYSED, "valueDateTime": "2026-11-20T08:00:00+07:00"}
    sent = json.loads(glucose(of="Patient/p9")) | {"extension": [measured]}
    hospital.post("", transaction(entry(patient("p9", number="P9")), entry(sent)))

    found = hospital.search("Observation?code=2345-7")

    for one in found:
        assert {"system": "urn:lienthong:mark", "code": "LT-HD"} in one["meta"]["tag"]
        told = one["meta"]["extension"][0]["extension"]
        assert {"url": "item", "valueString": "GLU"} in told
    received = next(one for one in found if one["id"] == "o1")
    assert {name: value for name, value in received.items() if name != "meta"} == sent


def test_match_names_one_person_by_number_and_traits(scene: Scene, hospital: System) -> None:
    scene.process(message(PID, OBR, OBX))
    before = PatientRecord.objects.count()

    same = hospital.post("Patient/$match", asked(TRAITS)).json()
    other = hospital.post("Patient/$match", asked(TRAITS | {"birthDate": "1999-01-02"})).json()
    refused = hospital.post("Patient/$match", {"resourceType": "Parameters"})

    assert [one["resource"]["name"][0]["text"] for one in same["entry"]] == ["Nguyễn Thị Đào"]
    assert same["entry"][0]["search"]["extension"][0]["valueCode"] == "certain"
    assert other["total"] == 0
    assert refused.status_code == 400
    assert PatientRecord.objects.count() == before


def test_resource_is_taken_in_xml(scene: Scene, hospital: System) -> None:
    text = r4.write_xml(r4.parse_json(json.dumps(patient()).encode())).decode()

    answer = hospital.put("Patient/p1", text, Content_Type=XML)

    assert answer.status_code == 201, answer.content
    assert hospital.get("Patient/p1").json()["birthDate"] == "1980-02-03"


def test_broken_body_names_line_and_column(scene: Scene, hospital: System) -> None:
    answer = hospital.put("Patient/p1", '{"resourceType": "Patient",,}')

    assert answer.status_code == 400
    assert "line 1" in answer.json()["issue"][0]["diagnostics"]
