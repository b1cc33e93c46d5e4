"""From the request to the last file, as a system of a hospital goes through it."""

from __future__ import annotations

import gzip
import json
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from tests.integration.exchange.bulk.conftest import (
    Exporting,
    Region,
    export_of,
    in_order,
    text,
)
from tests.integration.exchange.fhir.bundles import Json, entry, glucose, transaction

from lienthong.core.models import AuditEvent
from lienthong.exchange.bulk.files import ExportFiles
from lienthong.exchange.bulk.queue import work_exports
from lienthong.exchange.fhir.definitions import PUBLISHED_KINDS
from lienthong.exchange.fhir.kinds import KINDS
from lienthong.results.models import PatientRecord

pytestmark = pytest.mark.django_db(transaction=True)


def test_files_hold_what_pages_of_a_search_hold(region: Region, hospital: Exporting) -> None:
    manifest = hospital.manifest()

    exported = {kind: in_order(hospital.lines(manifest, kind)) for kind in KINDS}
    searched = {kind: in_order(hospital.searched(kind)) for kind in KINDS}
    assert exported == searched
    found = {kind for kind, lines in exported.items() if lines}
    own = {"Patient", "Observation", "DiagnosticReport", "Specimen", "ServiceRequest", "Encounter"}
    assert found == own | {"Organization", "Location", "Practitioner", *PUBLISHED_KINDS}
    assert {one["valueQuantity"]["value"] for one in hospital.lines(manifest, "Observation")} == {"5.6"}


def test_manifest_and_headers_are_those_of_the_guide(hospital: Exporting) -> None:
    begun = hospital.begin("$export?_type=Patient,Observation&_type=Organization")
    waiting = hospital.status(begun)
    work_exports(timezone.now)
    answer = hospital.status(begun)

    assert begun.status_code == 202
    assert begun.json()["resourceType"] == "OperationOutcome"
    assert (waiting.status_code, waiting.content) == (202, b"")
    assert len(waiting.headers["X-Progress"]) < 100
    assert int(waiting.headers["Retry-After"]) >= 1
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.headers["Expires"].endswith("GMT")
    manifest = answer.json()
    assert manifest["request"].endswith("/fhir/$export?_type=Patient,Observation&_type=Organization")
    assert manifest["requiresAccessToken"] is True
    assert [one["type"] for one in manifest["output"]] == ["Patient", "Observation", "Organization"]
    assert manifest["error"] == []
    assert manifest["transactionTime"] <= timezone.now().isoformat()


def test_many_resources_are_parted_into_files(region: Region, hospital: Exporting) -> None:
    region.post(transaction(*(entry(_encounter(f"n{number}")) for number in range(7))))

    files = hospital.manifest("$export?_type=Encounter")["output"]

    assert [one["count"] for one in files] == [3, 3, 2]
    assert [one["url"].rpartition("/")[2] for one in files] == [f"Encounter.{n}.ndjson" for n in (1, 2, 3)]


def test_file_is_packed_where_that_is_taken(hospital: Exporting) -> None:
    [file] = hospital.manifest("$export?_type=Patient")["output"]

    plain = hospital.file(file["url"], Accept_Encoding="identity")
    packed = hospital.file(file["url"], Accept_Encoding="br, gzip;q=0.5")
    refused = hospital.file(file["url"], Accept_Encoding="gzip;q=0")

    assert plain.headers["Content-Type"] == packed.headers["Content-Type"] == "application/fhir+ndjson"
    data = b"".join(packed.streaming_content)
    told = text(plain)
    assert (packed.headers["Content-Encoding"], gzip.decompress(data).decode()) == ("gzip", told)
    assert int(plain.headers["Content-Length"]) == len(told.encode())
    assert "Content-Encoding" not in refused.headers


def test_patient_export_has_only_what_is_about_patients(hospital: Exporting) -> None:
    manifest = hospital.manifest("Patient/$export")

    kinds = {one["type"] for one in manifest["output"]}
    assert kinds == {"DiagnosticReport", "Encounter", "Observation", "Patient", "ServiceRequest", "Specimen"}


def test_only_types_in_scope_are_exported(region: Region) -> None:
    system = region.exporting(region.own, "system/Observation.rs", "system/Patient.r")

    manifest = system.manifest()
    refused = system.begin("$export?_type=Observation,Patient")

    assert {one["type"] for one in manifest["output"]} == {"Observation"}
    assert refused.status_code == 403
    assert 'scope="system/Patient.s"' in refused.headers["WWW-Authenticate"]


