"""What systems that were written for other servers send: references of all forms, conditions, echoes of `meta`."""

from __future__ import annotations

import json

import pytest
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, transaction
from tests.integration.exchange.fhir.conftest import Json, System

from lienthong.exchange.fhir.writing import MOST_IN_BATCH, MOST_READ
from lienthong.results.models import PatientRecord, Result

pytestmark = pytest.mark.django_db
ELSEWHERE = "http://his.example/fhir"


def observed(of: str, id_: str = "o1") -> Json:
    observation: Json = json.loads(glucose(id_, of=of))
    return observation


def whose(found: Result) -> str:
    return PatientRecord.objects.get(id=found.patient_record_id).local_id


def issue_of(answer: Json) -> Json:
    issue: Json = answer["issue"][0]
    return issue


def batch(*entries: Json) -> Json:
    return {**transaction(*entries), "type": "batch"}


def test_relative_reference_means_the_entry_at_the_server_of_its_full_url(scene: Scene, hospital: System) -> None:
    """R4, Bundle, references: `Patient/1` in an entry of http://his.example/fhir is that server's, not ours."""
    hospital.put("Patient/1", patient("1", number="OTHER", name="Trần Văn Khác"))
    told = transaction(
        {"fullUrl": f"{ELSEWHERE}/Patient/1", **entry(patient("1", number="P1"), "POST")},
        {"fullUrl": f"{ELSEWHERE}/Observation/9", **entry(observed("Patient/1", "9"), "POST")},
    )
    done = hospital.post("", told).json()
    made = done["entry"][0]["response"]["location"].split("/_history")[0]
    assert whose(Result.objects.get()) == "P1"
    assert [one["subject"]["reference"] for one in hospital.search(f"Observation?subject={made}")] == [made]
    assert hospital.search("Observation?subject=Patient/1") == []


def test_reference_to_another_server_names_nobody_here(scene: Scene, hospital: System) -> None:
    there = f"{ELSEWHERE}/Patient/p1"
    done = hospital.post("", transaction(entry(patient()), entry(observed(there)))).json()
    [waits] = done["entry"][1]["response"]["outcome"]["issue"]
    assert not Result.objects.exists()
    assert "A reference must name the patient" in waits["diagnostics"]
    assert hospital.search("Observation?patient=p1") == []
    assert hospital.search("Observation?subject=Patient/p1") == []
    assert [one["subject"]["reference"] for one in hospital.search(f"Observation?subject={there}")] == [there]
    included = hospital.search("Observation?_id=o1&_include=Observation:subject")
    assert [one["resourceType"] for one in included] == ["Observation"]


def test_absolute_reference_to_this_server_is_relative(scene: Scene, hospital: System) -> None:
    hospital.post("", transaction(entry(patient()), entry(observed("http://testserver/fhir/Patient/p1"))))
    assert whose(Result.objects.get()) == "P1"
    [found] = hospital.search("Observation?subject=http://testserver/fhir/Patient/p1")
    assert found["subject"]["reference"] == "Patient/p1"


def test_result_without_a_subject_says_which_element_is_missing(scene: Scene, hospital: System) -> None:
    told = {key: value for key, value in observed("").items() if key != "subject"}
    issue = issue_of(hospital.put("Observation/o1", told).json())
    assert issue["expression"] == ["Observation.subject"]
    assert "A reference must name the patient" in issue["diagnostics"]


def test_conditional_update_minds_the_version(scene: Scene, hospital: System) -> None:
    hospital.put("Patient/p1", patient())
    answer = hospital.put("Patient?identifier=P1", patient(name="Nguyễn Thị Đào Anh"), If_Match='W/"7"')
    assert answer.status_code == 412
    assert hospital.get("Patient/p1").json()["meta"]["versionId"] == "1"


@pytest.mark.parametrize("condition", ["identifier=&birthdate=1980-02-03", "birthdate=1980-02-03&identifier=,"])
def test_condition_with_a_blank_is_refused(condition: str, scene: Scene, hospital: System) -> None:
    """Without the blank, whoever was born that day would meet it."""
    hospital.put("Patient/p1", patient())
    other = {key: value for key, value in patient(number="P2", name="Lê Thị Mơ").items() if key != "id"}
    updated = hospital.put(f"Patient?{condition}", other)
    created = hospital.post("Patient", other, If_None_Exist=condition)
    assert (updated.status_code, created.status_code) == (400, 400)
    assert "identifier must have a value" in issue_of(updated.json())["diagnostics"]
    assert hospital.get("Patient/p1").json()["meta"]["versionId"] == "1"


def test_resource_that_is_read_and_written_back_is_no_new_version(scene: Scene, hospital: System) -> None:
    hospital.post("", transaction(entry(patient()), entry(observed("Patient/p1"))))
    for path in ("Patient/p1", "Observation/o1"):
        read = hospital.get(path)
        assert hospital.put(path, read.json()).headers["ETag"] == 'W/"1"'


