"""What a resource is found by: the values of each of its type's search parameters."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, tzinfo
from functools import cache
from typing import TypeAlias

from lienthong.interop.fhir.r4._definitions import SearchParameter, search_parameters
from lienthong.interop.fhir.r4.search._expressions import Expression, Found, compiled, members_of
from lienthong.interop.fhir.r4.search._reading import read
from lienthong.interop.fhir.r4.search._types import CompositeValue, SearchValue

Parts: TypeAlias = tuple[tuple[str, Expression], ...]
Plan: TypeAlias = tuple[SearchParameter, Expression, Parts, frozenset[str]]
_WITHOUT_VALUES = ("special",)


def search_values(
    resource: Mapping[str, object], resource_type: str, zone: tzinfo = UTC, *, codes: Collection[str] | None = None
) -> dict[str, list[SearchValue]]:
    """Return by parameter what a resource is found by; parameters for which it has nothing are left out.

    `codes` are the parameters that are looked for, None is all. `zone` is that of dates and times which name none. A
    composite parameter has one value for each element that has something for every part. References that are urn:uuid:
    keep their URL and tell no type: put literal ones in before.
    Nothing is raised for a resource that `check` refuses; what has another type than R4 says is left out.
    """
    root = Found(resource, resource_type)
    found = {}
    for parameter, expression, parts, members in _plan(resource_type):
        if (members and members.isdisjoint(resource)) or (codes is not None and parameter.code not in codes):
            continue
        items = expression(resource, [root])
        if parts:
            values: list[SearchValue] = list(_composites(resource, items, parts, zone))
        else:
            values = list(read(parameter.type, items, zone))
            if len(values) > 1:
                values = list(dict.fromkeys(values))
        if values:
            found[parameter.code] = values
    return found


@cache
def _plan(resource_type: str) -> tuple[Plan, ...]:
    return tuple(
        (
            one,
            compiled(one.expression, resource_type),
            tuple((kind, compiled(text)) for kind, text in one.components),
            members_of(one.expression, resource_type) or frozenset(),
        )
        for one in search_parameters(resource_type).values()
        if one.expression and one.type not in _WITHOUT_VALUES
    )


def _composites(resource: Mapping[str, object], items: list[Found], parts: Parts, zone: tzinfo) -> list[CompositeValue]:
    found = []
    for item in items:
        values = []
        for kind, expression in parts:
            part = tuple(read(kind, expression(resource, [item]), zone))
            if not part:
                break
            values.append(part)
        else:
            found.append(CompositeValue(tuple(values)))
    return found
