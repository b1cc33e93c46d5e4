"""Whether a resource conforms to a profile, as far as our profiles say anything: cardinality, types, fixed values,
patterns, targets of references, code lists of our own, and slices of extensions and tags."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]
TYPE = "http://hl7.org/fhir/StructureDefinition/"


class Profiles:
    """Published definitions by their canonical URLs."""

    def __init__(self, published: Mapping[str, Json]) -> None:
        self.published = published

    def faults(self, resource: Json, url: str) -> Iterator[str]:
        """Yield what in a resource, or in an extension, is not as the profile says."""
        elements = {one["id"]: one for one in self.published[url]["differential"]["element"]}
        for id_, element in elements.items():
            for found in _groups(resource, id_.split(".")[1:], elements, id_.split(".")[0]):
                yield from (f"{url} {id_}: {fault}" for fault in self._faults(element, found))

    def _faults(self, element: Json, found: list[tuple[str, Any]]) -> Iterator[str]:
        least, most = element.get("min", 0), element.get("max", "*")
        if len(found) < least or (most != "*" and len(found) > int(most)):
            yield f"is there {len(found)} times, must be {least}..{most}"
        for name, value in found:
            yield from self._faults_of_value(element, name, value)

    def _faults_of_value(self, element: Json, name: str, value: Any) -> Iterator[str]:
        for key, wanted in element.items():
            if key.startswith("fixed") and value != wanted:
                yield f"is {value}, must be {wanted}"
            if key.startswith("pattern") and not _holds(value, wanted):
                yield f"is {value}, must hold {wanted}"
        if binding := element.get("binding"):
            codes = {one["code"] for each in self._included(binding["valueSet"]) for one in each["concept"]}
            if value not in codes:
                yield f"is {value}, must be of {codes}"
        if types := element.get("type"):
            yield from self._faults_of_type(types, element["path"], name, value)

    def _faults_of_type(self, types: list[Json], path: str, name: str, value: Any) -> Iterator[str]:
        stem = path.rpartition(".")[2]
        codes = {one["code"] for one in types}
        if stem.endswith("[x]") and name.removeprefix(stem[:-3]) not in {f"{one[0].upper()}{one[1:]}" for one in codes}:
            yield f"is {name}, must be one of {codes}"
        targets = {url.removeprefix(TYPE) for one in types for url in one.get("targetProfile", ())}
        if targets and value["reference"].partition("/")[0] not in targets:
            yield f"refers to {value['reference']}, must be one of {targets}"
        for url in (each for one in types for each in one.get("profile", ())):
            yield from self.faults(value, url)

    def _included(self, value_set: str) -> list[Json]:
        found: list[Json] = self.published[value_set]["compose"]["include"]
        return found


def _groups(node: Any, segments: list[str], elements: Mapping[str, Json], id_: str) -> Iterator[list[tuple[str, Any]]]:
    """Yield for each parent the values, with their names, that an element's id stands for."""
    if not segments:
        yield [(id_, node)]
        return
    head, *rest = segments
    found = _members(node, head, elements, f"{id_}.{head}")
    if not rest:
        yield found
        return
    for _name, value in found:
        yield from _groups(value, rest, elements, f"{id_}.{head}")


def _members(node: Any, segment: str, elements: Mapping[str, Json], id_: str) -> list[tuple[str, Any]]:
    name, _colon, slice_ = segment.partition(":")
    stem = name.removesuffix("[x]")
    is_choice = name.endswith("[x]")
    pattern = re.compile(f"{stem}[A-Z].*" if is_choice else re.escape(stem))
    values = [(key, value) for key, value in node.items() if pattern.fullmatch(key)]
    flat = [(key, one) for key, value in values for one in (value if isinstance(value, list) else [value])]
    return [(key, one) for key, one in flat if not slice_ or _is_of_slice(one, elements, id_)]


def _is_of_slice(value: Json, elements: Mapping[str, Json], id_: str) -> bool:
    """Slices of extensions go by their URLs, those of tags by their systems."""
    profiles = [each for one in elements[id_].get("type", ()) for each in one.get("profile", ())]
    if profiles:
        return value["url"] in profiles
    fixed = {name: elements[f"{id_}.{name}"]["fixedUri"] for name in ("url", "system") if f"{id_}.{name}" in elements}
    return all(value.get(name) == wanted for name, wanted in fixed.items())


def _holds(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(value, dict) and all(_holds(value.get(key), one) for key, one in wanted.items())
    if isinstance(wanted, list):
        return isinstance(value, list) and all(any(_holds(one, each) for one in value) for each in wanted)
    return bool(value == wanted)
