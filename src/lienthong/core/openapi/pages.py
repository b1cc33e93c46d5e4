"""A description as people read it: operations with what may come and what is answered, and the forms of both."""

from __future__ import annotations

from dataclasses import dataclass

from lienthong.core.openapi.building import Json

MOST_CHOICES = 20


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


def operations(description: Json) -> list[Operation]:
    """Return every operation of a description."""
    return [
        _operation(description, method.upper(), path, one)
        for path, methods in description["paths"].items()
        for method, one in methods.items()
    ]


def schemas(description: Json) -> list[SchemaTable]:
    """Return every form and answer of a description."""
    return [_schema(name, one) for name, one in description["components"]["schemas"].items()]


def _operation(description: Json, method: str, path: str, one: Json) -> Operation:
    parameters = [_resolved(description, each) for each in one.get("parameters", ())]
    rows = tuple(
        FieldRow(each["name"], _kind(each["schema"]), bool(each.get("required")), each.get("description", ""))
        for each in parameters
    )
    bodies = tuple(_resolved(description, one.get("requestBody", {})).get("content", ()))
    answers = ((code, _resolved(description, each)["description"]) for code, each in one["responses"].items())
    return Operation(method, path, one["summary"], one.get("description", ""), rows, bodies, tuple(sorted(answers)))


def _resolved(description: Json, part: Json) -> Json:
    """Return a part, or the component that it refers to."""
    if "$ref" not in part:
        return part
    found = description
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def _schema(name: str, one: Json) -> SchemaTable:
    required = one.get("required", ())
    fields = (
        FieldRow(key, _kind(each), key in required, each.get("description", ""))
        for key, each in one.get("properties", {}).items()
    )
    return SchemaTable(name, one.get("description", ""), tuple(fields))


def _choices(values: list[str]) -> str:
    """Return all values of a short list, of a long one the first and how many there are."""
    shown = values if len(values) <= MOST_CHOICES else [*values[:3], f"… ({len(values)})"]
    return " | ".join(shown)


def _kind(schema: Json) -> str:
    """Return what a field holds in a few words: its type, its format or choices, its limits."""
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    if "anyOf" in schema:
        return " | ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return _choices([str(one) for one in schema["enum"]])
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    words = [str(schema.get("type", "")), str(schema.get("format") or schema.get("contentEncoding") or "")]
    if "maxLength" in schema:
        words.append(f"≤ {schema['maxLength']}")
    return " ".join(word for word in words if word)
