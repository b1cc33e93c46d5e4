"""What the centre of a region gets: the results of its laboratories, and nothing that names a patient."""

from __future__ import annotations

import pytest
from tests.factories.exchange import GLU, OBR, PID, SourceFactory, message
from tests.factories.registry import LaboratoryFactory, RegionFactory
from tests.integration.exchange.bulk.conftest import Exporting, Region, text
from tests.integration.exchange.fhir.bundles import entry, patient, transaction

from lienthong.core.models import AuditEvent
from lienthong.results.models import PatientRecord, Report

pytestmark = pytest.mark.django_db(transaction=True)
ALL = "Patient,Observation,DiagnosticReport,Specimen,ServiceRequest"
# Names, numbers and notes of the scene; a year of birth is told, a day is not.
NAMING = ("Nguyễn", "Đào", "Phạm", "Lan", "Lê", "Vũ", "P1", "P9", "Q1", "Q9", "001180012345", "SX1", "HD1", "PL1")
NAMING += ("Gọi", "N-r1", "1980-02", "1980-05", "An", "p9", "o1")


def everything(system: Exporting) -> str:
    return "".join(text(system.file(one["url"])) for one in system.manifest(f"$export?_type={ALL}")["output"])


def test_centre_gets_the_results_of_all_laboratories_of_its_region(region: Region, centre: Exporting) -> None:
    manifest = centre.manifest()

    found = centre.lines(manifest, "Observation")
    performers = {one["performer"][0]["reference"] for one in found}
    assert len(found) == 3
    assert performers == {f"Organization/{region.own.code}", f"Organization/{region.other.code}"}
    assert {one["valueQuantity"]["value"] for one in found} == {"5.6"}
    assert {one["code"]["coding"][0]["code"] for one in found} == {"2345-7"}
    assert manifest["extension"]["urn:lienthong:fhir:export"] == {"pseudonymised": True}
    kinds = {one["type"] for one in manifest["output"]}
    assert kinds == {*ALL.split(","), "Location", "Organization"}


def test_nothing_names_a_patient(centre: Exporting) -> None:
    said = everything(centre)

    assert [one for one in NAMING if f'"{one}' in said or f" {one}" in said or f"/{one}" in said] == []
    for pk in PatientRecord.objects.values_list("pk", flat=True):
        assert f'Patient/{pk}"' not in said


def test_patients_have_year_of_birth_and_sex_only(region: Region, centre: Exporting) -> None:
    found = centre.lines(centre.manifest("$export?_type=Patient"), "Patient")

    assert sorted((one["birthDate"], one["gender"]) for one in found) == [
        ("1975", "male"),
        ("1980", "female"),
        ("1980", "female"),
        ("1980", "female"),
    ]
    assert {frozenset(one) for one in found} == {
        frozenset(("resourceType", "id", "meta", "active", "gender", "birthDate", "managingOrganization")),
        frozenset(("resourceType", "id", "meta", "gender", "birthDate", "managingOrganization")),
    }


def test_references_lead_to_what_is_exported(centre: Exporting) -> None:
    manifest = centre.manifest()

    there = {
        f"{kind}/{one['id']}" for kind in (*ALL.split(","), "Organization") for one in centre.lines(manifest, kind)
    }
    told = {
        reference for kind in ALL.split(",") for one in centre.lines(manifest, kind) for reference in _references(one)
    }
    assert told <= there
    assert len(told) > 5


def _references(value: object) -> set[str]:
    if isinstance(value, list):
        return {found for one in value for found in _references(one)}
    if not isinstance(value, dict):
        return set()
    own = {value["reference"]} if isinstance(value.get("reference"), str) else set()
    return own | {found for one in value.values() for found in _references(one)}


def test_pseudonyms_stay_for_a_centre_and_differ_between_centres(region: Region, centre: Exporting) -> None:
    again = region.exporting(region.centre, "system/*.rs", "oversight/export")
    elsewhere = LaboratoryFactory(facility__region=region.centre.region).facility
    other = region.exporting(elsewhere, "system/*.rs", "oversight/export")

    ids = [_ids(one) for one in (centre, centre, again, other)]

    assert ids[0] == ids[1] == ids[2]
    assert ids[0] & ids[3] == set()
    assert len(ids[3]) == len(ids[0]) == 4


def _ids(system: Exporting) -> set[str]:
    return {one["id"] for one in system.lines(system.manifest("$export?_type=Patient"), "Patient")}


def test_facility_of_another_region_is_absent(region: Region, centre: Exporting) -> None:
    place = RegionFactory(parent=RegionFactory(code="VN"))
    laboratory = LaboratoryFactory(facility__region=place)
    SourceFactory(code="FAR", laboratory=laboratory)
    region.scene.process(message(PID, OBR.replace("SX1", "FAR1"), GLU, control_id="F1", facility="FAR"))
    assert Report.objects.filter(source="FAR").exists()

    said = everything(centre)
    places = centre.lines(centre.manifest("$export?_type=Organization"), "Organization")

    assert laboratory.facility.code not in said
    assert laboratory.facility.code not in {one["id"] for one in places}


def test_without_the_scope_the_centre_reads_as_any_facility(region: Region, centre: Exporting) -> None:
    narrow = centre.again("system/*.rs")

    manifest = narrow.manifest(f"$export?_type={ALL}")

    assert manifest["output"] == []
    assert narrow.searched("Observation") == []
    assert centre.searched("Observation") == []


def test_export_of_a_region_needs_its_scope_to_the_end(centre: Exporting) -> None:
    begun = centre.begin("$export?_type=Patient")

    assert centre.again("system/*.rs").status(begun).status_code == 403


@pytest.mark.parametrize("kind", ["Encounter", "Practitioner", "Bundle"])
def test_type_that_may_name_anybody_is_not_exported_for_a_centre(kind: str, centre: Exporting) -> None:
    answer = centre.begin(f"$export?_type={kind}")

    assert answer.status_code == 400
    assert kind in answer.json()["issue"][0]["diagnostics"]


def test_resource_with_a_modifier_extension_is_left_out_and_told(region: Region, centre: Exporting) -> None:
    extension = {"url": "urn:x:not", "valueBoolean": True}
    strange = patient("p8", number="P8") | {"modifierExtension": [extension]}
    region.post(transaction(entry(strange)))

    manifest = centre.manifest("$export?_type=Patient")

    assert len(centre.lines(manifest, "Patient")) == 4
    [outcome] = centre.lines(manifest, "OperationOutcome", "error")
    assert outcome["issue"][0]["code"] == "suppressed"


def test_read_by_the_centre_stands_in_the_log_of_each_patient(centre: Exporting) -> None:
    centre.manifest("$export?_type=Observation")

    reads = AuditEvent.objects.filter(action="read", relation="oversight")
    assert reads.values("patient_record_id").distinct().count() == 3
