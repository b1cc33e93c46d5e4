"""Contained resources and references of one resource (FHIR R4, References, Contained Resources; dom-2 to 5, ref-1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lienthong.interop.fhir._issues import Issue
from lienthong.interop.fhir.r4._references import type_named_by
from lienthong.interop.fhir.r4.checking._faults import Places, fault
from lienthong.interop.fhir.r4.checking._scope import Found, Scope
from lienthong.interop.fhir.r4.checking.invariants._reading import Node, child, children, text

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+", re.ASCII)
_SEARCH = re.compile(r"([A-Z][A-Za-z]+)\?\S+", re.ASCII)
_MESSAGES = {
    "ref-1": "the reference names no contained resource",
    "reference": "a reference must be an absolute URL, a type and an id (Patient/1), or # and an id",
}


def faults_of_container(resource: Node, scope: Scope) -> list[Issue]:
    """Return what is wrong between a resource and what it contains, and with the form of its references."""
    contained = children(resource, "contained")
    ids = {text(one, "id"): text(one, "resourceType") for one in contained}
    places = Places(resource)
    found = [issue for one in scope.references for issue in _faults_of_reference(one, ids, places, scope)]
    if contained:
        local = set(_local_targets(resource))
        for index, one in enumerate(contained):
            found += [
                fault(f".contained[{index}]", "invariant", message, key) for key, message in _rules(one, local, ids)
            ]
    return found


def _rules(contained: Node, local: set[str], ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    name = text(contained, "id")
    if not name:
        yield "contained-id", "a contained resource must have an id"
    if "contained" in contained:
        yield "dom-2", "a contained resource must not contain resources"
    if name and f"#{name}" not in local and "#" not in set(_local_targets(contained)):
        yield "dom-3", "a contained resource must be referred to by the resource, or refer to it"
    meta = child(contained, "meta")
    if "versionId" in meta or "lastUpdated" in meta:
        yield "dom-4", "a contained resource must not have meta.versionId or meta.lastUpdated"
    if "security" in meta:
        yield "dom-5", "a contained resource must not have a security label"


def _local_targets(node: object) -> Iterator[str]:
    """Yield the texts that begin with #: references, and canonicals and URIs to what is contained."""
    waiting = [node]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str) and value.startswith("#"):
            yield value


def _faults_of_reference(found: Found, ids: dict[str, str], places: Places, scope: Scope) -> Iterator[Issue]:
    node, targets = found
    reference = node.get("reference")
    if not isinstance(reference, str) or not reference or reference.startswith("urn:"):
        return
    named = ids.get(reference[1:], "") if reference.startswith("#") else type_named_by(reference)
    if key := _broken(reference, named, ids, scope):
        place = f"{places.of(node)}.reference"
        yield fault(place, "invariant" if key == "ref-1" else "value", _MESSAGES[key], key)
    elif named and targets and named not in targets:
        message = f"the reference is to {named}, but must be to {_one_of(targets)}"
        yield fault(f"{places.of(node)}.reference", "value", message, "reference-target")


def _broken(reference: str, named: str, ids: dict[str, str], scope: Scope) -> str:
    """Return the key of the rule that the form of a reference breaks."""
    if reference.startswith("#"):
        return "" if reference == "#" or reference[1:] in ids else "ref-1"
    if named or _ABSOLUTE.fullmatch(reference) or (scope.takes_searches and _SEARCH.fullmatch(reference)):
        return ""
    return "reference"


def _one_of(targets: tuple[str, ...]) -> str:
    return targets[0] if len(targets) == 1 else f"one of {', '.join(sorted(targets))}"
