"""Loads what is stored of a kind of table, and writes a plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import cast

from django.db.models import Manager, Model

from lienthong.core.dated import DatedQuerySet
from lienthong.core.imports.plan import Plan, Stored
from lienthong.core.imports.spec import Held, Importer, Key, Part
from lienthong.core.tabular import Value


def load(importer: Importer, *, reached: Mapping[str, frozenset[str]] | None) -> Stored:
    """Return what is stored of a kind, with codes in the place of keys."""
    codes: dict[str, frozenset[str]] = {}
    for part in (importer.entity, importer.period):
        for name in part.references if part else ():
            codes[name] = frozenset(_ids_by_code(part, name)) if part else frozenset()
    return Stored(
        entities=_entities(importer.entity) if importer.entity else {},
        periods=_periods(importer.period) if importer.period else {},
        codes=codes,
        reached=reached,
    )


def write(importer: Importer, plan: Plan, stored: Stored, *, at: dt.datetime) -> set[Key]:
    """Write a plan and return the keys whose rows changed: of the period where the kind has periods."""
    touched: set[Key] = set()
    if importer.entity:
        _write_entities(importer.entity, plan)
        touched |= set(plan.made) | set(plan.changed)
    if importer.period:
        _write_periods(importer.period, plan, stored, at)
        touched |= set(plan.periods)
    return touched


def _entities(part: Part) -> dict[Key, dict[str, Value]]:
    found = {}
    for row in _manager(part).values_list(*_paths(part)):
        values = [_plain(value) for value in row]
        found[tuple(values[: len(part.keys)])] = dict(zip(part.fields, values[len(part.keys) :], strict=True))
    return found


def _periods(part: Part) -> dict[Key, list[Held]]:
    rows = cast(DatedQuerySet[Model], _manager(part).all()).known_at(None).order_by("valid_from")
    found: dict[Key, list[Held]] = {}
    for pk, start, end, *rest in rows.values_list("pk", "valid_from", "valid_to", *_paths(part)):
        values = [_plain(value) for value in rest]
        fields = dict(zip(part.fields, values[len(part.keys) :], strict=True))
        found.setdefault(tuple(values[: len(part.keys)]), []).append(Held(pk, start, end, fields))
    return found


def _write_entities(part: Part, plan: Plan) -> None:
    ids = _Ids(part)
    manager = _manager(part)
    changed = {key: values for key, values in plan.changed.items()}
    manager.bulk_create(
        part.model(**ids.named(dict(zip(part.keys, key, strict=True)) | values)) for key, values in plan.made.items()
    )
    for key, values in changed.items():
        manager.filter(**dict(zip(part.keys, key, strict=True))).update(**ids.named(values))


def _write_periods(part: Part, plan: Plan, stored: Stored, at: dt.datetime) -> None:
    ids = _Ids(part)
    manager = _manager(part)
    kept = {one.pk for held in plan.periods.values() for one in held}
    gone = [one.pk for key in plan.periods for one in stored.periods.get(key, ()) if one.pk not in kept]
    manager.filter(pk__in=gone).update(superseded_at=at)
    manager.bulk_create(
        part.model(
            **ids.named(dict(zip(part.keys, key, strict=True)) | dict(one.values)),
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            recorded_at=at,
        )
        for key, held in plan.periods.items()
        for one in held
        if one.pk is None
    )


class _Ids:
    """The keys of rows that a part points to, by the code that people know them by."""

    def __init__(self, part: Part) -> None:
        self.by_code = {name: _ids_by_code(part, name) for name in part.references}

    def named(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Return values by column of the database: codes of other rows become their keys."""
        return dict(self._one(name, value) for name, value in values.items())

    def _one(self, name: str, value: Value) -> tuple[str, Value]:
        if name not in self.by_code:
            return name, value
        return f"{name}_id", None if value is None else self.by_code[name][str(value)]


def _ids_by_code(part: Part, name: str) -> dict[str, int]:
    related = part.model._meta.get_field(name).related_model
    if not (isinstance(related, type) and issubclass(related, Model)):
        raise TypeError(f"{part.model.__name__}.{name} points to no other row")
    return dict(related._default_manager.values_list(part.references[name], "pk"))


def _paths(part: Part) -> list[str]:
    names: Iterable[str] = [*part.keys, *part.fields]
    return [f"{name}__{part.references[name]}" if name in part.references else name for name in names]


def _plain(value: Value | float) -> Value:
    return Decimal(str(value)) if isinstance(value, float) else value


def _manager(part: Part) -> Manager[Model]:
    return part.model._default_manager


def keys_as_ids(part: Part, keys: Sequence[Key], name: str) -> set[int]:
    """Return the keys of the rows that one field of the given natural keys names."""
    by_code = _ids_by_code(part, name)
    position = list(part.keys).index(name)
    return {by_code[str(key[position])] for key in keys}
