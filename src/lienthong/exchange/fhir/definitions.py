"""What the house publishes of itself: its extensions, the profiles of what it gives, the codes of its marks.

Definitions stand beside this in `published`, as R4 resources; the marks are those of the policy packs, in which alone
they are kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from lienthong.core.packs import jurisdictions, pack
from lienthong.exchange.fhir import systems
from lienthong.interop.fhir import Element
from lienthong.policy import MarkRule

PUBLISHED_KINDS = ("CodeSystem", "StructureDefinition", "ValueSet")


@cache
def definitions() -> Mapping[str, tuple[Element, ...]]:
    """Return what is published by type, each resource with its version, sorted by id."""
    found = sorted((*_of_files(), mark_codes()), key=lambda one: str(one["id"]))
    return {kind: tuple(one for one in found if one["resourceType"] == kind) for kind in PUBLISHED_KINDS}


@cache
def profiles_of(kind: str) -> tuple[str, ...]:
    """Return the canonical URLs of the profiles of a type of resource."""
    published = definitions()["StructureDefinition"]
    return tuple(str(one["url"]) for one in published if one["kind"] == "resource" and one["type"] == kind)


@cache
def mark_codes() -> Element:
    """Return the code system of `meta.tag`: every mark that a policy pack knows, whenever it was in force."""
    marks = {one.text: one for one in _marks()}
    found: Element = {
        "resourceType": "CodeSystem",
        "id": "mark",
        "url": systems.MARK,
        "version": "1.0.0",
        "name": "Mark",
        "title": "Marks of mutual recognition",
        "status": "active",
        "date": max(one.source.since for one in marks.values()).isoformat(),
        "publisher": "Lienthong",
        "description": "The marks that stand on reports whose results are recognised mutually, as the policy packs "
        "list them. Grants say who has one, and since when.",
        "caseSensitive": True,
        "content": "complete",
        "count": len(marks),
        "property": [
            _property("issuer", "The region whose authority issues the mark.", "string"),
            _property("legal", "Whether a legal text prints the mark.", "boolean"),
            _property(
                "example", "Whether the entry is an example, in a place that has no rule that we know.", "boolean"
            ),
        ],
        "concept": [_concept(one) for _text, one in sorted(marks.items())],
    }
    return _with_meta(found)


def _of_files() -> Iterator[Element]:
    folder = files(__package__).joinpath("published")
    for one in folder.iterdir():
        if one.name.endswith(".json"):
            yield _with_meta(json.loads(one.read_bytes()))


def _with_meta(resource: Element) -> Element:
    """Return a definition with what the server says of it: it is as old as its date."""
    meta = {"versionId": "1", "lastUpdated": f"{resource['date']}T00:00:00.000Z"}
    rest = {name: value for name, value in resource.items() if name not in ("resourceType", "id")}
    return {"resourceType": resource["resourceType"], "id": resource["id"], "meta": meta, **rest}


def _marks() -> Iterator[MarkRule]:
    for jurisdiction in jurisdictions():
        for timelines in pack(jurisdiction).marks.regions.values():
            for timeline in timelines.values():
                yield from (entry for _since, entry in timeline.entries if isinstance(entry, MarkRule))


def _property(code: str, told: str, kind: str) -> Element:
    return {"code": code, "description": told, "type": kind}


def _concept(mark: MarkRule) -> Element:
    return {
        "code": mark.text,
        "display": mark.text,
        "property": [
            {"code": "issuer", "valueString": mark.issuer},
            {"code": "legal", "valueBoolean": mark.legal},
            {"code": "example", "valueBoolean": mark.source.example},
        ],
    }
