"""What the server does, as a CapabilityStatement (R4), made of the table by which it does it."""

from __future__ import annotations

from lienthong.exchange.fhir.answers import JSON, XML
from lienthong.exchange.fhir.definitions import profiles_of
from lienthong.exchange.fhir.kinds import KINDS, OF_REFERRING, OPERATIONS, Kind
from lienthong.exchange.fhir.values import MODIFIERS, told_modifiers
from lienthong.interop.fhir import Element

PUBLISHED = "2026-11-27"  # of this statement; it changes when what the server does changes
_SERVICE = "http://terminology.hl7.org/CodeSystem/restful-security-service"
_OAUTH = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
# Bulk Data Access, STU 2.
_BULK = "http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"
_DOCUMENTATION = (
    "Prefer: return=minimal, representation or OperationOutcome is followed in writes, transactions and batches;"
    " handling=strict or lenient in searches, which are strict where nothing is said. Modifiers of searches: :missing"
    f" of all types, {'; '.join(f'{told_modifiers(one)} of {one}' for one in sorted(MODIFIERS))}."
)
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
                "documentation": _DOCUMENTATION,
                "security": _security(token),
                "resource": [_resource(one) for one in KINDS.values()],
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
                "searchParam": [{"name": OF_REFERRING[0], "type": "special", "documentation": OF_REFERRING[1]}],
                **_operations(""),
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
        "conditionalRead": "not-match",
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
    if profiles := profiles_of(kind.name):
        found["supportedProfile"] = list(profiles)
    return found | _operations(kind.name)


def _operations(kind: str) -> Element:
    """Return the operations of a type, or of the whole server, if there are any."""
    found: list[Element] = [{"name": one.name, "definition": one.definition} for one in OPERATIONS if one.kind == kind]
    return {"operation": found} if found else {}