def test_nobody_gives_a_mark_to_itself(scene: Scene, hospital: System) -> None:
    mark = {"system": "urn:lienthong:mark", "code": "LT-HD"}
    extension = {"url": "urn:lienthong:fhir:StructureDefinition:recognition-mark", "valueString": "LT-HD"}
    own = {"system": "urn:x:tags", "code": "night"}
    told = {**observed("Patient/p1"), "meta": {"tag": [mark, own], "extension": [extension]}}
    hospital.post("", transaction(entry(patient()), entry(told)))
    found = hospital.get("Observation/o1").json()["meta"]
    assert found["tag"] == [own]
    assert "extension" not in found
    assert hospital.search("Observation?_tag=urn:lienthong:mark|LT-HD") == []


def test_what_is_said_beside_the_time_of_a_version_comes_back(scene: Scene, hospital: System) -> None:
    beside = {"extension": [{"url": "urn:x:clock", "valueString": "by radio"}]}
    hospital.put("Patient/p1", {**patient(), "id": "p1", "meta": {"_lastUpdated": beside}})
    assert hospital.get("Patient/p1").json()["meta"]["_lastUpdated"] == beside


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("Observation?patient=p1&_include:iterate=Observation:subject", "_include has no modifier"),
        ("Patient?_sort:asc=birthdate", "_sort has no modifier"),
        ("Patient?_sort=family", "one of _lastUpdated, birthdate"),
        ("Patient/p1/_history?_since=2030-01-01T00:00:00Z", "takes no _since"),
        ("Patient/p1/_history?_count=1", "takes no _count"),
    ],
)
def test_what_would_tell_something_else_is_refused(path: str, told: str, scene: Scene, hospital: System) -> None:
    hospital.put("Patient/p1", patient())
    answer = hospital.get(path)
    assert (answer.status_code, issue_of(answer.json())["code"]) == (400, "not-supported")
    assert told in issue_of(answer.json())["diagnostics"]


@pytest.mark.parametrize("path", ["Patient/_history", "Patient/$everything", "Patient/p1/$everything"])
def test_interaction_that_is_not_offered_is_not_taken_for_an_id(path: str, hospital: System) -> None:
    answer = hospital.get(path)
    assert (answer.status_code, issue_of(answer.json())["code"]) == (404, "not-supported")


def test_entries_of_a_batch_that_fail_name_their_own_place(scene: Scene, hospital: System) -> None:
    answers = hospital.post(
        "",
        batch(
            entry(patient()),
            {**entry(patient("p2")), "request": {"method": "PUT", "url": "Patient/p3"}},
            {"request": {"method": "GET", "url": "Patient/p1/_history"}},
        ),
    ).json()["entry"]
    issues = [issue_of(one["response"]["outcome"]) for one in answers[1:]]
    assert issues[0]["expression"] == ["Bundle.entry[1].resource.id"]
    assert issues[1]["code"] == "not-supported"
    alone = issue_of(hospital.put("Patient/p3", patient("p2")).json())
    assert alone["expression"] == ["Patient.id"]


def test_number_of_any_length_is_no_fault_of_ours(hospital: System) -> None:
    told = [{"name": "patient", "valueString": "p1"}, {"name": "max", "valueString": "9" * 5000}]
    assert hospital.post("Observation/$lastn", {"resourceType": "Parameters", "parameter": told}).status_code == 400


def test_next_page_comes_in_the_form_of_the_first(scene: Scene, hospital: System) -> None:
    hospital.post("", transaction(entry(patient()), entry(patient("p2", number="P2", name="Lê Thị Mơ"))))
    links = hospital.get("Patient?_count=1&_format=application/fhir%2Bjson").json()["link"]
    assert ["_format=application%2Ffhir%2Bjson" in one["url"] for one in links] == [True, True]


def test_statement_says_that_a_read_may_be_conditional(scene: Scene, hospital: System) -> None:
    hospital.put("Patient/p1", patient())
    assert hospital.get("Patient/p1", If_None_Match='W/"1"').status_code == 304
    told = hospital.get("metadata").json()["rest"][0]["resource"]
    assert {one["conditionalRead"] for one in told} == {"not-match"}


def test_bundle_that_would_take_minutes_is_refused(hospital: System) -> None:
    read = {"request": {"method": "GET", "url": "Observation/none"}}
    written = entry(patient("p1", number="P1"))

    taken = hospital.post("", batch(*[read] * MOST_READ))
    refused = [
        hospital.post("", batch(*[read] * (MOST_READ + 1))),
        hospital.post("", transaction(*[read] * (MOST_READ + 1))),
        hospital.post("", batch(*[written] * (MOST_IN_BATCH + 1))),
    ]

    assert (taken.status_code, len(taken.json()["entry"])) == (200, MOST_READ)
    assert [one.status_code for one in refused] == [400] * 3
    assert {issue_of(one.json())["code"] for one in refused} == {"too-costly"}
    assert not PatientRecord.objects.filter(local_id="P1").exists()


@pytest.mark.parametrize("value", ["9e308", "-9e308"])
def test_number_that_no_computer_holds_is_kept_as_it_came(value: str, scene: Scene, hospital: System) -> None:
    sent = glucose(value=value).replace("2345-7", "no-such-code")

    answer = hospital.put("Observation/o1", sent)

    assert answer.status_code == 201, answer.content
    assert value in hospital.get("Observation/o1").content.decode().lower()
    assert len(hospital.search(f"Observation?value-quantity={'lt-1' if value.startswith('-') else 'gt1'}")) == 1
