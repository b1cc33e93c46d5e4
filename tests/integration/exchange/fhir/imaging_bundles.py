"""A report of an ultrasound examination as a radiology system writes it by FHIR, with all that stands beside it."""

from __future__ import annotations

import zlib
from base64 import b64encode
from struct import pack
from typing import Any

from tests.integration.exchange.fhir.bundles import entry, transaction

Json = dict[str, Any]
STUDY = "1.2.826.0.1.3680043.10.1338.1"
ARCHIVE = "https://pacs.example.org/dicom-web"
PDF = b"%PDF-1.7 made up"
NATIONAL = "110101198005171225"
TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"


def png(side: int = 40) -> bytes:
    """Return a grey picture of `side` pixels (ISO 15948), written here."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((row * 6 + column) % 256 for column in range(side)) for row in range(side))
    head = pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def examined() -> Json:
    return {
        "resourceType": "Patient",
        "id": "us-p",
        "identifier": [
            {"type": {"coding": [{"system": TYPES, "code": "MR"}]}, "value": "BN-4711"},
            {"type": {"coding": [{"system": TYPES, "code": "NI"}]}, "value": NATIONAL},
        ],
        "name": [{"text": "Nguyễn Thị Đào"}],
        "gender": "female",
        "birthDate": "1980-05-17",
    }


def report(**changes: object) -> Json:
    return {
        "resourceType": "DiagnosticReport",
        "id": "us-r",
        "identifier": [{"value": "US-77"}],
        "status": "final",
        "category": [{"coding": [{"system": "http://loinc.org", "code": "LP29684-5", "display": "Radiology"}]}],
        "code": {"coding": [{"system": "urn:x:ris", "code": "SAOB", "display": "Abdominal ultrasound"}]},
        "subject": {"reference": "Patient/us-p"},
        "effectiveDateTime": "2026-11-20T08:15:00+08:00",
        "issued": "2026-11-20T09:00:00+08:00",
        "result": [{"reference": "Observation/us-f"}],
        "imagingStudy": [{"reference": "ImagingStudy/us-s"}],
        "media": [{"comment": "Stone", "link": {"reference": "Media/us-m"}}],
        "conclusion": "胆囊结石。",
        "presentedForm": [
            {"contentType": "application/pdf", "title": "As printed", "data": b64encode(PDF).decode()},
        ],
        **changes,
    }


def findings() -> Json:
    return {
        "resourceType": "Observation",
        "id": "us-f",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "59776-5", "display": "Findings"}]},
        "subject": {"reference": "Patient/us-p"},
        "valueString": "肝脏大小正常。",
    }


def beside(*, binary: str = "Binary/us-b") -> tuple[Json, ...]:
    """Return picture, its bytes, study and archive."""
    return (
        {
            "resourceType": "Media",
            "id": "us-m",
            "status": "completed",
            "subject": {"reference": "Patient/us-p"},
            "content": {"contentType": "image/png", "url": binary},
        },
        {"resourceType": "Binary", "id": "us-b", "contentType": "image/png", "data": b64encode(png()).decode()},
        {
            "resourceType": "ImagingStudy",
            "id": "us-s",
            "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{STUDY}"}],
            "status": "available",
            "subject": {"reference": "Patient/us-p"},
            "endpoint": [{"reference": "Endpoint/us-e"}],
        },
        {
            "resourceType": "Endpoint",
            "id": "us-e",
            "status": "active",
            "connectionType": {
                "system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type",
                "code": "dicom-wado-rs",
            },
            "name": "Archive",
            "payloadType": [{"text": "DICOM"}],
            "address": ARCHIVE,
        },
    )


def examination(**changes: object) -> Json:
    """Return the transaction that holds all of it."""
    return transaction(*map(entry, (examined(), findings(), *beside(), report(**changes))))
