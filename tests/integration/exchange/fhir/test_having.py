"""`_has`: resources that others refer to, of those that the caller may read and its token lets it search."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from tests.factories.exchange import OBR, PID, message
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, report, transaction
from tests.integration.exchange.fhir.conftest import System, system_of

from lienthong.exchange.fhir import having

pytestmark = pytest.mark.django_db

OBX = "OBX|1|NM|2345-7^Glucose^LN||4.9|mmol/L|3.9-6.1|N|||F|||20261120070000+0700"
DOCTOR = {"resourceType": "Practitioner", "id": "d1", "name": [{"family": "Trần"}]}
STAY = {
    "resourceType": "Encounter",
    "id": "e1",
    "status": "finished",
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
    "subject": {"reference": "Patient/p9"},
}


@pytest.fixture
def both(scene: Scene, hospital: System) -> System:
    """By HL7 v2 a patient (P1) with a glucose of 4.9; by FHIR p9 with 5.6, a report and a stay, and p5 with nothing."""
    scene.process(message(PID, OBR, OBX))
    value = json.loads(glucose(of="Patient/p9")) | {
        "performer": [{"reference": "Practitioner/d1"}],
        "encounter": {"reference": "Encounter/e1"},
    }
    sent = [patient("p9", number="P9"), patient("p5", number="P5"), DOCTOR, STAY, value, report(of="Patient/p9")]
    answer = hospital.post("", transaction(*map(entry, sent)))
    assert answer.status_code == 200, answer.content
    return hospital


def found(system: System, asked: str, **words: str) -> list[str]:
    """Return what a search finds: of a row of the house its number, of what was received its id."""
    name, _sign, value = asked.format(**words).rpartition("=")
    return sorted(
        one["id"] if not one["id"][0].isdecimal() else one.get("identifier", [{"value": "row"}])[0]["value"]
        for one in system.search(f"{name}={quote(value)}")
    )


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("Patient?_has:Observation:patient:code=2345-7", ["P1", "p9"]),
        ("Patient?_has:Observation:subject:code=http://loinc.org|2345-7", ["P1", "p9"]),
        ("Patient?_has:Observation:patient:code=2823-3", []),
        ("Patient?_has:Observation:patient:code=2823-3,2345-7", ["P1", "p9"]),
        ("Patient?_has:Observation:patient:code:text=gluc", ["P1", "p9"]),
        ("Patient?_has:Observation:patient:value-quantity=gt5", ["p9"]),
        ("Patient?_has:Observation:patient:value-quantity=lt5", ["P1"]),
        ("Patient?_has:Observation:patient:encounter:missing=true", ["P1"]),
        ("Patient?_has:Observation:patient:_id=o1", ["p9"]),
        ("Patient?_has:Observation:patient:patient.identifier=P9", ["p9"]),
        ("Patient?_has:Observation:patient:patient=p9", ["p9"]),
        ("Patient?identifier=P1&_has:Observation:patient:code=2345-7", ["P1"]),
        ("Patient?_has:Observation:patient:code=2345-7&_has:Encounter:subject:class=AMB", ["p9"]),
        ("Patient?_has:Encounter:patient:status=finished", ["p9"]),
        ("Patient?_has:Encounter:patient:status=planned", []),
        ("Patient?_has:DiagnosticReport:patient:result.value-quantity=gt5", ["p9"]),
        ("Patient?_has:Observation:patient:_has:DiagnosticReport:result:identifier=N-r1", ["p9"]),
        ("Patient?_has:Encounter:patient:_has:Observation:encounter:code=2345-7", ["p9"]),
        ("Patient?_has:Encounter:patient:_has:Observation:encounter:code=2823-3", []),
        ("Observation?_has:DiagnosticReport:result:status=final&code=2345-7", ["o1", "row"]),
        ("Observation?_has:DiagnosticReport:result:identifier=N-r1", ["o1"]),
        ("Practitioner?_has:Observation:performer:value-quantity=gt5", ["d1"]),
        ("Practitioner?_has:Observation:performer:value-quantity=lt5", []),
        ("Encounter?_has:Observation:encounter:code=2345-7", ["e1"]),
        ("Organization?_has:Observation:performer:code=2345-7", ["{facility}"]),
        ("Organization?_has:Location:organization:name=Hospital", ["{facility}"]),
        ("Specimen?_has:Observation:specimen:value-quantity=lt5", ["row"]),
    ],
    ids=str,
)
def test_has_finds_what_is_referred_to(asked: str, expected: list[str], scene: Scene, both: System) -> None:
    facility = scene.laboratory.facility.code

    assert found(both, asked) == [one.format(facility=facility) for one in expected]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("Patient?_has=1", "must be _has:Type:reference:parameter"),
        ("Patient?_has:Observation:patient=1", "must be _has:Type:reference:parameter"),
        ("Patient?_has:Spaceship:patient:code=1", "must be _has:Type:reference:parameter"),
        ("Patient?_has:Observation:code:code=1", "no code of Observation refers to Patient; focus, patient"),
        ("Patient?_has:Observation:device:code=1", "no device of Observation refers to Patient"),
        ("Patient?_has:Observation:patient:cod=1", "Observation has no parameter cod"),
        ("Patient?_has:Observation:patient:date=yesterday", "must be YYYY"),
        ("Observation?" + "_has:Observation:has-member:" * 4 + "code=1", "3 deep at most"),
        ("Patient?" + "&".join(["_has:Observation:patient:code=1"] * 6), "5 times _has at most"),
    ],
    ids=str,
)
def test_has_that_is_not_understood_says_why(asked: str, told: str, scene: Scene, both: System) -> None:
    answer = both.get(asked)

    assert answer.status_code == 400
    assert told in answer.json()["issue"][0]["diagnostics"]


def test_pages_and_totals_of_has_are_of_what_is_found(scene: Scene, both: System) -> None:
    page = both.get("Patient?_has:Observation:patient:code=2345-7&_count=1&_total=accurate").json()
    [following] = [one["url"].partition("/fhir/")[2] for one in page["link"] if one["relation"] == "next"]

    assert page["total"] == 2
    assert len(both.search(following)) == 1


def test_has_needs_the_scope_of_each_type_that_refers(scene: Scene, both: System) -> None:
    facility = scene.laboratory.facility.code
    of_patients = system_of(facility, scopes=("system/Patient.rs",), sources=("SX",))
    of_others = system_of(facility, scopes=("system/Observation.rs",), sources=("SX",))
    of_results = system_of(facility, scopes=("system/Patient.rs", "system/Observation.rs"), sources=("SX",))
    nested = "Patient?_has:Observation:patient:_has:DiagnosticReport:result:status=final"

    assert of_patients.get("Patient?_has:Observation:patient:code=2345-7").status_code == 403
    assert of_patients.get("Patient?_has:Observation:patient:code=2345-7", Prefer="handling=lenient").status_code == 403
    assert of_others.get("Patient?_has:Observation:patient:code=2345-7").status_code == 403
    assert of_results.get("Patient?_has:Observation:patient:code=2345-7").status_code == 200
    assert of_results.get(nested).status_code == 403


def test_has_that_no_index_serves_is_refused_unless_few_are_meant(
    scene: Scene, both: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(having, "MOST_CHAINED", 1)

    refused = both.get("Patient?_has:Observation:patient:code=2345-7")
    refused_too = both.get("Patient?_has:Observation:patient:_has:DiagnosticReport:result:status=final")

    for one in (refused, refused_too):
        assert one.status_code == 400
        assert one.json()["issue"][0]["code"] == "too-costly"
        assert "is served by no index" in one.json()["issue"][0]["diagnostics"]
    assert found(both, "Patient?identifier=P9&_has:Observation:patient:code=2345-7") == ["p9"]
    assert found(both, "Patient?_has:Observation:patient:_id=o1") == ["p9"]
    assert found(both, "Patient?_has:Encounter:patient:class=AMB") == ["p9"]


def test_patient_that_waits_for_its_record_is_found_by_what_refers_to_it(scene: Scene, hospital: System) -> None:
    unmapped = json.loads(glucose()) | {"code": {"coding": [{"system": "urn:x:local", "code": "XYZ"}]}}
    hospital.post("", transaction(entry(patient()), entry(patient("p5", number="P5")), entry(unmapped)))

    assert found(hospital, "Patient?_has:Observation:patient:code=XYZ") == ["p1"]
    assert found(hospital, "Patient?_has:Observation:patient:_id=o1") == ["p1"]


def test_has_of_what_all_may_read_tells_nothing_of_what_refers_to_it(
    scene: Scene, both: System, other_hospital: System
) -> None:
    """Organizations and practitioners are open to all: who performed another's results is not."""
    facility = scene.laboratory.facility.code
    asked = (
        "Organization?_has:Observation:performer:code=2345-7",
        f"Organization?_id={facility}&_has:Observation:performer:_has:DiagnosticReport:result:status=final",
        "Practitioner?_has:Observation:performer:code=2345-7",
        "Practitioner?_has:Observation:performer:value-quantity=gt0",
        "Practitioner?_has:Observation:performer:patient.identifier=P9",
        "Patient?_has:Observation:patient:code=2345-7",
    )

    counts = {
        system: [system.get(f"{one}&_total=accurate").json()["total"] for one in asked]
        for system in (both, other_hospital)
    }

    assert counts == {both: [1, 1, 1, 1, 1, 2], other_hospital: [0] * 6}
    assert [one["id"] for one in other_hospital.search("Organization")].count(facility) == 1
    assert len(other_hospital.search("Practitioner")) == 1
