"""What became of what was written, and how it is told: as the caller prefers (R4, http, ops, return)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from django.utils.http import http_date

from lienthong.core.timekey import instant_of
from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.own.shelf import instant
from lienthong.exchange.fhir.placing import Place
from lienthong.exchange.fhir.preferences import Returned
from lienthong.exchange.fhir.reading import read_written
from lienthong.exchange.fhir.shown import Shown
from lienthong.exchange.fhir.storing import Receipt
from lienthong.findings import Finding
from lienthong.interop.fhir import Element, Issue, issue_of, operation_outcome
from lienthong.results.resources.names import name_of
from lienthong.results.search import loading

_DONE = {
    HTTPStatus.CREATED: "the resource was created; nothing of it waits for a decision",
    HTTPStatus.OK: "the resource is kept as it was sent, or as it was before; nothing of it waits for a decision",
}


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of one resource: its address with the version, and the status of the answer.

    `shown` is the resource itself, where the caller prefers to be told it, and may read it.
    """

    reference: str
    version: int
    changed_at: dt.datetime
    status: HTTPStatus
    waits: tuple[Finding, ...] = ()
    shown: Shown | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Location": f"{self.reference}/_history/{self.version}",
            "ETag": f'W/"{self.version}"',
            "Last-Modified": http_date(self.changed_at.timestamp()),
        }

    def outcome(self, returned: Returned) -> Element | None:
        """Return the OperationOutcome that is told: of what waits, unless the least is preferred."""
        issues = [issue_of(one, "information") for one in self.waits]
        if returned == "OperationOutcome" and not issues:
            issues = [Issue("information", "informational", "", _DONE[self.status])]
        return operation_outcome(issues) if issues and returned != "minimal" else None

    def applied(self, returned: Returned) -> str:
        """Return the preference that the answer follows (RFC 7240, Preference-Applied); empty if it follows none."""
        is_kept = returned and (returned != "representation" or self.shown)
        return f"return={returned}" if is_kept else ""


def saved_of(places: Sequence[Place], receipt: Receipt, *, caller: FhirCaller, returned: Returned) -> list[Saved]:
    """Return what became of places, in their order.

    What waits is told with the first result, else the first resource: it is of the message as a whole.
    """
    order = [one.kind for one in places]
    teller = order.index("Observation") if "Observation" in order else 0
    kept = _kept([one for one in places if one.reference not in receipt.written], caller)
    found = [
        _written(place, receipt, receipt.waits if at == teller else ()) or kept[place.reference]
        for at, place in enumerate(places)
    ]
    if returned != "representation":
        return found
    shown = read_written({one.reference: one.version for one in found}, caller=caller)
    return [replace(one, shown=shown.get(one.reference)) for one in found]


def _written(place: Place, receipt: Receipt, waits: tuple[Finding, ...]) -> Saved | None:
    written = receipt.written.get(place.reference)
    if written is None:
        return None
    status = HTTPStatus.CREATED if written.is_new else HTTPStatus.OK
    return Saved(place.reference, written.version, instant_of(written.key), status, waits)


def _kept(places: Sequence[Place], caller: FhirCaller) -> dict[str, Saved]:
    """Return what a condition says is there already, as it is."""
    names = {
        name_of(one.kind, source=caller.writes_for(one.kind).code, own_id=one.own_id): one.reference for one in places
    }
    facts = loading.resources(list(names))
    return {names[name]: Saved(names[name], one.version, one.changed_at, HTTPStatus.OK) for name, one in facts.items()}


def entry_of(saved: Saved, returned: Returned) -> Element:
    """Return the entry of a Bundle that answers for one resource (R4, Bundle.entry.response)."""
    response: Element = {"status": f"{int(saved.status)} {saved.status.phrase}"}
    response |= {"location": saved.headers["Location"], "etag": saved.headers["ETag"]}
    response["lastModified"] = instant(saved.changed_at)
    if outcome := saved.outcome(returned):
        response["outcome"] = outcome
    return {"resource": saved.shown.element, "response": response} if saved.shown else {"response": response}


def applied_to(entries: Sequence[Element], returned: Returned) -> str:
    """Return the preference that the answer to a Bundle follows; empty if it follows none, or not for all it wrote."""
    responses = [(one, one["response"]) for one in entries]
    is_kept = returned != "representation" or all(
        "resource" in one for one, response in responses if isinstance(response, dict) and "location" in response
    )
    return f"return={returned}" if returned and is_kept else ""
