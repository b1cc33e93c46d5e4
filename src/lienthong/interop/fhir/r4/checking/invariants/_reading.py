"""What the rules read of an object; what has another type than R4 says reads as absent, for its own fault is told."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

Node: TypeAlias = Mapping[str, object]

UCUM = "http://unitsofmeasure.org"
_NOTHING: Node = {}


def has(node: Node, *names: str) -> bool:
    """Tell whether one of the elements exists, as a value or as a primitive with extensions only."""
    return any(name in node or f"_{name}" in node for name in names)


def has_choice(node: Node, name: str) -> bool:
    """Tell whether name[x] exists with any type."""
    return any(
        key.lstrip("_").startswith(name) and key.lstrip("_")[len(name) : len(name) + 1].isupper() for key in node
    )


def child(node: Node, name: str) -> Node:
    found = node.get(name)
    return found if isinstance(found, dict) else _NOTHING


def children(node: Node, name: str) -> list[Node]:
    found = node.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def text(node: Node, name: str) -> str:
    found = node.get(name)
    return found if isinstance(found, str) else ""


def amount(node: Node, name: str) -> int | Decimal | None:
    found = node.get(name)
    return found if isinstance(found, int | Decimal) and not isinstance(found, bool) else None


def codings(concept: Node) -> set[tuple[str, str]]:
    return {(text(one, "system"), text(one, "code")) for one in children(concept, "coding")}
