"""A Bundle that waits: what is found names its elements, in the answer and on the page, which hides the patient."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories.core import UserFactory
from tests.factories.registry import bind
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, report, transaction
from tests.integration.exchange.fhir.conftest import Json, System

from lienthong.results.models import InboxMessage

pytestmark = pytest.mark.django_db

OF_HL7 = re.compile(r"\b(?:MSH|PID|ORC|OBR|OBX|SPM|PV1)\b")


def unknown(id_: str = "o1") -> Json:
    """Return a result with a code that has no mapping."""
    return json.loads(glucose(id_)) | {"code": {"coding": [{"system": "urn:x:local", "code": "XYZ"}]}}


def page_of(scene: Scene) -> str:
    user = UserFactory()
    bind(user, "operator", scene.laboratory.facility)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    address = reverse("exchange:message", args=[InboxMessage.objects.order_by("-id")[0].pk])
    return client.get(address).content.decode()


def test_held_bundle_shows_its_codes_and_hides_the_patient(scene: Scene, hospital: System) -> None:
    hospital.post("", transaction(entry(patient()), entry(unknown())))

    page = page_of(scene)

    assert "XYZ" in page
    assert "Observation/o1" in page
    assert "Nguyễn Thị Đào" not in page
    assert "1980-02-03" not in page


@pytest.mark.parametrize(
    ("changed", "element", "rule"),
    [
        ({"code": {"coding": [{"system": "urn:x:local", "code": "XYZ"}]}}, "code", "code-unknown"),
        ({"valueQuantity": {"value": 5.6, "unit": "km"}}, "valueQuantity.unit", "unit"),
    ],
    ids=["code", "unit"],
)
def test_resource_that_waits_is_told_by_its_element(
    changed: Json, element: str, rule: str, scene: Scene, hospital: System
) -> None:
    hospital.put("Patient/p1", patient())

    answer = hospital.put("Observation/o1", json.loads(glucose()) | changed)

    [issue] = answer.json()["issue"]
    assert issue["expression"] == [f"Observation.{element}"]
    assert issue["details"]["text"] == rule
    assert not OF_HL7.search(answer.content.decode())
    assert f"<code>Observation.{element}</code>" in page_of(scene)


def test_bundle_that_waits_is_told_by_entry_and_element(scene: Scene, hospital: System) -> None:
    told = report(results=("Observation/o1", "Observation/o2"))
    bundle = transaction(entry(told), entry(json.loads(glucose("o1"))), entry(patient()), entry(unknown("o2")))

    answer = hospital.post("", bundle)

    outcomes = [one["response"]["outcome"] for one in answer.json()["entry"] if "outcome" in one["response"]]
    assert [issue["expression"] for one in outcomes for issue in one["issue"]] == [["Bundle.entry[3].resource.code"]]
    assert not OF_HL7.search(answer.content.decode())
    page = page_of(scene)
    assert "<code>Bundle.entry[3].resource.code</code>" in page
    assert not OF_HL7.search(page.partition("<main")[2].partition("ORU^FHIR")[0])


def test_replayed_bundle_is_told_by_its_elements_still(scene: Scene, hospital: System) -> None:
    hospital.put("Patient/p1", patient())
    hospital.put("Observation/o1", unknown())

    scene.replay_all()

    [finding] = InboxMessage.objects.order_by("-id")[0].findings
    assert finding["where"] == "Observation.code"
    assert not OF_HL7.search(finding["message"])


def test_result_of_nobody_is_told_by_the_missing_patient(scene: Scene, hospital: System) -> None:
    answer = hospital.put("Observation/o1", glucose(of="Patient/nobody"))

    assert answer.json()["issue"][0]["expression"] == ["Observation.subject"]
    assert not OF_HL7.search(answer.content.decode())


def test_patient_known_by_an_earlier_message_is_told_where_he_is_named(scene: Scene, hospital: System) -> None:
    hospital.put("Patient/p1", {name: one for name, one in patient().items() if name != "gender"})

    answer = hospital.put("Observation/o1", unknown())

    places = {one["expression"][0] for one in answer.json()["issue"]}
    assert places <= {"Observation.code", "Observation.subject"}
    assert "Observation.code" in places


def test_patient_in_doubt_is_told_without_whom_he_resembles(
    scene: Scene, hospital: System, other_hospital: System
) -> None:
    number = {"system": "http://fhir.ehealth.gov.vn/core/sid/national_id", "value": "001180012345"}
    known = patient("p1", number="P1") | {"birthDate": "1980-05-17"}
    hospital.put("Patient/p1", known | {"identifier": [*known["identifier"], number]})
    other = patient("q1", number="Q1", name="Trần Văn Bình") | {"gender": "male", "birthDate": "1971-01-02"}

    answer = other_hospital.put("Patient/q1", other | {"identifier": [*other["identifier"], number]})

    told = answer.content.decode()
    assert "identity-conflict" in told
    assert "already that of" not in told
    assert "under Patients to compare" not in told
