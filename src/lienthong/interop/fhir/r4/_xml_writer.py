"""Resources in XML: the tree to bytes (FHIR R4, XML)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from lienthong.interop.fhir._issues import Issue, Unreadable
from lienthong.interop.fhir._json import Element
from lienthong.interop.fhir.r4._definitions import resource_types
from lienthong.interop.fhir.r4._json_form import shown
from lienthong.interop.fhir.r4._narrative import is_div
from lienthong.interop.fhir.r4._xml_shapes import FHIR, Field, xml_shape_of

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)


def write_xml(resource: Element) -> bytes:
    """Write a resource as UTF-8, elements in the order of R4, numbers with their digits, the narrative as it is.

    Raises Unreadable with its place for what has no form in XML: a member that R4 doesn't know or of another type, an
    empty or null element, a control character, a div that is not well-formed.
    """
    parts: list[str] = []
    try:
        _write_resource(resource, parts, "")
    except RecursionError:
        raise _unwritable("", "the resource has too many levels") from None
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{"".join(parts)}'.encode()


def _write_resource(resource: object, parts: list[str], place: str) -> None:
    name = resource.get("resourceType") if isinstance(resource, dict) else None
    if not isinstance(resource, dict) or not isinstance(name, str) or name not in resource_types():
        raise _unwritable(place, "resourceType must name a resource of R4")
    declared = f' xmlns="{FHIR}"' if not parts else ""
    parts.append(f"<{name}{declared}>")
    _write_children(resource, name, parts, place or name, is_resource=True)
    parts.append(f"</{name}>")


def _write_children(node: Element, type_name: str, parts: list[str], place: str, *, is_resource: bool = False) -> None:
    shape = xml_shape_of(type_name)
    for name in node:
        bare = name.removeprefix("_")
        known = bare in shape.fields and (bare == name or shape.fields[bare].has_companion)
        if not known and name not in shape.attributes and not (is_resource and name == "resourceType"):
            raise _unwritable(f"{place}.{shown(name)}", f"{type_name} has no such element")
    fields = [
        shape.fields[bare] for bare in dict.fromkeys(name.removeprefix("_") for name in node) if bare in shape.fields
    ]
    for field in sorted(fields, key=lambda field: field.order):
        for index, value, extended in _occurrences(node, field, f"{place}.{field.name}"):
            at = f"{place}.{field.name}[{index}]" if field.is_list else f"{place}.{field.name}"
            _write_element(field, value, extended, parts, at)


def _occurrences(node: Element, field: Field, place: str) -> Iterator[tuple[int, object, object]]:
    """Yield index, value, and id with extensions of each occurrence; null in an array where the other has something."""
    value, extended = node.get(field.name), node.get(f"_{field.name}") if field.is_primitive else None
    if not field.is_list:
        yield 0, value, extended
        return
    values = value if isinstance(value, list) else [] if value is None else None
    others = extended if isinstance(extended, list) else [] if extended is None else None
    if values is None or others is None or not (values or others):
        raise _unwritable(place, "the element may repeat, and is an array with something in it")
    for index in range(max(len(values), len(others))):
        yield (
            index,
            values[index] if index < len(values) else None,
            others[index] if index < len(others) else None,
        )


def _write_element(field: Field, value: object, extended: object, parts: list[str], place: str) -> None:
    if field.type_name == "xhtml":
        parts.append(_div(value, place))
    elif field.is_primitive:
        _write_primitive(field.name, value, extended, parts, place)
    elif not isinstance(value, dict):
        raise _unwritable(place, f"the element must be an object of type {field.type_name}")
    elif field.type_name == "Resource":
        parts.append(f"<{field.name}>")
        _write_resource(value, parts, place)
        parts.append(f"</{field.name}>")
    else:
        _write_object(field.name, _attributes(value, field.type_name, place), value, field.type_name, parts, place)


def _write_primitive(name: str, value: object, extended: object, parts: list[str], place: str) -> None:
    written = "" if value is None else f' value="{_text(value, place)}"'
    if extended is None:
        if value is None:
            raise _unwritable(place, "the element has no value and no extension")
        parts.append(f"<{name}{written}/>")
        return
    if not isinstance(extended, dict):
        raise _unwritable(place, "id and extensions of a value must be in an object")
    attributes = _attributes(extended, "Element", place) + written
    _write_object(name, attributes, extended, "Element", parts, place)


def _write_object(name: str, attributes: str, node: Element, type_name: str, parts: list[str], place: str) -> None:
    start = len(parts)
    parts.append(f"<{name}{attributes}>")
    _write_children(node, type_name, parts, place)
    if len(parts) == start + 1:
        parts[start] = f"<{name}{attributes}/>"
    else:
        parts.append(f"</{name}>")


def _attributes(node: Element, type_name: str, place: str) -> str:
    names = [name for name in ("id", "url") if name in node and name in xml_shape_of(type_name).attributes]
    return "".join(f' {name}="{_text(node[name], f"{place}.{name}")}"' for name in names)


def _text(value: object, place: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    if not isinstance(value, str):
        raise _unwritable(place, "the value must be text, a number, true or false")
    if _NO_XML.search(value):
        raise _unwritable(place, "the text has a character that XML can't hold")
    return value.translate(_ESCAPES)


def _div(value: object, place: str) -> str:
    if not isinstance(value, str) or _NO_XML.search(value) or not is_div(value.encode()):
        raise _unwritable(place, "the narrative must be a well-formed div of XHTML")
    return value


def _unwritable(place: str, message: str) -> Unreadable:
    return Unreadable(Issue("fatal", "structure", place, message, "no-xml"))
