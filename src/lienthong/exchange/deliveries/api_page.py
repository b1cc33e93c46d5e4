"""The description of the interface as people read it, without a script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lienthong.exchange.deliveries.openapi import description


@dataclass(frozen=True, slots=True)
class FieldRow:
    name: str
    kind: str
    is_required: bool
    told: str


@dataclass(frozen=True, slots=True)
class SchemaTable:
    name: str
    told: str
    fields: tuple[FieldRow, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of an address: what may come, and what is answered."""

    method: str
    path: str
    summary: str
    told: str
    parameters: tuple[FieldRow, ...]
    bodies: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]


def operations() -> list[Operation]:
    """Return every operation of the description."""
    return [
        _operation(method.upper(), path, one)
        for path, methods in description()["paths"].items()
        for method, one in methods.items()
    ]


def schemas() -> list[SchemaTable]:
    """Return every form and answer of the description."""
    return [_schema(name, one) for name, one in description()["components"]["schemas"].items()]


def _operation(method: str, path: str, one: dict[str, Any]) -> Operation:
    parameters = tuple(
        FieldRow(each["name"], _kind(each["schema"]), bool(each.get("required")), each.get("description", ""))
        for each in one.get("parameters", ())
    )
    bodies = tuple(one.get("requestBody", {}).get("content", ()))
    answers = tuple(sorted((code, each["description"]) for code, each in one["responses"].items()))
    return Operation(method, path, one["summary"], one.get("description", ""), parameters, bodies, answers)


def _schema(name: str, one: dict[str, Any]) -> SchemaTable:
    required = one.get("required", ())
    fields = (
        FieldRow(key, _kind(each), key in required, each.get("description", ""))
        for key, each in one.get("properties", {}).items()
    )
    return SchemaTable(name, one.get("description", ""), tuple(fields))


def _kind(schema: dict[str, Any]) -> str:
    """Return what a field holds in a few words: its type, its format or choices, its limits."""
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    if "anyOf" in schema:
        return " | ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    words = [str(schema.get("type", "")), str(schema.get("format") or schema.get("contentEncoding") or "")]
    if "maxLength" in schema:
        words.append(f"≤ {schema['maxLength']}")
    return " ".join(word for word in words if word)
