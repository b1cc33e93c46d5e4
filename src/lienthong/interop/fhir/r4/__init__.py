"""FHIR R4 (4.0.1) as data: its definitions, resources in JSON and XML without loss, and the check of resources."""

from lienthong.interop.fhir.r4._definitions import (
    ElementDefinition,
    SearchParameter,
    TypeDefinition,
    TypeUse,
    release,
    resource_types,
    search_parameters,
    searched_types,
    type_definition,
    type_names,
    value_set,
)
from lienthong.interop.fhir.r4._json_form import parse_json, write_json
from lienthong.interop.fhir.r4._json_schema import json_schemas
from lienthong.interop.fhir.r4._references import parts_of
from lienthong.interop.fhir.r4._xml_reader import parse_xml
from lienthong.interop.fhir.r4._xml_writer import write_xml
from lienthong.interop.fhir.r4.checking import check

__all__ = [
    "ElementDefinition",
    "SearchParameter",
    "TypeDefinition",
    "TypeUse",
    "check",
    "json_schemas",
    "parse_json",
    "parse_xml",
    "parts_of",
    "release",
    "resource_types",
    "search_parameters",
    "searched_types",
    "type_definition",
    "type_names",
    "value_set",
    "write_json",
    "write_xml",
]
