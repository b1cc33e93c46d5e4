"""Messages in HL7's own notation, and what a test wants of their Bundles."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

from lienthong.interop import fhir, hl7v2

MSH = "MSH|^~\\&|LIS|BVDK|LT||20240305103007+0700||{kind}|M1|P|2.5.1|||||||UNICODE UTF-8"
PID = "PID|1||P1^^^BVDK^MR||Nguyen^An^Thi^^^^L||19800102|F"
ORC = "ORC|RE|O1|F1"
OBR = "OBR|1|O1|F1|24323-8^Panel^LN|||20240305080000+0700|||||||||||||||20240305100000+0700||CH|F"


def bundle_of(*lines: str, kind: str = "ORU^R01^ORU_R01", msh: str = MSH, zone: tzinfo | None = None) -> dict[str, Any]:
    """Convert the message of MSH and `lines`; return its Bundle."""
    message, findings = hl7v2.parse("\r".join((msh.format(kind=kind), *lines)).encode())
    assert message is not None
    return fhir.to_bundle(message, zone=zone, findings=findings).bundle


def of_kind(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return the resources of a type."""
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def resolved(bundle: dict[str, Any], reference: dict[str, Any]) -> dict[str, Any]:
    """Return the resource that a reference names."""
    return next(entry["resource"] for entry in bundle["entry"] if entry["fullUrl"] == reference["reference"])


def observation_of(obx: str) -> dict[str, Any]:
    """Return the Observation of one OBX."""
    (found,) = of_kind(bundle_of(PID, ORC, OBR, obx), "Observation")
    return found


def back(bundle: object) -> list[str]:
    """Write a Bundle as HL7 v2; return its lines."""
    message = fhir.from_bundle(fhir.loads(fhir.dumps(bundle))).message  # type: ignore[arg-type]
    assert message is not None
    return hl7v2.write(message).decode().rstrip("\r").split("\r")
