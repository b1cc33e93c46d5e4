"""What a search asks for: each condition names a search parameter of FHIR and the values of which one must hold.

The names are those of R4 (Search), where each parameter is defined for its resource.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias
from uuid import UUID

from lienthong.results.reach import Reach

Comparison: TypeAlias = Literal["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]
Matching: TypeAlias = Literal["starts", "exact", "contains"]


@dataclass(frozen=True, slots=True)
class HasCode:
    """A token: (system, code) pairs; a system of None is any, an empty one is none, an empty code is any code."""

    parameter: str
    codes: tuple[tuple[str | None, str], ...]
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class IsMissing:
    parameter: str
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Within:
    """A time: the half-open span from `start` to `end` that the value as written names, and how to compare with it."""

    comparison: Comparison
    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True, slots=True)
class InTime:
    parameter: str
    spans: tuple[Within, ...]


def text_parameter(parameter: str) -> str:
    """Return the name under which the texts of a token are asked for and kept (R4, Search, modifier :text)."""
    return f"{parameter}:text"


@dataclass(frozen=True, slots=True)
class HasText:
    """A string, or the texts of a token where the parameter is a `text_parameter`."""

    parameter: str
    texts: tuple[str, ...]
    matching: Matching = "starts"


@dataclass(frozen=True, slots=True)
class Amount:
    """A number from `low` to `high`, which its written precision gives; `system` and `code` of the unit, if asked."""

    comparison: Comparison
    low: Decimal
    high: Decimal
    system: str | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class HasAmount:
    parameter: str
    amounts: tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class RefersTo:
    """A reference to one of some targets, each `Kind/name`."""

    parameter: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfPatients:
    """On one of these patient records, or about one of these resources that have no record yet.

    `facility_ids` are the facilities of the records.
    """

    record_ids: tuple[int, ...]
    facility_ids: frozenset[int]
    resources: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """With one of these ids: those of resources as received, and those of the house's own rows."""

    names: tuple[UUID, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangedWithin:
    """_lastUpdated."""

    spans: tuple[Within, ...]


@dataclass(frozen=True, slots=True)
class ChangedSince:
    """Whatever may have changed since an instant, whenever it is said to have changed: rather too much than too little.

    `horizon` is the first transaction that may not have been seen at that instant, and `newest` one that comes after
    all that are seen now. Without them a row changed when `_lastUpdated` says so.
    """

    at: dt.datetime
    horizon: int | None = None
    newest: int = 0


Condition: TypeAlias = (
    HasCode | IsMissing | InTime | HasText | HasAmount | RefersTo | OfPatients | Named | ChangedWithin | ChangedSince
)


@dataclass(frozen=True, slots=True)
class Order:
    """By time of change, or by clinical time; what has none comes last, and equals go by their ids."""

    by: Literal["changed", "date"] = "changed"
    is_descending: bool = True


@dataclass(frozen=True, slots=True)
class After:
    """The last hit of the page before."""

    value: int
    id: str


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for of a kind, as far as `reach` lets it be read."""

    kind: str
    conditions: tuple[Condition, ...]
    reach: Reach
    order: Order = field(default_factory=Order)
    after: After | None = None
    count: int = 50


@dataclass(frozen=True, slots=True)
class Hit:
    """One found: a resource as received, or one of the house's own rows; `changed` is the key of its last change."""

    is_received: bool
    id: str
    sort_value: int
    patient_record_id: int | None
    changed: int
