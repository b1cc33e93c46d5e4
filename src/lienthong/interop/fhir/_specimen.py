"""What was examined: SPM, or OBR of older versions, to Specimen."""

from __future__ import annotations

from lienthong.interop.fhir._bundle import Build
from lienthong.interop.fhir._datatypes import concept, entity_identifier, identifier, quantity, table_concept
from lienthong.interop.fhir._json import Element
from lienthong.interop.fhir._parts import Parts, clean, code_of, parts_of, repetitions_of, value_of
from lienthong.interop.fhir._people import practitioners
from lienthong.interop.fhir._systems import SPECIMEN_ROLE
from lienthong.interop.fhir._vocabulary import SPECIMEN_STATUS, put_code
from lienthong.interop.hl7v2 import Segment

# Table 0369: specimens that are of no patient (calibrators, controls, samples of proficiency testing).
NOT_OF_A_PATIENT = frozenset("BCEFOQV")
_ROLE_OF_A_PATIENT = "P"
_OF_OBR = (9, 10, 14, 15, 39)


def specimen(segment: Segment, build: Build) -> Element:
    """Return a Specimen by map "Segment SPM to Specimen"."""
    found: Element = {"resourceType": "Specimen"}
    role = code_of(segment, 11)
    if role and role != _ROLE_OF_A_PATIENT:
        value = table_concept(parts_of(segment, 11), "0369", build)
        found["extension"] = [{"url": SPECIMEN_ROLE, "valueCodeableConcept": value}]
    numbers = [*pair(parts_of(segment, 2)), *_others(segment, build)]
    if numbers:
        found["identifier"] = numbers
    if accession := identifier(parts_of(segment, 30), build, where="SPM-30"):
        found["accessionIdentifier"] = accession
    put_code(found, "status", code_of(segment, 20), SPECIMEN_STATUS)
    if kind := table_concept(parts_of(segment, 4), "0487", build):
        found["type"] = kind
    build.time(found, "receivedTime", value_of(segment, 18), "SPM-18")
    if parents := [pair(parts)[0] for parts in repetitions_of(segment, 3) if pair(parts)]:
        found["parent"] = [{"identifier": one, "type": "Specimen"} for one in parents]
    if collection := _collection(segment, build):
        found["collection"] = collection
    if container := _container(segment, build):
        found["container"] = [container]
    if conditions := [table_concept(parts, "0493", build) for parts in repetitions_of(segment, 24)]:
        found["condition"] = conditions
    if notes := [{"text": text} for one in segment.repetitions(14) if (text := clean(segment, one))]:
        found["note"] = notes
    return found


def pair(parts: Parts) -> list[Element]:
    """Map "Datatype EIP to Identifier": the placer's and the filler's number."""
    found = (entity_identifier(parts.inner(1), "PLAC"), entity_identifier(parts.inner(2), "FILL"))
    return [one for one in found if one]


def order_specimen(segment: Segment, build: Build) -> Element | None:
    """Return a Specimen by map "Segment OBR to Specimen".

    None where OBR says nothing of a specimen: its time alone (OBR-7) is that of an examination without one, too.
    """
    if not any(value_of(segment, number) or parts_of(segment, number) for number in _OF_OBR):
        return None
    found: Element = {"resourceType": "Specimen"}
    source = parts_of(segment, 15)
    if kind := concept(source.inner(1), build) or ({"text": source.text(3)} if source.text(3) else {}):
        found["type"] = kind
    build.time(found, "receivedTime", value_of(segment, 14), "OBR-14")
    collection = _order_collection(segment, source, build)
    if collection:
        found["collection"] = collection
    if additive := concept(source.inner(2), build):
        found["container"] = [{"additiveCodeableConcept": additive}]
    if comments := [text for parts in repetitions_of(segment, 39) if (text := parts.text(2) or parts.text(1))]:
        found["note"] = [{"text": text} for text in comments]
    return found if len(found) > 1 else None


def complete(found: Element, from_order: Element) -> None:
    """Add to a Specimen of SPM what only OBR says of it: the collector, the time of collection, the time of receipt."""
    for key, value in from_order.items():
        own = found.get(key)
        if key == "collection" and isinstance(own, dict) and isinstance(value, dict):
            has_time = any(name.lstrip("_").startswith("collected") for name in own)
            for name, part in value.items():
                if not (has_time and name.lstrip("_").startswith("collected")):
                    own.setdefault(name, part)
        elif key in ("collection", "receivedTime", "_receivedTime") and not found.keys() & {key, key.lstrip("_")}:
            found[key] = value


def _others(segment: Segment, build: Build) -> list[Element]:
    found = [identifier(parts, build, where="SPM-31") for parts in repetitions_of(segment, 31)]
    shipment = entity_identifier(parts_of(segment, 32))
    if shipment:
        coding = {"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "SHIP"}
        found.append({"type": {"coding": [coding]}, **shipment})
    return [one for one in found if one]


def _collection(segment: Segment, build: Build) -> Element:
    found: Element = {}
    times = parts_of(segment, 17)
    _collected(found, times.text(1), times.text(2), build, "SPM-17")
    amount = parts_of(segment, 12)
    if measured := quantity(amount.text(1), amount.inner(2), build):
        found["quantity"] = measured
    for key, number, table in (("method", 7, "0488"), ("bodySite", 8, "")):
        parts = parts_of(segment, number)
        if value := table_concept(parts, table, build) if table else concept(parts, build):
            found[key] = value
    return found


def _collected(found: Element, start: str, end: str, build: Build, where: str) -> None:
    if end:
        period: Element = {}
        build.time(period, "start", start, where)
        build.time(period, "end", end, where)
        found["collectedPeriod"] = period
    else:
        build.time(found, "collectedDateTime", start, where)


def _container(segment: Segment, build: Build) -> Element:
    found: Element = {}
    if kind := concept(parts_of(segment, 27), build):
        found["type"] = kind
    if additive := table_concept(parts_of(segment, 6), "0371", build):
        found["additiveCodeableConcept"] = additive
    return found


def _order_collection(segment: Segment, source: Parts, build: Build) -> Element:
    found: Element = {}
    if collectors := practitioners(segment, 10, build):
        found["collector"] = collectors[0]
    _collected(found, value_of(segment, 7), value_of(segment, 8), build, "OBR-7")
    amount = parts_of(segment, 9)
    if measured := quantity(amount.text(1), amount.inner(2), build):
        found["quantity"] = measured
    if site := concept(source.inner(4), build):
        found["bodySite"] = site
    if method := concept(source.inner(6), build):
        found["method"] = method
    return found
