"""Names of coding systems (HL7 table 0396) and of authorities (HD) as URIs, both ways."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, unquote

from lienthong.interop.fhir._json import Element

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
# Extensions of HL7.
ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
ALTERNATE_CODES = "http://hl7.org/fhir/StructureDefinition/alternate-codes"
NOTE = "http://hl7.org/fhir/StructureDefinition/note"
# Ours: a time or a value that FHIR's type cannot hold as it was sent.
AS_SENT = "urn:lienthong:hl7v2:as-sent"
UNIT = "urn:lienthong:hl7v2:unit"
SPECIMEN_ROLE = "urn:lienthong:hl7v2:specimen-role"

_LOCAL = "urn:lienthong:hl7v2:coding-system:"
_V2_TABLE = "http://terminology.hl7.org/CodeSystem/v2-"
# What some converters write instead: the value set of a table, and table 0396's page for "local".
_VALUE_SET = "http://terminology.hl7.org/ValueSet/v2-"
_ANY_LOCAL = "http://terminology.hl7.org/CodeSystem-v2-0396.html#v2-0396-99zzzorL"
_URIS = {
    "LN": LOINC,
    "SCT": SNOMED,
    "UCUM": UCUM,
    "I10": "http://hl7.org/fhir/sid/icd-10",
    "I10C": "http://hl7.org/fhir/sid/icd-10-cm",
    "I9": "http://hl7.org/fhir/sid/icd-9",
    "I9C": "http://hl7.org/fhir/sid/icd-9-cm",
    "C4": "http://www.ama-assn.org/go/cpt",
    "CVX": "http://hl7.org/fhir/sid/cvx",
    "MVX": "http://hl7.org/fhir/sid/mvx",
    "NDC": "http://hl7.org/fhir/sid/ndc",
    "RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ATC": "http://www.whocc.no/atc",
    "DCM": "http://dicom.nema.org/resources/ontology/DCM",
    "MDC": "urn:iso:std:iso:11073:10101",
    "UML": "http://www.nlm.nih.gov/research/umls",
    "ISO3166_1": "urn:iso:std:iso:3166",
    "NULLFL": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
    "CDCREC": "urn:oid:2.16.840.1.113883.6.238",
}
# What senders write for the same systems.
_ALIASES = {
    "LOINC": "LN",
    "SNOMEDCT": "SCT",
    "SNOMED-CT": "SCT",
    "SNOMED CT": "SCT",
    "CPT4": "C4",
    "CPT": "C4",
    "ICD10": "I10",
    "ICD-10": "I10",
    "I10CM": "I10C",
    "I9CM": "I9C",
    "HL7CVX": "CVX",
}
_NAMES = {uri: name for name, uri in _URIS.items()}
_OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))+", re.ASCII)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_TABLE = re.compile(r"HL7-?(\d{4})", re.ASCII)


@lru_cache(maxsize=4096)
def system_uri(name: str, sender: str = "") -> str:
    """Return the URI of a coding system's name; a local one (`L`, `99LAB`) gets a URN of its sender."""
    found = _URIS.get(_ALIASES.get(name.upper(), name.upper()))
    if found:
        return found
    if match := _TABLE.fullmatch(name.upper()):
        return _V2_TABLE + match[1]
    if _OID.fullmatch(name):
        return f"urn:oid:{name}"
    if _URI.fullmatch(name):
        return name
    return f"{_LOCAL}{quote(sender, safe='')}:{quote(name, safe='')}"


@lru_cache(maxsize=4096)
def system_name(uri: str) -> str:
    """Return the name of HL7 table 0396 for a URI; what the table lacks goes by its OID or URI."""
    uri = uri.replace("https://terminology.hl7.org/", "http://terminology.hl7.org/", 1).replace(
        _VALUE_SET, _V2_TABLE, 1
    )
    if uri in _NAMES:
        return _NAMES[uri]
    if uri == _ANY_LOCAL:
        return "L"
    if uri == INTERPRETATION:
        return "HL70078"
    if uri.startswith(_V2_TABLE) and uri[len(_V2_TABLE) :].isdigit():
        return f"HL7{uri[len(_V2_TABLE) :]}"
    if uri.startswith(_LOCAL):
        return unquote(uri.rpartition(":")[2])
    return uri.removeprefix("urn:oid:")


def authority(namespace: str, universal: str, kind: str) -> Element:
    """Return `system` and `assigner` of an Identifier (map "Datatype CX to Identifier", CX.4)."""
    system = authority_uri(universal, kind)
    found: Element = {"system": system} if system else {}
    assigner: Element = {"display": namespace} if namespace else {}
    if universal and not system:
        assigner["identifier"] = {**({"type": {"text": kind}} if kind else {}), "value": universal}
    if assigner:
        found["assigner"] = assigner
    return found


def authority_uri(universal: str, kind: str) -> str:
    """Return the URI of a universal id (HD.2 with HD.3, HL7 table 0301); empty where it is none."""
    kind = kind.upper()
    if kind in ("ISO", "") and _OID.fullmatch(universal):
        return f"urn:oid:{universal}"
    if kind in ("UUID", "GUID") and _UUID.fullmatch(universal):
        return f"urn:uuid:{universal}"
    return universal if kind in ("URI", "URL") and _URI.fullmatch(universal) else ""


def authority_parts(uri: str) -> tuple[str, str]:
    """Return universal id and its type for a URI: the way back from `authority_uri`."""
    for prefix, kind in (("urn:oid:", "ISO"), ("urn:uuid:", "UUID"), ("urn:dns:", "DNS")):
        if uri.startswith(prefix):
            return uri[len(prefix) :], kind
    return (uri, "URI") if uri else ("", "")


def absent(reason: str = "unknown") -> Element:
    """Return an element that only says why it has no value (extension data-absent-reason)."""
    return {"extension": [{"url": ABSENT_REASON, "valueCode": reason}]}


def as_sent(text: str) -> Element:
    """Return the extension that keeps a text as it was sent."""
    return {"url": AS_SENT, "valueString": text}
