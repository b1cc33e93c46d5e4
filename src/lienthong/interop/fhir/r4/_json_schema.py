"""Types of R4 as JSON Schema (2020-12), for descriptions of interfaces.

A schema says which members a type has and what each holds. It says less than `check` does: no rules, no targets of
references, and of a required primitive not that it is there, for its extensions may stand for it (R4, JSON). What is
contained, and the values of extensions, are described as any resource and any value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from lienthong.interop.fhir.r4._definitions import (
    ElementDefinition,
    TypeUse,
    primitives,
    resource_types,
    type_definition,
    value_set,
)

Schema: TypeAlias = dict[str, Any]

MOST_CODES = 60
ANY_RESOURCE = "Resource"
_PATTERNED = frozenset(("code", "date", "dateTime", "id", "instant", "oid", "time", "uuid"))
_NUMBERS: Mapping[str, Schema] = {
    "boolean": {"type": "boolean"},
    "decimal": {"type": "number"},
    "integer": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "positiveInt": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    "unsignedInt": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
}


def json_schemas(names: Iterable[str], *, within: str) -> dict[str, Schema]:
    """Return the schemas of some types and of all that they hold, by name; `within` stands before a name in $ref."""
    found: dict[str, Schema] = {}
    waiting = sorted(names, reverse=True)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name], held = _schema(name, within)
            waiting += sorted(held - found.keys(), reverse=True)
    return dict(sorted(found.items()))


def _schema(name: str, within: str) -> tuple[Schema, set[str]]:
    """Return the schema of a type, and the names of those that it refers to."""
    if name == ANY_RESOURCE:
        return _any_resource(), set()
    definition = type_definition(name)
    properties: dict[str, Schema] = {}
    held: set[str] = set()
    if definition.kind == "resource":
        properties["resourceType"] = {"const": name}
    for element in definition.elements:
        for member, use in element.names():
            properties[member] = _member(element, use, within)
            held |= set() if use.code in primitives() else {use.code}
            if element.has_companion(use):
                properties[f"_{member}"] = _companion(element, within)
                held.add("Element")
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if name == "Extension":
        properties = {key: one for key, one in properties.items() if not key.lstrip("_").startswith("value")}
        schema |= {"properties": properties, "patternProperties": {"^_?value[A-Z][A-Za-z0-9]+$": {}}}
        held = {"Extension"}
    if required := _required(name):
        schema["required"] = required
    return schema, held


def _any_resource() -> Schema:
    kinds = {"type": "string", "description": "the type of the resource", "enum": sorted(resource_types())}
    return {"type": "object", "properties": {"resourceType": kinds}, "required": ["resourceType"]}


def _required(name: str) -> list[str]:
    definition = type_definition(name)
    found = ["resourceType"] if definition.kind == "resource" else []
    for element in definition.elements:
        use = element.types[0]
        if element.least and not element.is_choice and not element.has_companion(use):
            found.append(element.name)
    return found


def _member(element: ElementDefinition, use: TypeUse, within: str) -> Schema:
    one = _primitive(element, use) if use.code in primitives() else {"$ref": f"{within}{use.code}"}
    if not element.is_list:
        return one
    items = {"anyOf": [one, {"type": "null"}]} if element.has_companion(use) else one
    return {"type": "array", "minItems": 1, "items": items}


def _companion(element: ElementDefinition, within: str) -> Schema:
    """Return the schema of what has id and extensions of a primitive."""
    one = {"$ref": f"{within}Element"}
    return {"type": "array", "minItems": 1, "items": {"anyOf": [one, {"type": "null"}]}} if element.is_list else one


def _primitive(element: ElementDefinition, use: TypeUse) -> Schema:
    if use.code in _NUMBERS:
        return dict(_NUMBERS[use.code])
    codes = value_set(element.value_set) if element.value_set else None
    listed = sorted(frozenset().union(*codes.values())) if codes else []
    if 0 < len(listed) <= MOST_CODES:
        return {"type": "string", "enum": listed}
    found: Schema = {"type": "string", "minLength": 1}
    pattern = primitives()[use.code]
    return found | {"pattern": f"^(?:{pattern})$"} if use.code in _PATTERNED and pattern else found
