"""Rules of Bundle, each named after its key (FHIR R4, Bundle)."""

from __future__ import annotations

from collections.abc import Callable

from lienthong.interop.fhir.r4.checking.invariants._reading import Node, child, children, has, text

_WITH_REQUEST = ("batch", "transaction", "history")
_WITH_RESPONSE = ("batch-response", "transaction-response", "history")


def bdl_1(bundle: Node) -> bool:
    return not has(bundle, "total") or text(bundle, "type") in ("searchset", "history")


def bdl_2(bundle: Node) -> bool | str:
    return text(bundle, "type") == "searchset" or _all(bundle, lambda entry: "search" not in entry)


def bdl_3(bundle: Node) -> bool | str:
    wanted = text(bundle, "type") in _WITH_REQUEST
    return _all(bundle, lambda entry: ("request" in entry) == wanted)


def bdl_4(bundle: Node) -> bool | str:
    wanted = text(bundle, "type") in _WITH_RESPONSE
    return _all(bundle, lambda entry: ("response" in entry) == wanted)


def bdl_5(entry: Node) -> bool:
    return has(entry, "resource", "request", "response")


def bdl_7(bundle: Node) -> bool | str:
    if text(bundle, "type") == "history":
        return True
    seen: set[tuple[str, str]] = set()

    def is_new(entry: Node) -> bool:
        url = text(entry, "fullUrl")
        found = (url, text(child(child(entry, "resource"), "meta"), "versionId"))
        is_known = bool(url) and found in seen
        seen.add(found)
        return not is_known

    return _all(bundle, is_new)


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


def _all(bundle: Node, holds: Callable[[Node], bool]) -> bool | str:
    """Tell whether all entries hold; else return the place of the first that doesn't."""
    return next((f".entry[{at}]" for at, one in enumerate(children(bundle, "entry")) if not holds(one)), True)


def _type_of_first(bundle: Node) -> str:
    return next((text(child(entry, "resource"), "resourceType") for entry in children(bundle, "entry")), "")
