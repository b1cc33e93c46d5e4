"""Types as XML has them: elements by name with their order and type, and what is an attribute (FHIR R4, XML)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from lienthong.interop.fhir.r4._definitions import primitives, type_definition

FHIR = "http://hl7.org/fhir"
XHTML = "http://www.w3.org/1999/xhtml"


@dataclass(frozen=True, slots=True)
class Field:
    """An element: its name in JSON and XML, the name of its type, and its place among its siblings."""

    name: str
    type_name: str
    order: int
    is_list: bool
    is_primitive: bool
    has_companion: bool


@dataclass(frozen=True, slots=True)
class XmlShape:
    """A type: its elements in the order in which XML has them, and the names of its attributes."""

    fields: Mapping[str, Field]
    attributes: frozenset[str]


@cache
def xml_shape_of(name: str) -> XmlShape:
    """Return the shape of a type by its name. Raises KeyError where R4 has none."""
    elements = type_definition(name).elements
    fields = {
        written: Field(
            name=written,
            type_name=use.code,
            order=order,
            is_list=element.is_list,
            is_primitive=use.code in primitives(),
            has_companion=element.has_companion(use),
        )
        for order, element in enumerate(elements)
        if not element.is_attribute
        for written, use in element.names()
    }
    return XmlShape(fields, frozenset(element.name for element in elements if element.is_attribute))
