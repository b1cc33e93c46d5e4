"""Creates, updates and transactions: what is kept as received, and what becomes of it as patients and results."""

from __future__ import annotations

import json

import pytest
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, report, transaction
from tests.integration.exchange.fhir.conftest import System, system_of

from lienthong.results.models import InboxMessage, PatientRecord, Report, Resource, Result

pytestmark = pytest.mark.django_db


def test_transaction_is_kept_as_received_and_stored_as_a_report(scene: Scene, hospital: System) -> None:
    bundle = transaction(entry(patient()), entry(json.loads(glucose())), entry(report()))

    answer = hospital.post("", bundle)

    assert answer.status_code == 200, answer.content
    statuses = [one["response"]["status"] for one in answer.json()["entry"]]
    assert statuses == ["201 Created"] * 3
    result = Result.objects.get()
    assert (result.reported_value, result.status, result.procedure_id) == ("5.6", "final", scene.glucose_system.pk)
    assert Report.objects.get().number == "N-r1"
    record = PatientRecord.objects.get()
    assert (record.local_id, record.full_name) == ("P1", "Nguyễn Thị Đào")
    assert set(Resource.objects.values_list("patient_record_id", flat=True)) == {record.pk}
    assert InboxMessage.objects.get().state == "stored"


def test_number_keeps_its_digits_and_unknown_extensions_return(scene: Scene, hospital: System) -> None:
    hospital.put("Patient/p1", patient())
    text = glucose(value="5.60")[:-1] + ',"extension":[{"url":"http://example.com/unknown","valueDecimal":1.50}]}'
    hospital.put("Observation/o1", text)

    body = hospital.get("Observation/o1").content.decode()

    assert '"value":5.60' in body
    assert '"valueDecimal":1.50' in body
    assert Result.objects.get().reported_value == "5.60"


def test_same_again_changes_nothing_and_other_content_is_a_new_version(scene: Scene, hospital: System) -> None:
    hospital.put("Patient/p1", patient())
    first = hospital.put("Observation/o1", glucose(value="5.6"))
    same = hospital.put("Observation/o1", glucose(value="5.6"))

    changed = hospital.put("Observation/o1", glucose(value="6.1"))

    assert (first.status_code, same.status_code, changed.status_code) == (201, 200, 200)
    assert [one.headers["ETag"] for one in (first, same, changed)] == ['W/"1"', 'W/"1"', 'W/"2"']
    versions = Result.objects.order_by("version").values_list("reported_value", "status", "is_current")
    assert list(versions) == [("5.6", "final", False), ("6.1", "corrected", True)]
    older = hospital.get("Observation/o1/_history/1").json()
    assert (older["valueQuantity"]["value"], older["meta"]["versionId"]) == (5.6, "1")
    history = hospital.get("Observation/o1/_history").json()
    assert [one["response"]["etag"] for one in history["entry"]] == ['W/"2"', 'W/"1"']


def test_two_senders_may_use_one_id(scene: Scene, hospital: System, other_hospital: System) -> None:
    hospital.put("Patient/p1", patient(number="P1"))
    other_hospital.put("Patient/p1", patient(number="Q1", name="Trần Văn Bình"))

    mine, theirs = hospital.get("Patient/p1").json(), other_hospital.get("Patient/p1").json()

    assert (mine["id"], mine["name"][0]["text"]) == ("p1", "Nguyễn Thị Đào")
    assert (theirs["id"], theirs["name"][0]["text"]) == ("p1", "Trần Văn Bình")


def test_references_by_full_url_name_the_ids_that_are_given(scene: Scene, hospital: System) -> None:
    person, value = patient(), json.loads(glucose(of="urn:uuid:6f1d7f6e-52a7-4b53-8d3c-0a2d9b7c1e11"))
    posted = [
        {**entry(person, "POST"), "fullUrl": "urn:uuid:6f1d7f6e-52a7-4b53-8d3c-0a2d9b7c1e11"},
        entry(value, "POST"),
    ]

    answer = hospital.post("", transaction(*posted))

    locations = [one["response"]["location"] for one in answer.json()["entry"]]
    stored = hospital.get(locations[1].split("/_history")[0]).json()
    assert stored["subject"]["reference"] == locations[0].split("/_history")[0]
    assert Result.objects.get().patient_record_id == PatientRecord.objects.get().pk


def test_transaction_with_one_fault_stores_nothing(scene: Scene, hospital: System) -> None:
    wrong = json.loads(glucose()) | {"status": "ready"}

    answer = hospital.post("", transaction(entry(patient()), entry(wrong)))

    assert answer.status_code == 422
    [issue] = answer.json()["issue"]
    assert issue["expression"] == ["Bundle.entry[1].resource.status"]
    assert not Resource.objects.exists()
    assert not PatientRecord.objects.exists()
    assert not InboxMessage.objects.exists()


def test_transaction_that_reads_what_is_not_there_stores_nothing(scene: Scene, hospital: System) -> None:
    asked = {"request": {"method": "GET", "url": "Patient/nobody"}}

    answer = hospital.post("", transaction(entry(patient()), asked))

    assert answer.status_code == 404
    assert not Resource.objects.exists()
    assert not PatientRecord.objects.exists()


