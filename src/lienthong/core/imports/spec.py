"""What a kind of table brings: the columns, the rows it makes, and what must be true of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Model
from django.utils.functional import Promise

from lienthong.core.tabular import Column, Row, Value
from lienthong.findings import Finding

Key = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """What held over a period; `pk` is None where it isn't stored yet."""

    pk: int | None
    valid_from: dt.date
    valid_to: dt.date | None
    values: Mapping[str, Value]


Periods = Mapping[Key, Sequence[Held]]
RowCheck = Callable[[Row], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one model that a table makes.

    `keys` gives for each field that identifies a row its column; other `fields` are named as their columns.
    `references` gives for each field that points to another row the field by which people name that row, as a code.
    `fixed` gives for each field that can't change once it is stored what to do instead. `defaults` are for empty cells.
    """

    model: type[Model]
    keys: Mapping[str, str]
    fields: tuple[str, ...]
    references: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str | Promise] = field(default_factory=dict)
    defaults: Mapping[str, Value] = field(default_factory=dict)

    def key_of(self, row: Row) -> Key:
        return tuple(row.values.get(column) for column in self.keys.values())

    def values_of(self, row: Row) -> dict[str, Value]:
        """Return what the row says of the fields whose columns the file has."""
        return {name: self.value_of(row, name) for name in self.fields if row.has(name)}

    def value_of(self, row: Row, name: str) -> Value:
        value = row.values.get(name)
        return self.empty(name) if value is None else value

    def empty(self, name: str) -> Value:
        """Return what an empty cell means for a field."""
        if name in self.defaults:
            return self.defaults[name]
        is_text = self.model._meta.get_field(name).get_internal_type() in ("CharField", "TextField")
        return "" if is_text else None


def _no_check() -> RowCheck:
    return lambda _row: ()


@dataclass(frozen=True, slots=True)
class Importer:
    """A kind of table: it makes rows that are as they are (`entity`), facts that hold for a time (`period`), or both.

    `within` gives for a column the kind of place (region, facility, laboratory, procedure) that its code names and the
    importing user must reach; `place` is that kind for the entity itself, once it is stored. `is_of_region` is for what
    judges a facility or holds for all of them: who administers a region brings it in, not who administers one facility.
    `prepare` loads what a check of single rows needs and returns that check; `check_periods` looks at all periods as
    they would stand. `followed` is called after writing with the keys that changed.
    """

    kind: str
    title: str | Promise
    about: str | Promise
    columns: tuple[Column, ...]
    entity: Part | None = None
    period: Part | None = None
    within: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    is_of_region: bool = False
    prepare: Callable[[], RowCheck] = _no_check
    check_periods: Callable[[Row, Periods], Iterable[Finding]] = lambda _row, _periods: ()
    followed: Callable[[Collection[Key], dt.datetime], None] = lambda _keys, _at: None

    def states_period(self, row: Row) -> bool:
        return self.period is not None and row.values.get("valid_from") is not None


_CATALOGUE: dict[str, Importer] = {}


def register(importer: Importer) -> None:
    """Offer a kind of table; an app does this when it is ready."""
    _CATALOGUE[importer.kind] = importer


def importers() -> list[Importer]:
    """Return every kind of table, in the order in which they were offered."""
    return list(_CATALOGUE.values())


def importer_of(kind: str) -> Importer | None:
    return _CATALOGUE.get(kind)
