"""Value sets of FHIR R4 as lists of codes, where HL7's own definitions hold all of their codes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Codes = dict[str, list[str]]
FILES = ("valuesets.json", "v3-codesystems.json", "v2-tables.json")


class Open(Exception):
    """Raised where a value set names codes that HL7's definitions don't list: media types, units, languages."""


class ValueSets:
    """`expanded` has the codes by system of each value set that was asked for by name, `open` why others have none."""

    def __init__(self, folder: Path) -> None:
        self.expanded: dict[str, Codes] = {}
        self.open: dict[str, str] = {}
        self._sets: dict[str, Json] = {}
        self._systems: dict[str, Json] = {}
        for name in FILES:
            for entry in json.loads((folder / name).read_text("utf-8"))["entry"]:
                one = entry["resource"]
                kept = self._sets if one["resourceType"] == "ValueSet" else self._systems
                kept.setdefault(one["url"], one)

    def named(self, canonical: str) -> str:
        """Return the short name of a value set, and keep its codes."""
        url = canonical.partition("|")[0]
        name = url.rpartition("/")[2]
        try:
            self.expanded[name] = {system: list(dict.fromkeys(codes)) for system, codes in self._expand(url).items()}
        except Open as error:
            self.open[name] = str(error)
        return name

    def _expand(self, url: str) -> Codes:
        if url not in self._sets:
            raise Open(f"{url} is not among HL7's definitions")
        compose = self._sets[url].get("compose", {})
        found: Codes = {}
        for include in compose.get("include", ()):
            for system, codes in self._included(include).items():
                found.setdefault(system, []).extend(codes)
        for exclude in compose.get("exclude", ()):
            for system, codes in self._included(exclude).items():
                found[system] = [code for code in found.get(system, ()) if code not in codes]
        return found

    def _included(self, include: Json) -> Codes:
        found: Codes = {}
        for url in include.get("valueSet", ()):
            found |= self._expand(url.partition("|")[0])
        system = include.get("system")
        if system is None:
            return found
        if "concept" in include:
            return {system: [one["code"] for one in include["concept"]]}
        return {system: self._of_system(system, include.get("filter", []))}

    def _of_system(self, system: str, filters: Iterable[Json]) -> list[str]:
        known = self._systems.get(system)
        if known is None or known.get("content") != "complete" or not known.get("concept"):
            raise Open(f"{system} is not listed in HL7's definitions")
        concepts = known["concept"]
        for one in filters:
            if one["op"] != "is-a" or one["property"] != "concept":
                raise Open(f"{system} is filtered by {one['property']} {one['op']}")
            concepts = [concept for concept in _all(concepts) if concept["code"] == one["value"]]
        return [concept["code"] for concept in _all(concepts)]


def _all(concepts: Iterable[Json]) -> Iterator[Json]:
    for one in concepts:
        yield one
        yield from _all(one.get("concept", ()))
