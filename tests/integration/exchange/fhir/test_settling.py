"""A Bundle of several patients that waits: what is on no record yet is put on that of its own patient only."""

from __future__ import annotations

import json

import pytest
from tests.factories.exchange import CodeMappingFactory
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, transaction
from tests.integration.exchange.fhir.conftest import Json, System

from lienthong.results.models import PatientRecord, Resource

pytestmark = pytest.mark.django_db


def unknown(id_: str, code: str, *, of: str) -> Json:
    """Return a result with a code that has no mapping."""
    told: Json = json.loads(glucose(id_, of=of))
    return told | {"code": {"coding": [{"system": "urn:x:local", "code": code}]}}


def of_two(hospital: System) -> None:
    """Write results of two new patients, of which nothing can be stored yet."""
    first, second = patient("a", number="A1"), patient("b", number="B1", name="Trần Văn Bình")
    specimen = {"resourceType": "Specimen", "id": "s", "subject": {"reference": "Patient/b"}}
    results = (unknown("oa", "XA", of="Patient/a"), unknown("ob", "XB", of="Patient/b"))
    assert hospital.post("", transaction(*map(entry, (first, second, specimen, *results)))).status_code == 200


def owners() -> dict[str, str]:
    """Return the local number of the patient on whose record each resource is."""
    numbers = dict(PatientRecord.objects.values_list("pk", "local_id"))
    return {
        one.own_id: numbers.get(one.patient_record_id, "") for one in Resource.objects.exclude(patient_record_id=None)
    }


def test_what_is_of_another_patient_of_the_message_waits_for_its_own(scene: Scene, hospital: System) -> None:
    of_two(hospital)
    before = owners()
    CodeMappingFactory(source=scene.source, local_code="XA", analyte=scene.glucose)
    scene.replay_all()
    first = owners()
    CodeMappingFactory(source=scene.source, local_code="XB", analyte=scene.glucose)
    scene.replay_all()

    assert before == {}
    assert {first[one] for one in ("a", "oa")} == {"A1"}
    assert not {"b", "ob", "s"} & {id_ for id_, number in first.items() if number == "A1"}
    assert owners() == dict.fromkeys(("a", "oa"), "A1") | dict.fromkeys(("b", "ob", "s"), "B1")


def test_message_of_one_patient_is_put_on_its_record_whole(scene: Scene, hospital: System) -> None:
    specimen = {"resourceType": "Specimen", "id": "s", "subject": {"reference": "Patient/a"}}
    sent = (patient("a", number="A1"), specimen, unknown("oa", "XA", of="Patient/a"))
    hospital.post("", transaction(*map(entry, sent)))
    CodeMappingFactory(source=scene.source, local_code="XA", analyte=scene.glucose)

    scene.replay_all()

    assert owners() == dict.fromkeys(("a", "s", "oa"), "A1")
