"""Each field of a written message is traced to the element of the Bundle that it was made of."""

from __future__ import annotations

import pytest

from lienthong.interop import fhir

CODED = {"coding": [{"system": "http://loinc.org", "code": "2345-7"}]}
PART = {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]}
NUMBER = {"system": "urn:x", "value": "1"}
PATIENT = {"resourceType": "Patient", "id": "p", "identifier": [NUMBER], "birthDate": "1980-05-17"}
ORDER = {
    "resourceType": "ServiceRequest",
    "id": "s",
    "identifier": [NUMBER],
    "code": CODED,
    "subject": {"reference": "Patient/p"},
}
GLUCOSE = {
    "resourceType": "Observation",
    "id": "o",
    "status": "final",
    "code": CODED,
    "valueQuantity": {"value": 5, "unit": "mmol/L"},
    "effectiveDateTime": "2026-11-20",
}
PRESSURE = {
    "resourceType": "Observation",
    "id": "b",
    "status": "final",
    "code": CODED,
    "component": [{"code": PART, "valueString": "a"}, {"code": PART, "valueInteger": 2}],
}
SPECIMEN = {"resourceType": "Specimen", "id": "m", "collection": {"collectedDateTime": "2026-11-20"}}
REPORT = {
    "resourceType": "DiagnosticReport",
    "id": "r",
    "identifier": [NUMBER],
    "code": CODED,
    "effectivePeriod": {"start": "2026-11-20"},
    "subject": {"reference": "Patient/p"},
    "basedOn": [{"reference": "ServiceRequest/s"}],
    "specimen": [{"reference": "Specimen/m"}],
    "result": [{"reference": "Observation/b"}, {"reference": "Observation/o"}],
}
WHOLE = [REPORT, GLUCOSE, PATIENT, PRESSURE, ORDER, SPECIMEN]


def origins(*resources: object) -> fhir.Origins:
    entries = [{"resource": one} for one in resources]
    return fhir.from_bundle({"resourceType": "Bundle", "type": "collection", "entry": entries}).origins


@pytest.mark.parametrize(
    ("where", "entry", "path"),
    [
        ("PID-3", 2, "Patient.identifier"),
        ("PID-7", 2, "Patient.birthDate"),
        ("PID-3.4", 2, "Patient.identifier"),
        ("PID", 2, "Patient"),
        ("ORC-2", 4, "ServiceRequest.identifier"),
        ("OBR(1)-3", 0, "DiagnosticReport.identifier"),
        ("OBR(1)-4", 4, "ServiceRequest.code"),
        ("OBR(1)-7", 0, "DiagnosticReport.effectivePeriod"),
        ("OBX(1)-3", 3, "Observation.code"),
        ("OBX(2)-3", 3, "Observation.component[0].code"),
        ("OBX(3)-5", 3, "Observation.component[1].valueInteger"),
        ("OBX(3)-11", 3, "Observation.status"),
        ("OBX(4)-3", 1, "Observation.code"),
        ("OBX(4)-5", 1, "Observation.valueQuantity"),
        ("OBX(4)-6", 1, "Observation.valueQuantity.unit"),
        ("OBX(4)-14", 1, "Observation.effectiveDateTime"),
        ("SPM(1)-17", 5, "Specimen.collection.collectedDateTime"),
        ("OBX(9)-3", -1, "Observation.code"),
        ("OBX-11", 3, "Observation.status"),
        ("MSH-3", -1, "Bundle"),
    ],
    ids=str,
)
def test_place_in_a_message_leads_to_its_element(where: str, entry: int, path: str) -> None:
    found = origins(*WHOLE).find(where)

    assert found is not None
    assert (found.entry, str(found)) == (entry, path)


@pytest.mark.parametrize("where", ["", "line 3", "XML3[2]", "Bundle", "ZZZ-1"], ids=str)
def test_place_of_another_notation_leads_nowhere(where: str) -> None:
    assert origins(*WHOLE).find(where) is None


def test_report_that_the_bundle_does_not_hold_is_its_only_result() -> None:
    found = origins(PATIENT, GLUCOSE | {"subject": {"reference": "Patient/p"}}).find("OBR(1)-4")

    assert (found and found.entry, str(found)) == (1, "Observation.code")
