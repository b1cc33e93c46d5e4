"""What a resource has for a search parameter, by the parameter's type (FHIR R4, Search, search parameter types)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class TokenValue:
    """A code in a system, empty where there is none; `texts` are its display and the concept's text.

    `types` are system and code of an identifier's type, for the modifier :of-type.
    """

    system: str
    code: str
    texts: tuple[str, ...] = ()
    types: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class StringValue:
    """A text as it was written, and `folded` for comparison."""

    text: str
    folded: str


@dataclass(frozen=True, slots=True)
class DateValue:
    """A half-open interval of instants in UTC, None where it is open, and the precision that was written.

    `precision` is year, month, day, minute, second, fraction; `period` where it has two ends of its own.
    """

    start: datetime | None
    end: datetime | None
    precision: str


@dataclass(frozen=True, slots=True)
class NumberValue:
    value: Decimal


@dataclass(frozen=True, slots=True)
class QuantityValue:
    """A quantity lies between `low` and `high`, None where it is open: both are `value`, but of < 5 `low` is None.

    A Range has no `value`. `code` is that of the unit in `system`, `unit` the unit for people.
    """

    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    comparator: str = ""
    system: str = ""
    code: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ReferenceValue:
    """A reference: type and id where its URL tells them, the URL as it was written, its identifier."""

    type: str
    id: str
    url: str
    identifier: TokenValue | None = None


@dataclass(frozen=True, slots=True)
class UriValue:
    text: str


@dataclass(frozen=True, slots=True)
class CompositeValue:
    """What one element has for each part of a composite parameter."""

    parts: tuple[tuple[SearchValue, ...], ...]


SearchValue: TypeAlias = (
    TokenValue | StringValue | DateValue | NumberValue | QuantityValue | ReferenceValue | UriValue | CompositeValue
)
