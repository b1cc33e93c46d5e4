"""MSH to MessageHeader, Provenance and what the Bundle says of itself."""

from __future__ import annotations

from datetime import datetime

from lienthong.interop.fhir._bundle import Build
from lienthong.interop.fhir._json import Element
from lienthong.interop.fhir._parts import Parts, code_of, parts_of, value_of
from lienthong.interop.fhir._people import organization, organization_of_hd
from lienthong.interop.fhir._systems import absent, authority_uri, system_uri
from lienthong.interop.hl7v2 import Segment

_AGENT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_ACTIVITY = "http://hl7.org/fhir/uv/v2mappings/CodeSystem/provenance-activity-type-v2-to-fhir"
_MODES = {"D": "Debugging", "P": "Production", "T": "Training"}


def message_header(msh: Segment, build: Build) -> Element:
    """Return a MessageHeader by map "Segment MSH to MessageHeader"."""
    found: Element = {"resourceType": "MessageHeader"}
    if mode := code_of(msh, 11):
        shown: Element = {"display": _MODES[mode]} if mode in _MODES else {}
        found["meta"] = {"tag": [{"system": system_uri("HL70103"), "code": mode, **shown}]}
    event = code_of(msh, 9, 2) or code_of(msh, 9, 1)
    if event:
        found["eventCoding"] = {"system": system_uri("HL70003"), "code": event, "display": message_type(msh)}
    else:
        found["eventUri"] = "urn:lienthong:hl7v2:message"
    found["destination"] = [_destination(msh, build)]
    if sender := organization_of_hd(parts_of(msh, 4), build):
        found["sender"] = sender
    found["source"] = _endpoint(parts_of(msh, 3), parts_of(msh, 24))
    if responsible := organization(parts_of(msh, 22), build):
        found["responsible"] = responsible
    return found


def message_type(msh: Segment) -> str:
    """MSH-9 as sent: ORU^R01^ORU_R01."""
    return "^".join(text for place in (1, 2, 3) if (text := code_of(msh, 9, place)))


def source_provenance(msh: Segment, build: Build, target: Element) -> Element:
    """Return the Provenance of the message itself (map "Segment MSH to Provenance-Source")."""
    found: Element = {"resourceType": "Provenance", "target": [target]}
    sent = value_of(msh, 7)
    build.time(found, "occurredDateTime", sent, "MSH-7")
    recorded: Element = {}
    build.time(recorded, "recorded", sent, "MSH-7", is_instant=True)
    found.update(recorded if "recorded" in recorded else {"_recorded": absent()})
    found["activity"] = {"text": message_type(msh) or "HL7 v2 message"}
    who = organization(parts_of(msh, 22), build) or organization_of_hd(parts_of(msh, 4), build)
    agent: Element = {"type": {"coding": [{"system": _AGENT, "code": "author"}]}}
    found["agent"] = [{**agent, "who": who or absent()}]
    return found


def conversion_provenance(build: Build, target: Element, at: datetime) -> Element:
    """Return the Provenance of the conversion (map "Segment MSH to Provenance-Transformation"); `at` has a zone."""
    coding = {"system": _ACTIVITY, "code": "v2-fhir-transformation"}
    converter = build.add_content({"resourceType": "Device", "deviceName": [{"name": "Lienthong", "type": "other"}]})
    return {
        "resourceType": "Provenance",
        "target": [target],
        "recorded": at.isoformat(timespec="seconds"),
        "activity": {"coding": [coding]},
        "agent": [{"type": {"coding": [{"system": _AGENT, "code": "assembler"}]}, "who": converter}],
    }


def bundle(msh: Segment, build: Build, kind: str) -> Element:
    """Return the Bundle by map "Segment MSH to Bundle", its resources in it."""
    found: Element = {"resourceType": "Bundle"}
    if number := value_of(msh, 10):
        found["identifier"] = {"value": number}
    found["type"] = kind
    build.time(found, "timestamp", value_of(msh, 7), "MSH-7", is_instant=True)
    found["entry"] = build.entries(kind)
    return found


def _endpoint(application: Parts, network: Parts) -> Element:
    found: Element = {"name": application.text(1)} if application.text(1) else {}
    for parts in (network, application):
        uri = authority_uri(parts.text(2), parts.text(3))
        if uri:
            return {**found, "endpoint": uri}
    return {**found, "_endpoint": absent()}


def _destination(msh: Segment, build: Build) -> Element:
    found = _endpoint(parts_of(msh, 5), parts_of(msh, 25))
    receiver = organization(parts_of(msh, 23), build) or organization_of_hd(parts_of(msh, 6), build)
    if receiver:
        found["receiver"] = receiver
    return found
