"""Resources of which no result tells: patients, orders, specimens, and what changes beside a result."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.factories.core import access_token
from tests.factories.exchange import OBR, PID, CodeMappingFactory, message
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, report, transaction
from tests.integration.exchange.fhir.conftest import Json, System
from tests.integration.exchange.fhir.subscriptions.conftest import Way, subscribe, subscription, way_of
from tests.integration.exchange.fhir.subscriptions.receiver import Receiver

from lienthong.core.actions import system_user
from lienthong.exchange.outbound.models import Outlet
from lienthong.results.models import PatientRecord
from lienthong.results.people.persons import merge_people, person_of
from lienthong.results.resources.names import name_of

pytestmark = pytest.mark.django_db
LOCAL = {"coding": [{"system": "urn:x:local", "code": "XYZ"}]}
OBX = "OBX|1|NM|2345-7^Glucose^LN||5.6|mmol/L|3.9-6.1|N|||F|||20261120070000+0700"
SPECIMEN = {
    "resourceType": "Specimen",
    "id": "s1",
    "type": {"text": "Huyết thanh"},
    "subject": {"reference": "Patient/p1"},
}
REQUEST = {
    "resourceType": "ServiceRequest",
    "id": "q1",
    "identifier": [{"system": "urn:x:orders", "value": "PL7"}],
    "status": "active",
    "intent": "order",
    "code": {"coding": [{"system": "urn:x:local", "code": "GLU"}]},
    "subject": {"reference": "Patient/p1"},
    "authoredOn": "2026-11-20T06:00:00+07:00",
}


def way(system: System, asked: Json) -> Way:
    subscribe(system, asked)
    return way_of()


def observation(**changes: object) -> Json:
    found: Json = json.loads(glucose())
    return found | changes


def told(receiver: Receiver) -> list[tuple[str, str]]:
    """Return kind and version of what was told, in order."""
    bodies: list[Json] = [json.loads(one.body) for one in receiver.told]
    return [(f"{one['resourceType']}/{one['id']}", one["meta"]["versionId"]) for one in bodies]


@pytest.mark.parametrize(
    ("criteria", "first", "changed"),
    [
        ("Patient?name=dao", patient(), patient() | {"gender": "unknown"}),
        ("Specimen?type:text=Huyết", SPECIMEN, SPECIMEN | {"note": [{"text": "vỡ hồng cầu"}]}),
        ("ServiceRequest?identifier=PL7", REQUEST, REQUEST | {"priority": "urgent"}),
        ("Observation?code=2345-7", observation(), observation(note=[{"text": "lấy máu khó"}])),
    ],
    ids=["patient", "specimen", "request", "note-of-a-result"],
)
def test_each_version_of_a_resource_is_told_and_the_same_again_is_not(
    hospital: System, receiver: Receiver, criteria: str, first: Json, changed: Json
) -> None:
    out = way(hospital, subscription(receiver, criteria))
    name = f"{first['resourceType']}/{first['id']}"
    if name != "Patient/p1":
        hospital.put("Patient/p1", patient())

    for version in (first, first, changed, changed):
        assert hospital.put(name, version).status_code in (200, 201)
        out.tell()

    assert told(receiver) == [(name, "1"), (name, "2")]
    assert json.loads(receiver.told[1].body) == hospital.get(name).json()


def test_extension_of_a_report_is_told_without_a_change_of_its_results(hospital: System, receiver: Receiver) -> None:
    out = way(hospital, subscription(receiver, "DiagnosticReport?status=final"))
    hospital.post("", transaction(entry(patient()), entry(observation()), entry(report())))
    out.tell()
    more = report() | {"extension": [{"url": "urn:x:more", "valueString": "b"}]}

    for version in (more, more):
        hospital.put("DiagnosticReport/r1", version)
        out.tell()

    assert told(receiver) == [("DiagnosticReport/r1", "1"), ("DiagnosticReport/r1", "2")]


def test_report_that_waits_is_not_told(hospital: System, receiver: Receiver) -> None:
    out = way(hospital, subscription(receiver, "DiagnosticReport"))

    hospital.post("", transaction(entry(patient()), entry(observation(code=LOCAL)), entry(report())))

    assert out.wanted() == []


@pytest.mark.parametrize("criteria", ["Patient?name=lan", "Patient?identifier=P9", "Patient?gender=male"])
def test_patient_who_does_not_meet_the_criteria_is_not_told(
    hospital: System, receiver: Receiver, criteria: str
) -> None:
    out = way(hospital, subscription(receiver, criteria))

    hospital.put("Patient/p1", patient())

    assert out.wanted() == []


def test_new_result_is_wanted_once_though_two_ways_tell_of_it(hospital: System, receiver: Receiver) -> None:
    out = way(hospital, subscription(receiver, "Observation"))
    hospital.post("", transaction(entry(patient()), entry(observation()), entry(report())))

    assert [(one.subject, one.version) for one in out.wanted()] == [
        (str(name_of("Observation", source="SX", own_id="o1")), 1)
    ]


def test_deleted_resource_is_not_told(hospital: System, receiver: Receiver) -> None:
    out = way(hospital, subscription(receiver, "Specimen"))
    hospital.put("Patient/p1", patient())
    hospital.put("Specimen/s1", SPECIMEN)
    out.tell()

    deleted = Client().delete("/fhir/Specimen/s1", headers={"Authorization": f"Bearer {hospital.token}"})

    assert deleted.status_code in (200, 204, 405)
    assert out.wanted() == []


def test_result_that_waits_is_told_when_it_has_become_one_and_once(
    scene: Scene, hospital: System, receiver: Receiver
) -> None:
    out = way(hospital, subscription(receiver, "Observation"))
    hospital.post("", transaction(entry(patient()), entry(observation(code=LOCAL))))
    waiting = out.wanted()
    map_local_code(scene)
    scene.replay_all()

    out.tell()

    assert waiting == []
    assert told(receiver) == [("Observation/o1", "1")]


def test_note_beside_a_result_that_waits_is_told_with_what_was_stored(
    scene: Scene, hospital: System, receiver: Receiver
) -> None:
    hospital.post("", transaction(entry(patient()), entry(observation())))
    out = way(hospital, subscription(receiver, "Observation"))
    noted, other = observation(note=[{"text": "a"}]), observation(id="o2", code=LOCAL)
    hospital.post("", transaction(entry(patient()), entry(noted), entry(other)))
    out.tell()
    map_local_code(scene)
    scene.replay_all()

    out.tell()

    assert sorted(set(told(receiver))) == [("Observation/o1", "2"), ("Observation/o2", "1")]


def map_local_code(scene: Scene) -> None:
    CodeMappingFactory(
        source=scene.source, local_code="XYZ", local_system="urn:x:local", procedure=scene.glucose_system
    )


ADT = ("EVN|A08|20261120060000", PID)


def renamed(name: str) -> bytes:
    return message(ADT[0], PID.replace("Nguyễn^Đào^Thị", name), kind="ADT^A08", control_id=name)


def test_patient_who_came_by_hl7_is_told_at_each_change(scene: Scene, hospital: System, receiver: Receiver) -> None:
    out = way(hospital, subscription(receiver, "Patient"))

    for name in ("Nguyễn^Đào^Thị", "Nguyễn^Đào^Thị", "Trần^Mai"):
        scene.process(renamed(name))
        out.tell()

    names = [json.loads(one.body)["name"][0]["text"] for one in receiver.told]
    assert names == ["Nguyễn Thị Đào", "Trần Mai"]


def test_order_by_hl7_is_told_and_again_when_its_report_comes(
    scene: Scene, hospital: System, receiver: Receiver
) -> None:
    out = way(hospital, subscription(receiver, "ServiceRequest"))
    scene.process(message(PID, "ORC|NW|PL1", "OBR|1|PL1||CHEM^Sinh hóa^L", kind="ORM^O01", control_id="O1"))
    out.tell()
    scene.process(message(PID, OBR, OBX))

    out.tell()

    states = [json.loads(one.body)["status"] for one in receiver.told]
    assert states == ["active", "completed"]


def test_specimen_of_a_report_by_hl7_is_told(scene: Scene, hospital: System, receiver: Receiver) -> None:
    out = way(hospital, subscription(receiver, "Specimen"))

    scene.process(message(PID, OBR, OBX, "SPM|1|||SER^Huyết thanh"))

    assert [one.outcome for one in out.tell()] == ["delivered"]
    assert json.loads(receiver.told[0].body) == hospital.search("Specimen")[0]


def test_records_that_become_one_person_are_told_anew(scene: Scene, hospital: System, receiver: Receiver) -> None:
    other = PID.replace("P1^", "P2^").replace("001180012345", "001180099999").replace("Đào", "Lan")
    scene.process(renamed("Nguyễn^Đào^Thị"), message(ADT[0], other, kind="ADT^A08", control_id="A2"))
    out = way(hospital, subscription(receiver, "Patient"))
    first, second = (person_of(one.pk) for one in PatientRecord.objects.order_by("pk"))
    merge_people(survivor=first, absorbed=second, why="", by=system_user("results"), at=timezone.now())

    out.tell()

    links: list[Any] = [json.loads(one.body)["link"] for one in receiver.told]
    assert len(links) == 2


@pytest.mark.parametrize("criteria", ["Patient", "Specimen", "ServiceRequest", "Observation", "DiagnosticReport"])
def test_foreign_facility_is_told_nothing_and_not_sent_what_waited(
    hospital: System, other_hospital: System, receiver: Receiver, criteria: str
) -> None:
    out = way(hospital, subscription(receiver, criteria))
    subscribe(other_hospital, subscription(receiver, criteria))
    foreign = Way(Outlet.objects.exclude(pk=out.outlet.pk).get())
    everything = (patient(), SPECIMEN, REQUEST, observation(), report())
    hospital.post("", transaction(*map(entry, everything)))
    hospital.post("", transaction(*(entry(one | {"language": "vi"}) for one in everything)))

    waited = out.wanted()[0]
    done = foreign.send(waited)

    assert (done.outcome, done.code) == ("withheld", "not-wanted")
    assert foreign.wanted() == []
    assert receiver.told == []


@pytest.mark.parametrize(
    ("scopes", "told_of"),
    [(("system/Subscription.cruds", "system/Observation.rs"), "Patient"), (("system/Subscription.cruds",), "Specimen")],
)
def test_kind_without_a_scope_is_not_told(
    scene: Scene, receiver: Receiver, scopes: tuple[str, ...], told_of: str
) -> None:
    system = System(access_token(facility=scene.laboratory.facility.code, scopes=scopes, sources=("SX",)))

    answer = system.put("Subscription/s1", subscription(receiver, told_of))

    assert answer.status_code == 403
    assert not Outlet.objects.exists()


def test_order_opens_the_patient_of_another_facility_at_the_time_of_sending(
    scene: Scene, hospital: System, other_hospital: System, receiver: Receiver
) -> None:
    """The person is the same by number, birth date and name; who has an open order for it reads all its records."""
    out = way(other_hospital, subscription(receiver, "Patient?identifier=001180012345"))
    known = PID.replace("P1^^^SX", "H1^^^HD")
    scene.process(message(known, "ORC|NW|HD1", "OBR|1|HD1||GLU^G^L", kind="ORM^O01", control_id="O1", facility="HD"))
    out.wanted()
    scene.process(renamed("Nguyễn^Đào^Thị"))
    [elsewhere] = [one for one in out.wanted() if one.subject == str(PatientRecord.objects.get(source="SX").pk)]
    scene.process(message(known, "ORC|CA|HD1", "OBR|1|HD1||GLU^G^L", kind="ORM^O01", control_id="O2", facility="HD"))

    done = out.send(elsewhere)

    assert (done.outcome, done.code, receiver.told) == ("withheld", "not-wanted", [])
