"""Bundles of a laboratory: a patient, a specimen, results and their report, as hospitals send them."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"


def patient(id_: str = "p1", *, number: str = "P1", name: str = "Nguyễn Thị Đào") -> Json:
    return {
        "resourceType": "Patient",
        "id": id_,
        "identifier": [
            {
                "value": number,
                "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]},
            }
        ],
        "name": [{"text": name}],
        "gender": "female",
        "birthDate": "1980-02-03",
    }


def glucose(id_: str = "o1", *, value: str = "5.60", of: str = "Patient/p1", status: str = "final") -> str:
    """Return an Observation as text: 5.60 keeps its digits."""
    return (
        f'{{"resourceType":"Observation","id":"{id_}","status":"{status}","code":{{"coding":[{{"system":"{LOINC}",'
        f'"code":"2345-7","display":"Glucose"}}]}},"subject":{{"reference":"{of}"}},'
        '"effectiveDateTime":"2026-11-20T07:00:00+07:00","issued":"2026-11-20T08:30:00+07:00",'
        f'"valueQuantity":{{"value":{value},"unit":"mmol/L","system":"{UCUM}","code":"mmol/L"}}}}'
    )


def report(id_: str = "r1", *, results: tuple[str, ...] = ("Observation/o1",), of: str = "Patient/p1") -> Json:
    return {
        "resourceType": "DiagnosticReport",
        "id": id_,
        "identifier": [{"system": "urn:x:reports", "value": f"N-{id_}"}],
        "status": "final",
        "code": {"text": "Sinh hóa"},
        "subject": {"reference": of},
        "effectiveDateTime": "2026-11-20T07:00:00+07:00",
        "issued": "2026-11-20T08:30:00+07:00",
        "result": [{"reference": one} for one in results],
    }


def entry(resource: Json, method: str = "PUT", **request: str) -> Json:
    """Return an entry that puts a resource under its id, or posts it."""
    url = f"{resource['resourceType']}/{resource['id']}" if method == "PUT" else resource["resourceType"]
    return {"resource": resource, "request": {"method": method, "url": url, **request}}


def transaction(*entries: Json) -> Json:
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}
