"""From a value of a resource to what is searched: each data type for each type of parameter (FHIR R4, Search)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache

from lienthong.interop.fhir.r4._definitions import value_set
from lienthong.interop.fhir.r4._references import parts_of
from lienthong.interop.fhir.r4._times import moments, precision_of
from lienthong.interop.fhir.r4.search._expressions import Found
from lienthong.interop.fhir.r4.search._folding import folded
from lienthong.interop.fhir.r4.search._types import (
    DateValue,
    NumberValue,
    QuantityValue,
    ReferenceValue,
    SearchValue,
    StringValue,
    TokenValue,
    UriValue,
)

Node = Mapping[str, object]

BOOLEANS = "http://terminology.hl7.org/CodeSystem/special-values"
CURRENCIES = "urn:iso:std:iso:4217"
_NAME_PARTS = ("text", "family", "given", "prefix", "suffix")
_ADDRESS_PARTS = ("text", "line", "city", "district", "state", "postalCode", "country")
_QUANTITIES = ("Quantity", "Age", "Count", "Distance", "Duration")


def read(kind: str, found: Iterable[Found], zone: tzinfo = UTC) -> Iterator[SearchValue]:
    """Yield what is searched by a parameter of type `kind`; what has no form for it yields nothing."""
    if kind == "date":
        for one in found:
            yield from _dates(one, zone)
        return
    reader = _READERS.get(kind)
    for one in found if reader else ():
        yield from reader(one) if reader else ()


def _tokens(found: Found) -> Iterator[TokenValue]:
    value = found.value
    if isinstance(value, bool):
        yield TokenValue(BOOLEANS, "true" if value else "false")
    elif isinstance(value, str):
        yield TokenValue(_implicit_system(found.value_set, value), value)
    elif isinstance(value, dict):
        yield from _tokens_of_object(found.type_name, value)


def _tokens_of_object(type_name: str, node: Node) -> Iterator[TokenValue]:
    if type_name == "CodeableConcept":
        text = _text(node, "text")
        codings = [_coding(one, text) for one in _objects(node, "coding")]
        yield from codings
        if text and not codings:
            yield TokenValue("", "", (text,))
    elif type_name == "Coding":
        yield _coding(node, "")
    elif type_name == "Identifier":
        yield _identifier(node)
    elif type_name == "ContactPoint" and _text(node, "value"):
        yield TokenValue("", _text(node, "value"))
    elif type_name == "Patient.communication" or type_name.endswith(".communication"):
        yield from _tokens_of_object("CodeableConcept", _object(node, "language"))


def _coding(node: Node, text: str) -> TokenValue:
    texts = dict.fromkeys(one for one in (_text(node, "display"), text) if one)
    return TokenValue(_text(node, "system"), _text(node, "code"), tuple(texts))


def _identifier(node: Node) -> TokenValue:
    kind = _object(node, "type")
    types = tuple((_text(one, "system"), _text(one, "code")) for one in _objects(kind, "coding"))
    text = _text(kind, "text")
    return TokenValue(_text(node, "system"), _text(node, "value"), (text,) if text else (), types)


@lru_cache(maxsize=8192)
def _implicit_system(name: str, code: str) -> str:
    """Return the system of a code, which its element doesn't write, from the required value set."""
    systems = (value_set(name) if name else None) or {}
    return next((system for system, codes in systems.items() if code in codes), "")


def _strings(found: Found) -> Iterator[StringValue]:
    value = found.value
    if isinstance(value, str):
        yield StringValue(value, folded(value))
    elif isinstance(value, dict):
        parts = {"HumanName": _NAME_PARTS, "Address": _ADDRESS_PARTS, "CodeableConcept": ("text",)}
        for name in parts.get(found.type_name, ()):
            one = value.get(name)
            for text in one if isinstance(one, list) else [one]:
                if isinstance(text, str):
                    yield StringValue(text, folded(text))


def _dates(found: Found, zone: tzinfo) -> Iterator[DateValue]:
    value = found.value
    if isinstance(value, str):
        if held := moments(value, zone):
            yield DateValue(held.start, held.end, precision_of(value))
    elif isinstance(value, dict) and found.type_name == "Period":
        yield from _period(value, zone)
    elif isinstance(value, dict) and found.type_name == "Timing":
        yield from _timing(value, zone)


def _period(node: Node, zone: tzinfo) -> Iterator[DateValue]:
    start, end = moments(_text(node, "start"), zone), moments(_text(node, "end"), zone)
    if start or end:
        yield DateValue(start.start if start else None, end.end if end else None, "period")


def _timing(node: Node, zone: tzinfo) -> Iterator[DateValue]:
    """Yield the outer limits of a schedule: of its events, or its bounds."""
    events = node.get("event")
    held = [moments(one, zone) for one in events if isinstance(one, str)] if isinstance(events, list) else []
    spans = [one for one in held if one]
    if spans:
        starts: list[datetime] = [one.start for one in spans if one.start]
        ends: list[datetime] = [one.end for one in spans if one.end]
        yield DateValue(min(starts), max(ends), "period")
    else:
        yield from _period(_object(_object(node, "repeat"), "boundsPeriod"), zone)


def _numbers(found: Found) -> Iterator[NumberValue]:
    value = _decimal(found.value)
    if value is not None:
        yield NumberValue(value)


def _quantities(found: Found) -> Iterator[QuantityValue]:
    node = found.value
    if not isinstance(node, dict):
        return
    if found.type_name == "Range":
        low, high = _object(node, "low"), _object(node, "high")
        unit = low or high
        if unit:
            yield QuantityValue(None, _decimal(low.get("value")), _decimal(high.get("value")), "", *_unit(unit))
        return
    value = _decimal(node.get("value"))
    if value is None:
        return
    if found.type_name == "Money":
        yield QuantityValue(value, value, value, "", CURRENCIES, _text(node, "currency"), _text(node, "currency"))
    elif found.type_name in _QUANTITIES:
        comparator = _text(node, "comparator")
        low_end = None if comparator.startswith("<") else value
        high_end = None if comparator.startswith(">") else value
        yield QuantityValue(value, low_end, high_end, comparator, *_unit(node))


def _unit(node: Node) -> tuple[str, str, str]:
    return _text(node, "system"), _text(node, "code"), _text(node, "unit")


def _references(found: Found) -> Iterator[ReferenceValue]:
    value = found.value
    if isinstance(value, str):
        yield ReferenceValue(*parts_of(value)[:2], value)
        return
    if not isinstance(value, dict):
        return
    if found.type_name == "Resource":
        if _text(value, "id"):
            yield ReferenceValue(_text(value, "resourceType"), _text(value, "id"), "")
        return
    url = _text(value, "reference")
    url = "" if url.startswith("#") else url
    identifier = value.get("identifier")
    token = _identifier(identifier) if isinstance(identifier, dict) else None
    if url or token:
        name, key, _ = parts_of(url)
        yield ReferenceValue(name or ("" if url else _text(value, "type")), key, url, token)


def _uris(found: Found) -> Iterator[UriValue]:
    if isinstance(found.value, str):
        yield UriValue(found.value)


_READERS: Mapping[str, Callable[[Found], Iterator[SearchValue]]] = {
    "token": _tokens,
    "string": _strings,
    "number": _numbers,
    "quantity": _quantities,
    "reference": _references,
    "uri": _uris,
}


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return value if isinstance(value, Decimal) else Decimal(value)


def _text(node: Node, name: str) -> str:
    value = node.get(name)
    return value if isinstance(value, str) else ""


def _object(node: Node, name: str) -> Node:
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def _objects(node: Node, name: str) -> list[Node]:
    value = node.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
