"""The systems of codes and numbers, and the extensions, that the platform itself gives to FHIR resources."""

from __future__ import annotations

import re

from lienthong.interop.fhir import Element
from lienthong.results.search import codes

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
SECTION = "http://terminology.hl7.org/CodeSystem/v2-0074"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"
ORGANIZATION_TYPE = "http://terminology.hl7.org/CodeSystem/organization-type"

MARK = "urn:lienthong:mark"
MARK_EXTENSION = "urn:lienthong:fhir:StructureDefinition:recognition-mark"
COMPARED_VALUE = "urn:lienthong:fhir:StructureDefinition:compared-value"
RESULT_PROFILE, REPORT_PROFILE = codes.RESULT_PROFILE, codes.REPORT_PROFILE
FACILITY = "urn:lienthong:facility"
PROCEDURE = "urn:lienthong:procedure"
# Vietnam's naming systems, whose addresses are those of its core profiles; elsewhere a system of the platform stands.
NATIONAL_NUMBER = {"VN": "http://fhir.ehealth.gov.vn/core/sid/national_id"}
INSURANCE_NUMBER = {"VN": "http://fhir.ehealth.gov.vn/core/sid/insurance_number"}
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)


def national_number(country: str) -> str:
    return NATIONAL_NUMBER.get(country, f"urn:lienthong:number:{country.lower()}:national-id")


def insurance_number(country: str) -> str:
    return INSURANCE_NUMBER.get(country, f"urn:lienthong:number:{country.lower()}:insurance")


def patients_of(source: str) -> str:
    return f"urn:lienthong:patients:{source}"


def reports_of(source: str) -> str:
    return f"urn:lienthong:reports:{source}"


def orders_of(source: str) -> str:
    return f"urn:lienthong:orders:{source}"


def codes_of(source: str) -> str:
    return f"urn:lienthong:codes:{source}"


def without_server_meta(resource: Element) -> Element:
    """Return a resource without what only the server says of a version: number, time, marks (R4, Resource.meta).

    Whoever reads a resource and writes it back changes nothing by them, and nobody gives a mark to itself.
    """
    said = resource.get("meta")
    if not isinstance(said, dict):
        return resource
    kept = {key: value for key, value in said.items() if key not in ("versionId", "lastUpdated")}
    for key, name, ours in (("tag", "system", MARK), ("extension", "url", MARK_EXTENSION)):
        listed = kept.get(key)
        if isinstance(listed, list):
            kept[key] = [one for one in listed if not (isinstance(one, dict) and one.get(name) == ours)]
            if not kept[key]:
                del kept[key]
    return {key: kept if key == "meta" else value for key, value in resource.items() if key != "meta" or kept}


def is_id(text: str) -> bool:
    """Whether a text may be the id of a resource (R4, datatypes, id)."""
    return bool(_ID.fullmatch(text))
