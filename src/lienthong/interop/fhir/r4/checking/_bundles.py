"""The entries of a Bundle: their fullUrl, their ids, and references between them (FHIR R4, Bundle, fullUrl)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lienthong.interop.fhir._issues import Issue
from lienthong.interop.fhir.r4._references import type_named_by
from lienthong.interop.fhir.r4.checking._faults import Places, fault
from lienthong.interop.fhir.r4.checking._scope import Found, Scope
from lienthong.interop.fhir.r4.checking.invariants._reading import Node, child, children, text

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+", re.ASCII)
_UUID = re.compile(r"urn:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_OID = re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+", re.ASCII)
_RESTFUL = re.compile(r"(https?://.+/)([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})", re.ASCII)
_WITHOUT_FULL_URL = ("batch", "transaction", "batch-response", "transaction-response")


def faults_of_bundle(bundle: Node, scope: Scope) -> list[Issue]:
    """Return what is wrong between the entries of a Bundle, with places below it."""
    kind = text(bundle, "type")
    found: list[Issue] = []
    types: dict[str, set[str]] = {}
    urls: dict[int, str] = {}
    for index, entry in enumerate(children(bundle, "entry")):
        resource = child(entry, "resource")
        url = text(entry, "fullUrl")
        place = f".entry[{index}]"
        found += [
            fault(f"{place}{where}", "value", message, key)
            for where, key, message in _faults_of_entry(entry, resource, kind)
        ]
        if resource and url:
            types.setdefault(url, set()).add(text(resource, "resourceType"))
            urls[id(resource)] = url
    places = Places(bundle)
    for resource, references in scope.inner:
        for one in references:
            found += _faults_of_reference(one, urls.get(id(resource), ""), types, places)
    return found


def _faults_of_entry(entry: Node, resource: Node, kind: str) -> Iterator[tuple[str, str, str]]:
    url = entry.get("fullUrl")
    if resource and url is None and kind not in _WITHOUT_FULL_URL:
        yield "", "full-url", f"fullUrl is missing; each resource of a Bundle of type {kind or 'unknown'} must have one"
    if isinstance(url, str) and url and (wrong := _fault_of_url(url, resource)):
        yield ".fullUrl", "full-url", wrong
    if kind == "searchset" and resource and "id" not in resource and resource.get("resourceType") != "OperationOutcome":
        yield ".resource", "searchset-id", "a resource that a search found must have an id"


def _fault_of_url(url: str, resource: Node) -> str:
    if not _ABSOLUTE.fullmatch(url):
        return "fullUrl must be an absolute URL"
    if url.startswith("urn:uuid:") and not _UUID.fullmatch(url):
        return "fullUrl must be urn:uuid: and a UUID"
    if url.startswith("urn:oid:") and not _OID.fullmatch(url):
        return "fullUrl must be urn:oid: and an object identifier"
    parts = _RESTFUL.fullmatch(url)
    if (
        parts
        and resource
        and type_named_by(url)
        and (parts[2], parts[3])
        != (
            text(resource, "resourceType"),
            text(resource, "id") or parts[3],
        )
    ):
        return "fullUrl must end with the type and the id of its resource"
    return ""


def _faults_of_reference(found: Found, url: str, types: dict[str, set[str]], places: Places) -> Iterator[Issue]:
    """Compare the type of the entry that a reference leads to with what the element and the reference say."""
    node, targets = found
    reference = text(node, "reference").partition("/_history/")[0]
    if not reference or reference.startswith("#"):
        return
    led = types.get(reference)
    if led is None and not _ABSOLUTE.match(reference) and (base := _RESTFUL.fullmatch(url)):
        led = types.get(base[1] + reference)
    if led is None:
        return
    named = type_named_by(reference)
    allowed = {named} if named else set(targets)
    if allowed and not led & allowed:
        message = (
            f"the reference leads to an entry of type {sorted(led)[0]}, but must lead to {', '.join(sorted(allowed))}"
        )
        yield fault(f"{places.of(node)}.reference", "value", message, "reference-target")
