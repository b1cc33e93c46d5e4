"""Rules of Bundle, each named after its key (FHIR R4, Bundle)."""

from __future__ import annotations

from lienthong.interop.fhir.r4.checking.invariants._reading import Node, child, children, has, text

_WITH_REQUEST = ("batch", "transaction", "history")
_WITH_RESPONSE = ("batch-response", "transaction-response", "history")


def bdl_1(bundle: Node) -> bool:
    return not has(bundle, "total") or text(bundle, "type") in ("searchset", "history")


def bdl_2(bundle: Node) -> bool:
    return text(bundle, "type") == "searchset" or not any("search" in one for one in children(bundle, "entry"))


def bdl_3(bundle: Node) -> bool:
    wanted = text(bundle, "type") in _WITH_REQUEST
    return all(("request" in one) == wanted for one in children(bundle, "entry"))


def bdl_4(bundle: Node) -> bool:
    wanted = text(bundle, "type") in _WITH_RESPONSE
    return all(("response" in one) == wanted for one in children(bundle, "entry"))


def bdl_5(entry: Node) -> bool:
    return has(entry, "resource", "request", "response")


def bdl_7(bundle: Node) -> bool:
    if text(bundle, "type") == "history":
        return True
    found = [
        (entry["fullUrl"], text(child(child(entry, "resource"), "meta"), "versionId"))
        for entry in children(bundle, "entry")
        if isinstance(entry.get("fullUrl"), str)
    ]
    return len(set(found)) == len(found)


def bdl_8(entry: Node) -> bool:
    return "/_history/" not in text(entry, "fullUrl")


def bdl_9(bundle: Node) -> bool:
    identifier = child(bundle, "identifier")
    return text(bundle, "type") != "document" or (has(identifier, "system") and has(identifier, "value"))


def bdl_10(bundle: Node) -> bool:
    return text(bundle, "type") != "document" or "timestamp" in bundle


def bdl_11(bundle: Node) -> bool:
    return text(bundle, "type") != "document" or _type_of_first(bundle) == "Composition"


def bdl_12(bundle: Node) -> bool:
    return text(bundle, "type") != "message" or _type_of_first(bundle) == "MessageHeader"


def _type_of_first(bundle: Node) -> str:
    return next((text(child(entry, "resource"), "resourceType") for entry in children(bundle, "entry")), "")
