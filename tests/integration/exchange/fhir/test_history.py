"""What stood before: each version of a report, its specimen, its results and its order, as it was."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import connection
from django.utils import timezone
from tests.factories.exchange import OBR, PID, SourceFactory, message
from tests.factories.registry import LaboratoryFactory
from tests.factories.results import claim, order_draft, store_patient_record, store_some_orders
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, transaction
from tests.integration.exchange.fhir.conftest import Json, System, system_of

from lienthong.core.actions import system_user
from lienthong.results.actions import seal_earlier_reports
from lienthong.results.models import PatientRecord

pytestmark = pytest.mark.django_db

OBX = "OBX|1|NM|2345-7^Glucose^LN||{value}|mmol/L|3.9-6.1|N|||{status}|||20261120070000+0700"
SPM = "SPM|1|||SER^Serum^HL70487|||||||||||||20261120065000+0700|20261120071500+0700"


def sent(scene: Scene, value: str, status: str, *more: str, number: int, obr: str = OBR) -> None:
    scene.process(message(PID, obr, OBX.format(value=value, status=status), *more, control_id=f"M{number}"))


@pytest.fixture
def corrected(scene: Scene, hospital: System) -> System:
    """A report of HL7 v2 in three versions: 4.9, then 5.1 with a note, then withdrawn."""
    sent(scene, "4.9", "F", number=1)
    sent(scene, "5.1", "C", "NTE|1|L|Typing error", number=2, obr=OBR.replace("CHEM^Chemistry", "CHEM^Blood chemistry"))
    sent(scene, "5.1", "D", number=3)
    return hospital


def report_id(system: System) -> str:
    [found] = system.search("DiagnosticReport")
    return str(found["id"])


def versions(system: System, path: str) -> list[Json]:
    """Return the resources of a history, newest first, each of which is read alone as well."""
    bundle = system.get(f"{path}/_history").json()
    found = [one["resource"] for one in bundle["entry"]]
    for one in found:
        read = system.get(f"{path}/_history/{one['meta']['versionId']}")
        assert read.json() == one
        assert read.headers["ETag"] == f'W/"{one["meta"]["versionId"]}"'
    return found


def test_report_has_each_version_as_it_stood(corrected: System) -> None:
    path = f"DiagnosticReport/{report_id(corrected)}"

    found = versions(corrected, path)

    assert [one["meta"]["versionId"] for one in found] == ["3", "2", "1"]
    assert [one["status"] for one in found] == ["entered-in-error", "corrected", "final"]
    assert [one["code"]["text"] for one in found] == ["Chemistry", "Blood chemistry", "Chemistry"]
    changed = [one["meta"]["lastUpdated"] for one in found]
    assert changed == sorted(changed, reverse=True)
    assert len(set(changed)) == 3
    assert found[0] == corrected.get(path).json()
    assert corrected.get(f"{path}/_history/4").status_code == 404


def test_earlier_version_names_the_versions_of_its_results(corrected: System) -> None:
    found = versions(corrected, f"DiagnosticReport/{report_id(corrected)}")

    references = [one["result"][0]["reference"] for one in found]
    assert [one.rpartition("/")[2] for one in references[1:]] == ["2", "1"]
    results = [corrected.get(one).json() for one in references]
    assert [(one["status"], one["valueQuantity"]["value"]) for one in results] == [
        ("entered-in-error", 5.1),
        ("corrected", 5.1),
        ("final", 4.9),
    ]
    assert [one["meta"]["versionId"] for one in versions(corrected, references[0])] == ["3", "2", "1"]


def test_specimen_has_the_versions_of_its_report(scene: Scene, hospital: System) -> None:
    sent(scene, "4.9", "F", number=1)
    sent(scene, "4.9", "C", SPM, number=2, obr=OBR.replace("20261120070000", "20261120063000", 1))
    sent(scene, "5.2", "C", SPM, number=3)

    found = versions(hospital, f"Specimen/{report_id(hospital)}")

    times = [one["collection"]["collectedDateTime"] for one in found]
    assert len(times) == len(versions(hospital, f"DiagnosticReport/{report_id(hospital)}"))
    assert times[-1] != times[0]


def test_version_from_before_the_log_is_told_as_far_as_it_is_known(scene: Scene, hospital: System) -> None:
    sent(scene, "4.9", "F", number=1)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_log_waiting; DELETE FROM results_report_version")
        sent(scene, "5.1", "C", number=2)
        cursor.execute("INSERT INTO results_unsealed SELECT min(id), max(id) FROM results_report")
    seal_earlier_reports(by=system_user("log"))

    now, before = versions(hospital, f"DiagnosticReport/{report_id(hospital)}")

    assert (before["status"], before["identifier"], before["subject"]) == ("unknown", now["identifier"], now["subject"])
    assert not {"result", "effectiveDateTime", "issued", "conclusion"} & set(before)


def test_report_that_no_version_names_has_its_present_one(scene: Scene, hospital: System) -> None:
    sent(scene, "4.9", "F", number=1)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM results_report_version")

    [only] = versions(hospital, f"DiagnosticReport/{report_id(hospital)}")

    assert only["status"] == "final"


def test_order_has_each_version_as_it_stood(scene: Scene, hospital: System) -> None:
    facility = scene.laboratory.facility
    record = store_patient_record(claim(facility))
    assert record
    at = timezone.now()
    for number, (status, priority) in enumerate((("requested", "R"), ("accepted", "S"), ("cancelled", "S"))):
        draft = order_draft(facility, record, status=status, priority=priority, inbox_id=number + 1, control="XO")
        store_some_orders(draft, at=at + dt.timedelta(minutes=number))
    [order] = hospital.search("ServiceRequest")

    found = versions(hospital, f"ServiceRequest/{order['id']}")

    assert [(one["status"], one["priority"]) for one in found] == [
        ("revoked", "stat"),
        ("active", "stat"),
        ("active", "routine"),
    ]
    assert found[0] == order


def test_patient_record_has_one_version(corrected: System) -> None:
    [found] = corrected.search("Patient")

    assert versions(corrected, f"Patient/{found['id']}") == [found]


def test_version_that_told_of_another_patient_stays_with_its_sender(scene: Scene, hospital: System) -> None:
    """A sender may correct of whom it tells; who may read the one patient does not thereby read the other."""
    other = patient("p2", number="P2", name="Trần Thị Bé") | {"birthDate": "1990-01-01"}
    hospital.post("", transaction(entry(patient("p1", number="P1")), entry(other)))
    hospital.put("Observation/o1", glucose("o1", of="Patient/p2", value="9.9"))
    hospital.put("Observation/o1", glucose("o1", of="Patient/p1", value="5.6"))
    asker = asker_with_an_order(scene, PatientRecord.objects.get(local_id="P1"))
    [found] = asker.search("Observation")

    history = versions(asker, f"Observation/{found['id']}")

    assert [one["valueQuantity"]["value"] for one in history] == [5.6]
    assert asker.get(f"Observation/{found['id']}/_history/1").status_code == 404
    assert len(versions(hospital, "Observation/o1")) == 2


def test_resource_that_tells_of_another_patient_now_is_no_longer_read_by_the_first(
    scene: Scene, hospital: System
) -> None:
    hospital.put("Patient/p1", patient("p1", number="P1"))
    hospital.put("Observation/o1", glucose("o1", of="Patient/p1"))
    asker = asker_with_an_order(scene, PatientRecord.objects.get())
    assert len(asker.search("Observation")) == 1

    hospital.put("Observation/o1", glucose("o1", of="Patient/unknown"))

    assert asker.search("Observation") == []


def test_device_in_a_patient_is_read_with_the_patient_only(scene: Scene, hospital: System) -> None:
    hospital.put("Patient/p1", patient("p1", number="P1"))
    for id_, of in (("pump", {"patient": {"reference": "Patient/p1"}}), ("analyser", {})):
        hospital.put(f"Device/{id_}", {"resourceType": "Device", "id": id_, "identifier": [{"value": id_}], **of})
    laboratory = LaboratoryFactory(facility__region=scene.laboratory.facility.region)

    stranger = system_of(laboratory.facility.code)

    assert [one["identifier"][0]["value"] for one in stranger.search("Device")] == ["analyser"]


def test_id_of_the_sender_is_never_another_resource_of_who_reads(scene: Scene, hospital: System) -> None:
    """A result names a Practitioner that never came; its reader has one under the same id."""
    hospital.put("Patient/p1", patient("p1", number="P1"))
    value = json.loads(glucose("o1", of="Patient/p1")) | {"performer": [{"reference": "Practitioner/dr1"}]}
    hospital.put("Observation/o1", value)
    asker = asker_with_an_order(scene, PatientRecord.objects.get())
    asker.put("Practitioner/dr1", {"resourceType": "Practitioner", "id": "dr1", "name": [{"text": "Another"}]})

    bundle = asker.get("Observation?_include=Observation:performer&_include=Observation:*").json()

    [performer] = bundle["entry"][0]["resource"]["performer"]
    assert performer["reference"] != "Practitioner/dr1"
    assert asker.get(performer["reference"]).status_code == 404
    assert "Practitioner" not in {one["resource"]["resourceType"] for one in bundle["entry"]}


def asker_with_an_order(scene: Scene, record: PatientRecord) -> System:
    """Return the system of a hospital that knows the person of a record and has an open order for her."""
    laboratory = LaboratoryFactory(facility__region=scene.laboratory.facility.region)
    source = SourceFactory(code="ASK", laboratory=laboratory)
    own = store_patient_record(claim(source.facility, source="ASK", local_id="K1", identifiers=(("MR", "K1"),)))
    assert own
    same = PatientRecord.objects.get(pk=own)
    same.links.update(person=record.links.get(superseded_at=None).person)
    store_some_orders(order_draft(source.facility, own, source="ASK", placer_number="K-1"), at=timezone.now())
    return system_of(source.facility.code, sources=("ASK",))