def test_records_of_another_facility_are_absent(region: Region) -> None:
    other = region.exporting(region.other, sources=("HD",))

    told = [text(other.file(one["url"])) for one in other.manifest()["output"]]

    assert not [one for one in told if "Nguyễn" in one or "Phạm" in one or "Gọi cho" in one]
    assert any("Vũ Văn Nam" in one for one in told)


def test_export_of_another_system_is_not_found(region: Region, hospital: Exporting) -> None:
    begun = hospital.begin()
    work_exports(timezone.now)
    [file, *_others] = hospital.status(begun).json()["output"]
    stranger = region.exporting(region.own, sources=("SX",))

    answers = [stranger.status(begun), stranger.status(begun, "delete"), stranger.file(file["url"])]

    assert [one.status_code for one in answers] == [404, 404, 404]
    assert hospital.status(begun).status_code == 200


def test_file_needs_a_token_with_its_scope(region: Region, hospital: Exporting) -> None:
    begun = hospital.begin("$export?_type=Patient")
    work_exports(timezone.now)
    [file] = hospital.status(begun).json()["output"]

    without = Client().get(urlsplit(file["url"]).path)
    narrow = hospital.again("system/Observation.rs")

    assert without.status_code == 401
    assert (narrow.file(file["url"]).status_code, narrow.status(begun).status_code) == (403, 403)


def test_removed_export_is_gone_with_its_files(hospital: Exporting) -> None:
    begun = hospital.begin("$export?_type=Patient")
    work_exports(timezone.now)
    [file] = hospital.status(begun).json()["output"]

    removed = hospital.status(begun, "delete")

    assert removed.status_code == 202
    assert [hospital.status(begun).status_code, hospital.file(file["url"]).status_code] == [404, 404]
    assert hospital.status(begun, "delete").status_code == 404
    assert ExportFiles.of_installation().keys() == []


def test_export_removed_before_it_was_made_is_not_made(hospital: Exporting) -> None:
    begun = hospital.begin()

    hospital.status(begun, "delete")

    assert work_exports(timezone.now) == []
    assert hospital.status(begun).status_code == 404


def test_third_export_at_work_is_refused(region: Region, hospital: Exporting) -> None:
    first, second, third = (hospital.begin() for _ in range(3))
    of_another = region.exporting(region.other).begin()
    hospital.status(first, "delete")

    assert [first.status_code, second.status_code, third.status_code, of_another.status_code] == [202, 202, 429, 202]
    assert int(third.headers["Retry-After"]) > 0
    assert third.json()["issue"][0]["code"] == "throttled"
    assert hospital.begin().status_code == 202


def test_export_is_an_event_and_a_read_of_each_patient(region: Region, hospital: Exporting) -> None:
    AuditEvent.objects.all().delete()
    begun = hospital.begin()
    work_exports(timezone.now)

    export = export_of(begun)
    mine = set(PatientRecord.objects.filter(facility=region.own).values_list("pk", flat=True))
    reads = AuditEvent.objects.filter(action="read", object_key=str(export.key))
    done = AuditEvent.objects.get(action="finish-export")
    assert set(reads.values_list("patient_record_id", "relation")) == {(pk, "same-facility") for pk in mine}
    assert set(reads.values_list("actor", flat=True)) == {export.user.username}
    assert (done.detail["Patient"], done.detail["patients"], export.patients) == (2, 2, 2)
    assert region.own.code in done.detail["facilities"].split()
    assert AuditEvent.objects.filter(action="ask-for-export", object_key=str(export.key)).exists()


def test_withdrawn_result_is_exported_as_entered_in_error(region: Region, hospital: Exporting) -> None:
    region.post(transaction(entry(json.loads(glucose(of="Patient/p9", status="entered-in-error")))))

    found = hospital.lines(hospital.manifest("$export?_type=Observation"), "Observation")

    assert sorted(one["status"] for one in found) == ["entered-in-error", "final"]


def test_own_resources_come_under_own_ids(hospital: Exporting) -> None:
    manifest = hospital.manifest("$export?_type=Patient,Observation")

    assert "p9" in {one["id"] for one in hospital.lines(manifest, "Patient")}
    assert {one["subject"]["reference"] for one in hospital.lines(manifest, "Observation")} >= {"Patient/p9"}


def _encounter(id_: str) -> Json:
    return {"resourceType": "Encounter", "id": id_, "status": "finished", "class": {"code": "AMB"}}
