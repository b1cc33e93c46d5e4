"""Bundles that the interface answers with: pages of a search, histories, and what became of a transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import quote, urlencode
from uuid import uuid4

from lienthong.exchange.fhir.errors import Invalid
from lienthong.exchange.fhir.own.shelf import instant
from lienthong.exchange.fhir.query import Asked, Pairs
from lienthong.exchange.fhir.reading import Page
from lienthong.exchange.fhir.shown import Shown
from lienthong.interop.fhir import Element, Issue, operation_outcome

LONGEST = 8_000  # characters of an address; web servers and proxies take about so many


def searchset(page: Page, asked: Asked, *, base: str, written: Callable[[Pairs], Pairs] = tuple) -> Element:
    """Return a page of a search with its links (R4, Bundle, searchset); `written` gives parameters as an address has
    them. Raises Invalid where there is a further page and its address would be taken by nobody.
    """
    path = f"{base}/{asked.kind}"
    links: list[Element] = [{"relation": "self", "url": _url(path, written(asked.pairs))}]
    if page.after:
        after = ("_after", f"{page.after.value}~{page.after.id}")
        following = _url(path, written([*(pair for pair in asked.pairs if pair[0] != "_after"), after]))
        if len(following) > LONGEST:
            told = "there are more pages, and what is asked for is too long for their address; ask for less at once"
            raise Invalid.because("too-costly", told)
        links.append({"relation": "next", "url": following})
    entries = [entry(one, "match", base) for one in page.found] + [entry(one, "include", base) for one in page.included]
    if asked.left_out:
        entries.append(_outcome(asked.left_out))
    total: Element = {"total": page.total} if page.total is not None else {}
    found: Element = {"resourceType": "Bundle", "type": "searchset", **total, "link": links}
    return found | ({"entry": entries} if entries else {})


def history_bundle(versions: Sequence[Shown], *, base: str) -> Element:
    """Return the versions of one resource (R4, Bundle, history)."""
    entries: list[Element] = []
    for one in versions:
        method = "DELETE" if one.is_deleted else "PUT" if one.version > 1 else "POST"
        status = "204" if one.is_deleted else "200" if one.version > 1 else "201"
        url = one.reference if method != "POST" else one.kind
        entry: Element = {"fullUrl": f"{base}/{one.reference}"}
        if not one.is_deleted:
            entry["resource"] = one.element
        entry["request"] = {"method": method, "url": url}
        entry["response"] = {"status": status, "etag": f'W/"{one.version}"', "lastModified": instant(one.changed_at)}
        entries.append(entry)
    found: Element = {"resourceType": "Bundle", "type": "history", "total": len(entries)}
    return found | {"link": [{"relation": "self", "url": f"{base}/{versions[0].reference}/_history"}], "entry": entries}


def entry(one: Shown, mode: str, base: str) -> Element:
    return {"fullUrl": f"{base}/{one.reference}", "resource": one.element, "search": {"mode": mode}}


def _outcome(issues: Sequence[Issue]) -> Element:
    """Return the entry that tells of the search itself; its resource is kept nowhere, and so its URL names no place."""
    return {
        "fullUrl": f"urn:uuid:{uuid4()}",
        "resource": operation_outcome(issues),
        "search": {"mode": "outcome"},
    }


def _url(path: str, pairs: Pairs) -> str:
    return f"{path}?{urlencode(pairs, quote_via=quote)}" if pairs else path
