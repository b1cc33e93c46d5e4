"""Typed reads of parsed JSON from outside: what is absent, null or of another type reads as empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Json: TypeAlias = "Mapping[str, Json] | list[Json] | str | int | float | bool | None"
JsonObject: TypeAlias = "Mapping[str, Json]"

_NOTHING: JsonObject = {}


def as_object(value: Json) -> JsonObject:
    return value if isinstance(value, Mapping) else _NOTHING


def object_at(parent: JsonObject, key: str) -> JsonObject:
    return as_object(parent.get(key))


def objects_at(parent: JsonObject, key: str) -> tuple[JsonObject, ...]:
    value = parent.get(key)
    return tuple(one for one in value if isinstance(one, Mapping)) if isinstance(value, list) else ()


def strings_at(parent: JsonObject, key: str) -> tuple[str, ...]:
    value = parent.get(key)
    return tuple(one for one in value if isinstance(one, str) and one) if isinstance(value, list) else ()


def string_at(parent: JsonObject, key: str) -> str:
    value = parent.get(key)
    return value if isinstance(value, str) else ""
