"""What is known of the resource in which an element stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from lienthong.interop.fhir.r4.checking.invariants._reading import Node

Found: TypeAlias = tuple[Node, tuple[str, ...]]


@dataclass(slots=True)
class Scope:
    """One resource that is contained in no other: its references with the types they may have, and inner resources."""

    references: list[Found] = field(default_factory=list)
    inner: list[tuple[Node, list[Found]]] = field(default_factory=list)
    takes_searches: bool = False
    "Whether a reference may be a search (Patient?identifier=…): in a batch or transaction."
