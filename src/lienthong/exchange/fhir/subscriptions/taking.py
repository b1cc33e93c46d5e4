"""A Subscription comes in: it is checked, kept without what is secret, and becomes a way out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lienthong.core.outgoing import outgoing_rules
from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.placing import Place
from lienthong.exchange.fhir.subscriptions.actions import keep_outlet
from lienthong.exchange.fhir.subscriptions.terms import Terms, read_terms
from lienthong.interop.fhir import Element
from lienthong.results.actions import WrittenResource


def take(place: Place, caller: FhirCaller) -> tuple[Place, Callable[[WrittenResource], None]]:
    """Return a Subscription as it may be kept, and what makes its outlet; raise Unprocessable, ScopeMissing.

    Whoever is told of a kind must be allowed to read and to search it.
    """
    terms = read_terms(place.resource, caller=caller, rules=outgoing_rules())
    for right in ("r", "s"):
        caller.check(terms.criteria.kind, right)
    reason = str(place.resource.get("reason", ""))

    def done(written: WrittenResource) -> None:
        keep_outlet(written.name, terms, reason=reason, caller=caller)

    return replace(place, resource=_kept(place.resource, terms)), done


def _kept(element: Element, terms: Terms) -> Element:
    """Hide the values of headers, and leave out what is the server's to say."""
    channel = element.get("channel")
    shown: Element = dict(channel) if isinstance(channel, dict) else {}
    if terms.headers:
        shown["header"] = [one.shown for one in terms.headers]
    return {key: shown if key == "channel" else value for key, value in element.items() if key != "error"}
