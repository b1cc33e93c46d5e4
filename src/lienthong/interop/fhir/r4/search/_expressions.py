"""The FHIRPath of search parameters, compiled: paths, `as`, `ofType`, `where`, an index, `|`, and exists-and-not-false.

No more of FHIRPath is understood than HL7's search parameters of the table need; another expression raises ValueError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import NamedTuple, TypeAlias

from lienthong.interop.fhir.r4._definitions import primitives, resource_types, type_definition, type_names
from lienthong.interop.fhir.r4._references import type_named_by


class Found(NamedTuple):
    """A value with the name of its type, and of the required value set of its element."""

    value: object
    type_name: str
    value_set: str = ""


Items: TypeAlias = list[Found]
Step: TypeAlias = Callable[[Items, Mapping[str, object]], Items]
Expression: TypeAlias = Callable[[Mapping[str, object], Items], Items]

_CONTAINERS = (dict, list)
_FLAG = re.compile(r"(\S+)\.exists\(\) and (\S+) != false")
_CAST = re.compile(r"\((\S+) as (\w+)\)((?:\.\w+)*)")
# The first element of an alternative, and to which of its types it is narrowed at once.
_FIRST = re.compile(r"\(*\w+\.(?P<child>\w+)(?:(?: as |\.as\(|\.ofType\()(?P<cast>\w+)\))?")
_GROUP = re.compile(r"\((\S+)\)((?:\.\w+)*)")
_SEGMENT = re.compile(
    r"\.?(?:(?:as|ofType)\((?P<cast>\w+)\)|where\(resolve\(\) is (?P<resolved>\w+)\)"
    r"|where\((?P<name>\w+)='(?P<text>[^']*)'\)|(?P<child>\w+)(?:\[(?P<index>\d+)\])?)"
)


@cache
def compiled(text: str, base: str = "") -> Expression:
    """Return a function of the resource and of the items to start from, which are of type `base`.

    An expression that begins with a type's name starts there; one of a composite's part starts at the items. Raises
    ValueError for what isn't understood.
    """
    if flag := _FLAG.fullmatch(text):
        if flag[1] != flag[2]:
            raise ValueError("a flag must be about one element")
        steps = _steps(flag[1], base)
        return lambda resource, items: _flag(_run(steps, resource, items))
    alternatives = [_steps(part.strip(), base) for part in text.split(" | ")]
    if len(alternatives) == 1:
        return partial(_run, alternatives[0])
    return lambda resource, items: [found for steps in alternatives for found in _run(steps, resource, items)]


def members_of(text: str, base: str) -> frozenset[str] | None:
    """Return the members of JSON without which the expression finds nothing; None where it always may."""
    if _FLAG.fullmatch(text):
        return None
    firsts = [_FIRST.match(part.strip()) for part in text.split(" | ")]
    if not all(firsts):
        return None
    keys = _keys(base)
    return frozenset(
        key
        for one in firsts
        if one
        for key, code, *_ in keys.get(one["child"], ())
        if not one["cast"] or code in _types_of(one["cast"])
    )


def _run(steps: tuple[Step, ...], resource: Mapping[str, object], items: Items) -> Items:
    for step in steps:
        items = step(items, resource)
    return items


def _flag(found: Items) -> Items:
    """An element that exists and is not false: Patient.deceased."""
    return [Found(any(one.value is not False for one in found), "boolean")]


def _steps(text: str, base: str) -> tuple[Step, ...]:
    if cast := _CAST.fullmatch(text):
        return (*_steps(cast[1], base), _cast(cast[2]), *_path(cast[3]))
    if group := _GROUP.fullmatch(text):
        return (*_steps(group[1], base), *_path(group[2]))
    root, _, rest = text.partition(".")
    return _path(rest) if root == base or root in ("Resource", "DomainResource") else _path(text)


def _path(text: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    place = 0
    while place < len(text):
        match = _SEGMENT.match(text, place)
        if match is None:
            raise ValueError(f"the expression {text} is not understood")
        place = match.end()
        steps += _segment(match)
    return tuple(steps)


def _segment(match: re.Match[str]) -> list[Step]:
    if match["cast"]:
        return [_cast(match["cast"])]
    if match["resolved"]:
        return [_resolved(match["resolved"])]
    if match["name"]:
        return [_where(match["name"], match["text"])]
    step = _child(match["child"])
    return [step] if match["index"] is None else [step, _indexed(int(match["index"]))]


def _child(name: str) -> Step:
    def step(items: Items, _: Mapping[str, object]) -> Items:
        if len(items) == 1:
            return _children(items[0], name)
        return [found for item in items for found in _children(item, name)]

    return step


def _cast(name: str) -> Step:
    wanted = _types_of(name)
    return lambda items, _: [item for item in items if item.type_name in wanted]


def _types_of(name: str) -> tuple[str, str]:
    """HL7's table writes DateTime where it means dateTime."""
    return name if name in type_names() else name[0].lower() + name[1:], name


def _where(name: str, text: str) -> Step:
    return lambda items, _: [item for item in items if any(one.value == text for one in _children(item, name))]


def _indexed(index: int) -> Step:
    return lambda items, _: items[index : index + 1]


def _resolved(name: str) -> Step:
    """Keep references to a type, as far as they tell it: by their URL, their own `type`, or what is contained."""
    return lambda items, resource: [item for item in items if _type_of(item.value, resource) == name]


def _type_of(reference: object, resource: Mapping[str, object]) -> str:
    if not isinstance(reference, dict):
        return ""
    url = reference.get("reference")
    if isinstance(url, str) and url.startswith("#"):
        contained = resource.get("contained")
        held = contained if isinstance(contained, list) else []
        found = [one.get("resourceType") for one in held if isinstance(one, dict) and one.get("id") == url[1:]]
        return str(found[0]) if found else ""
    told = reference.get("type")
    return (type_named_by(url) if isinstance(url, str) else "") or (told if isinstance(told, str) else "")


def _children(item: Found, name: str) -> Items:
    node = item.value
    if not isinstance(node, dict):
        return []
    type_name = item.type_name
    if type_name == "Resource":
        told = node.get("resourceType")
        type_name = told if isinstance(told, str) and told in resource_types() else type_name
    found: Items = []
    for key, code, value_set, is_object in _keys(type_name).get(name, ()):
        value = node.get(key)
        if value is None:
            continue
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, dict) if is_object else one is not None and not isinstance(one, _CONTAINERS):
                found.append(Found(one, code, value_set))
    return found


@cache
def _keys(type_name: str) -> Mapping[str, tuple[tuple[str, str, str, bool], ...]]:
    """Return for each element of a type its names in JSON with type and value set, and whether it is an object.

    Nothing is returned for primitives.
    """
    if type_name not in type_names():
        return {}
    return {
        element.name: tuple(
            (key, use.code, element.value_set, use.code not in primitives()) for key, use in element.names()
        )
        for element in type_definition(type_name).elements
    }
