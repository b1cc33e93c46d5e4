"""What the server does, as a CapabilityStatement (R4), made of the table by which it does it."""

from __future__ import annotations

from lienthong.exchange.fhir.answers import JSON, XML
from lienthong.exchange.fhir.kinds import KINDS, Kind
from lienthong.interop.fhir import Element

PUBLISHED = "2026-11-27"  # of this statement; it changes when what the server does changes
_SERVICE = "http://terminology.hl7.org/CodeSystem/restful-security-service"
_OAUTH = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_LASTN = "http://hl7.org/fhir/OperationDefinition/Observation-lastn"
_MATCH = "http://hl7.org/fhir/OperationDefinition/Patient-match"
# Bulk Data Access, STU 2.
_BULK = "http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"
_EXPORT = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export"
_PATIENT_EXPORT = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/patient-export"
_OPERATIONS = {
    "": (("export", _EXPORT),),
    "Observation": (("lastn", _LASTN),),
    "Patient": (("match", _MATCH), ("export", _PATIENT_EXPORT)),
}
_READS = ("read", "vread", "history-instance", "search-type")
_WRITES = ("create", "update")


def capability_statement(base: str, *, token: str) -> Element:
    """Return the statement of the server at an address; `token` is that of the token endpoint."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": PUBLISHED,
        "kind": "instance",
        "instantiates": [_BULK],
        "implementation": {"description": "Lienthong", "url": base},
        "software": {"name": "Lienthong"},
        "fhirVersion": "4.0.1",
        "format": [JSON, XML, "json", "xml"],
        "rest": [
            {
                "mode": "server",
                "security": _security(token),
                "resource": [_resource(one) for one in KINDS.values()],
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
                "operation": _operations(""),
            }
        ],
    }


def _security(token: str) -> Element:
    return {
        "extension": [{"url": _OAUTH, "extension": [{"url": "token", "valueUri": token}]}],
        "service": [{"coding": [{"system": _SERVICE, "code": "SMART-on-FHIR"}]}],
        "description": "SMART backend services: a signed assertion gives an access token with scopes.",
    }


def _resource(kind: Kind) -> Element:
    found: Element = {
        "type": kind.name,
        "interaction": [{"code": one} for one in (*_READS, *_WRITES)],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalUpdate": True,
        "conditionalRead": "not-supported",
        "conditionalDelete": "not-supported",
        "searchInclude": [f"{kind.name}:*", *(f"{kind.name}:{code}" for code in kind.references)],
        "searchRevInclude": [
            f"{other.name}:{code}"
            for other in KINDS.values()
            for code, parameter in other.references.items()
            if kind.name in parameter.targets
        ],
        "searchParam": [{"name": code, "type": one.type} for code, one in sorted(kind.parameters.items())],
    }
    if kind.acts:
        found["documentation"] = kind.acts
    if kind.name in _OPERATIONS:
        found["operation"] = _operations(kind.name)
    return found


def _operations(kind: str) -> list[Element]:
    """Return the operations of a kind, or those of the server."""
    return [{"name": name, "definition": definition} for name, definition in _OPERATIONS[kind]]