def test_batch_entry_that_means_another_version_says_so(scene: Scene, hospital: System) -> None:
    hospital.put("Patient/p1", patient())
    stale = entry(patient(name="Nguyễn Thị Hoa"), ifMatch='W/"7"')

    answer = hospital.post("", transaction(stale) | {"type": "batch"})

    assert answer.json()["entry"][0]["response"]["status"] == "412 Precondition Failed"


def test_batch_keeps_what_is_right_and_tells_what_is_not(scene: Scene, hospital: System) -> None:
    elsewhere = entry(patient("p2", number="P2"))
    elsewhere["request"] = {"method": "PUT", "url": "Patient/other"}
    bundle = transaction(entry(patient()), elsewhere) | {"type": "batch"}

    answer = hospital.post("", bundle)

    statuses = [one["response"]["status"] for one in answer.json()["entry"]]
    assert statuses == ["201 Created", "400 Bad Request"]
    assert Resource.objects.get().own_id == "p1"


def test_result_without_a_mapping_is_received_and_waits(scene: Scene, hospital: System) -> None:
    hospital.put("Patient/p1", patient())
    unknown = json.loads(glucose())
    unknown["code"] = {"coding": [{"system": "urn:x:local", "code": "XYZ"}]}

    answer = hospital.put("Observation/o1", unknown)

    assert answer.status_code == 201
    assert answer.json()["issue"][0]["details"]["text"] == "code-unknown"
    assert not Result.objects.exists()
    assert InboxMessage.objects.order_by("-id")[0].state == "held"
    assert hospital.get("Observation/o1").status_code == 200


def test_replayed_message_puts_its_resources_on_the_record(scene: Scene, hospital: System) -> None:
    system = scene.glucose
    system.loinc = ""
    system.save()
    hospital.post("", transaction(entry(patient()), entry(json.loads(glucose()))))
    before = set(Resource.objects.values_list("patient_record_id", flat=True))
    system.loinc = "2345-7"
    system.save()

    scene.replay_all()

    assert before == {None}
    record = PatientRecord.objects.get()
    assert set(Resource.objects.values_list("patient_record_id", flat=True)) == {record.pk}
    assert Result.objects.get().resource_id == Resource.objects.get(kind="Observation").pk


def test_if_match_refuses_another_version(scene: Scene, hospital: System) -> None:
    hospital.put("Patient/p1", patient())

    refused = hospital.put("Patient/p1", patient(name="Nguyễn Thị Hoa"), If_Match='W/"7"')
    changed = hospital.put("Patient/p1", patient(name="Nguyễn Thị Hoa"), If_Match='W/"1"')

    assert (refused.status_code, changed.status_code) == (412, 200)


def test_conditional_create_finds_what_is_there(scene: Scene, hospital: System) -> None:
    hospital.put("Patient/p1", patient(number="P1"))

    again = hospital.post("Patient", patient("px", number="P1"), If_None_Exist="identifier=P1")

    assert again.status_code == 200
    assert "/Patient/p1/" in again.headers["Location"]
    assert Resource.objects.count() == 1


def test_conditional_update_changes_the_one_that_meets_it(scene: Scene, hospital: System) -> None:
    hospital.put("Patient/p1", patient(number="P1"))
    named = patient("p1", number="P1", name="Nguyễn Thị Hoa")

    answer = hospital.put("Patient?identifier=P1", named)

    assert answer.status_code == 200
    assert hospital.get("Patient/p1").json()["name"][0]["text"] == "Nguyễn Thị Hoa"


@pytest.mark.parametrize(
    ("path", "change", "status", "told"),
    [
        ("Observation/o2", {}, 400, "id must be that of the URL"),
        ("Observation/o1", {"status": None}, 422, "status"),
        ("Observation/o1", {"resourceType": "Patient"}, 400, "must be a Observation"),
    ],
    ids=["other-id", "missing-element", "other-type"],
)
def test_wrong_update_says_what_is_wrong(
    path: str, change: dict[str, object], status: int, told: str, scene: Scene, hospital: System
) -> None:
    body = {name: value for name, value in (json.loads(glucose()) | change).items() if value is not None}

    answer = hospital.put(path, body)

    assert answer.status_code == status
    assert told in answer.content.decode()


def test_system_of_no_sender_may_not_write(scene: Scene) -> None:
    stranger = system_of(scene.laboratory.facility.code, sources=("NOBODY",))

    assert stranger.put("Patient/p1", patient()).status_code == 403


def test_content_that_was_there_before_takes_a_later_change_back(scene: Scene, hospital: System) -> None:
    hospital.put("Patient/p1", patient())

    for value in ("5.6", "6.1", "5.6"):
        hospital.put("Observation/o1", glucose(value=value))

    assert hospital.get("Observation/o1").json()["meta"]["versionId"] == "3"
    assert Result.objects.get(is_current=True).reported_value == "5.6"
    assert Result.objects.count() == 3


def test_result_that_is_sent_alone_later_stays_in_its_report(scene: Scene, hospital: System) -> None:
    hospital.post("", transaction(entry(patient()), entry(json.loads(glucose())), entry(report())))

    hospital.put("Observation/o1", glucose(value="6.1"))

    assert Report.objects.get().number == "N-r1"
    versions = Result.objects.order_by("version").values_list("reported_value", "is_current")
    assert list(versions) == [("5.6", False), ("6.1", True)]
