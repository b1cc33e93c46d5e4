"""People, organisations and places that a message names: Practitioner, PractitionerRole, Organization, Location."""

from __future__ import annotations

from lienthong.interop.fhir._bundle import Build
from lienthong.interop.fhir._datatypes import address, contact_point, human_name, identifier_type
from lienthong.interop.fhir._json import Element
from lienthong.interop.fhir._parts import Parts, repetitions_of
from lienthong.interop.fhir._systems import authority, authority_uri
from lienthong.interop.hl7v2 import Segment

_PLACE_TYPES = "http://terminology.hl7.org/CodeSystem/location-physical-type"
# Component of PL, its code of physical type; from the widest to the narrowest.
_PLACES = ((4, "si", "site"), (7, "bu", "building"), (8, "lvl", "level"), (1, "wa", "ward"), (2, "ro", "room"))
_BED = (3, "bd", "bed")


def practitioner(parts: Parts, build: Build, *, where: str) -> Element | None:
    """Map "Datatype XCN to Practitioner"; return a reference, or None where neither number nor name is valued."""
    resource: Element = {"resourceType": "Practitioner"}
    if number := parts.text(1):
        issued = authority(*(parts.inner(9).text(place) for place in (1, 2, 3)))
        resource["identifier"] = [{**identifier_type(parts.code(13)), **issued, "value": number}]
    if name := human_name(parts, build, where=where, first=2, use=10):
        resource["name"] = [name]
    return build.add_content(resource) if len(resource) > 1 else None


def practitioners(segment: Segment, number: int, build: Build) -> list[Element]:
    """Return references to the people of a repeating XCN field."""
    where = f"{segment.name}-{number}"
    found = (practitioner(parts, build, where=where) for parts in repetitions_of(segment, number))
    return [one for one in found if one]


def practitioner_role(build: Build, **elements: object) -> Element:
    """Return a reference to a PractitionerRole of the elements that are valued."""
    given = {key: value for key, value in elements.items() if value}
    return build.add_content({"resourceType": "PractitionerRole", **given})


def result_person(parts: Parts, build: Build, *, where: str) -> Element | None:
    """Map "Datatype NDL to PractitionerRole": NDL.1 is a CNN, whose parts are subcomponents."""
    person = parts.inner(1)
    resource: Element = {"resourceType": "Practitioner"}
    if number := person.text(1):
        issued = authority(person.text(9), person.text(10), person.text(11))
        resource["identifier"] = [{**issued, "value": number}]
    name = {key: value for key, value in (("family", person.text(2)), ("given", _given(person))) if value}
    if name:
        resource["name"] = [name]
    if len(resource) == 1:
        return None
    period: Element = {}
    build.time(period, "start", parts.text(2), f"{where}.2")
    build.time(period, "end", parts.text(3), f"{where}.3")
    return practitioner_role(build, practitioner=build.add_content(resource), period=period)


def _given(person: Parts) -> list[str]:
    return [text for place in (3, 4) if (text := person.text(place))]


def organization(parts: Parts, build: Build, **more: object) -> Element | None:
    """Map "Datatype XON to Organization"; return a reference, or None where nothing is valued."""
    resource: Element = {"resourceType": "Organization"}
    if number := parts.text(10) or parts.text(3):
        issued = authority(*(parts.inner(6).text(place) for place in (1, 2, 3)))
        resource["identifier"] = [{**identifier_type(parts.code(7)), **issued, "value": number}]
    if name := parts.text(1):
        resource["name"] = name
    resource.update({key: value for key, value in more.items() if value})
    return build.add_content(resource) if resource.keys() & {"identifier", "name"} else None


def organization_with_address(
    segment: Segment, build: Build, *, name: int, place: int, phone: int = 0
) -> Element | None:
    """Return a reference to the organisation of XON, XAD and XTN fields of one segment."""
    found = repetitions_of(segment, name)
    if not found:
        return None
    where = f"{segment.name}-{place}"
    addresses = [one for parts in repetitions_of(segment, place) if (one := address(parts, build, where=where))]
    phones = [
        one
        for parts in (repetitions_of(segment, phone) if phone else [])
        if (one := contact_point(parts, build, where=f"{segment.name}-{phone}"))
    ]
    return organization(found[0], build, telecom=_not_home(phones), address=_not_home(addresses))


def _not_home(found: list[Element]) -> list[Element]:
    """Leave out the use `home`, which an organisation's numbers and addresses never have (org-2, org-3)."""
    return [{key: value for key, value in one.items() if (key, value) != ("use", "home")} for one in found]


def organization_of_hd(parts: Parts, build: Build) -> Element | None:
    """Map "Datatype HD to Organization"."""
    namespace, universal, kind = (parts.text(place) for place in (1, 2, 3))
    identifiers: list[Element] = [{"value": namespace}] if namespace else []
    if universal:
        uri = authority_uri(universal, kind)
        system: Element = {"system": "urn:ietf:rfc:3986"} if uri else {}
        named: Element = {"type": {"text": kind}} if kind and not uri else {}
        identifiers.append({**named, **system, "value": uri or universal})
    if not identifiers:
        return None
    name: Element = {"name": namespace} if namespace else {}
    return build.add_content({"resourceType": "Organization", "identifier": identifiers, **name})


def location(parts: Parts, build: Build) -> Element | None:
    """Map "Datatype PL to Location": return the narrowest place, which is part of the wider ones."""
    inside: Element | None = None
    for component, code, display in (*_PLACES, _BED):
        place = parts.inner(component)
        named = place.text(1) or place.text(2)
        if not named:
            continue
        resource: Element = {
            "resourceType": "Location",
            "name": named,
            "mode": "instance",
            "physicalType": {"coding": [{"system": _PLACE_TYPES, "code": code, "display": display}]},
        }
        if universal := place.text(2):
            issued = authority("", universal, place.text(3))
            resource["identifier"] = [{**issued, "value": named}]
        if inside:
            resource["partOf"] = inside
        inside = build.add_content(resource)
    if inside is None and (described := parts.text(9)):
        inside = build.add_content({"resourceType": "Location", "description": described, "mode": "instance"})
    return inside
