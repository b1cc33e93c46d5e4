"""What one value of a query asks for, by the type of its parameter (FHIR R4, Search, prefixes, modifiers)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

Prefix: TypeAlias = Literal["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]


class BadQuery(ValueError):
    """Raised for a query that R4 doesn't allow: `parameter` is its name, the message what is allowed."""

    def __init__(self, parameter: str, message: str) -> None:
        self.parameter = parameter
        super().__init__(f"{parameter} {message}")


@dataclass(frozen=True, slots=True)
class DateQuery:
    """A prefix and the half-open interval of instants in UTC that the value stands for: 2024-03 is the month.

    For `ap` the interval is already widened.
    """

    prefix: Prefix
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class NumberQuery:
    """A prefix, the number, and the half-open interval of its precision: 100 is [99.5, 100.5), 1e2 is [50, 150).

    For `ap` the interval is a tenth of the number to both sides, its end included.
    """

    prefix: Prefix
    value: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class QuantityQuery:
    """A number with its unit: a `code` of `system`; any system where `system` is None, any unit where `code` is."""

    number: NumberQuery
    system: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class TokenQuery:
    """A code in a system: None is any, an empty system is that there must be none."""

    system: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class TypedIdentifierQuery:
    """:of-type: an identifier's value, and system and code of its type."""

    system: str
    code: str
    value: str


@dataclass(frozen=True, slots=True)
class TextQuery:
    """A text as it was written, and `folded` for comparison; `match` says how it is compared."""

    text: str
    folded: str
    match: Literal["starts", "contains", "exact"]


@dataclass(frozen=True, slots=True)
class ReferenceQuery:
    """A resource by type (empty for any of the targets) and id, or by its whole URL, or by an identifier."""

    type: str = ""
    id: str = ""
    url: str = ""
    identifier: TokenQuery | None = None


@dataclass(frozen=True, slots=True)
class UriQuery:
    text: str
    match: Literal["exact", "below", "above"]


@dataclass(frozen=True, slots=True)
class MissingQuery:
    """:missing: whether the resource has nothing for the parameter."""

    is_missing: bool


@dataclass(frozen=True, slots=True)
class CompositeQuery:
    """What each part of a composite parameter asks for, in order."""

    parts: tuple[QueryValue, ...]


QueryValue: TypeAlias = (
    DateQuery
    | NumberQuery
    | QuantityQuery
    | TokenQuery
    | TypedIdentifierQuery
    | TextQuery
    | ReferenceQuery
    | UriQuery
    | MissingQuery
    | CompositeQuery
)
