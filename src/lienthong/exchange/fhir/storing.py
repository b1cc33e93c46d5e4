"""Stores what a Bundle brings: its resources as received, and what they tell as patients, orders and results.

One transaction and one answer after it: the Bundle in the inbox, its resources, and what the pipeline makes of it. What
a person must decide first (a code without a mapping, a patient in doubt) waits in the inbox, as of any other message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from lienthong.core.models import User
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.indexing import draft_of, patients_named, real_references
from lienthong.exchange.fhir.placing import Place
from lienthong.exchange.processing.bundle_places import in_elements
from lienthong.exchange.processing.bundles import FHIR, written
from lienthong.exchange.processing.pipeline import process_taken
from lienthong.exchange.senders import SourceFacts
from lienthong.findings import Finding
from lienthong.interop.fhir import Element, dumps
from lienthong.results import actions as results
from lienthong.results import reads
from lienthong.results.actions import Arrival, Outcome, Waiting, WrittenResource
from lienthong.results.search import loading

IN_DOUBT = "It is not certain who the patient is; a person decides, then the message goes on by itself."
UNREAD = Outcome(inbox_id=0, state="stored")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of the places of a Bundle, in their order; `waits` are the findings of what is not stored yet."""

    written: tuple[WrittenResource | None, ...]
    waits: tuple[Finding, ...] = ()


@transaction.atomic
def store_places(places: Sequence[Place], *, caller: FhirCaller) -> Receipt:
    """Store the resources of one message; those that are kept as they are have no WrittenResource."""
    sender = caller.writes_for()
    new = [one for one in places if not one.is_kept]
    if not new:
        return Receipt(tuple(None for _ in places))
    bundle = _bundle(new)
    inbox_id, outcome = _received(bundle, new, sender, caller)
    by_place = _written(new, sender, inbox_id, by=caller.user)
    is_behind = outcome.inbox_id == UNREAD.inbox_id  # an earlier message of the report waits, and this one with it
    is_waiting = outcome.state == "held" or outcome.results_held or is_behind
    waits = map(_answered, outcome.findings) if is_waiting else ()
    return Receipt(tuple(by_place.get(one.reference) for one in places), tuple(waits))


def _answered(finding: Finding) -> Finding:
    """Say what waits; whom a patient resembles is for those who may compare, not for whoever asks by writing."""
    is_of_others = finding.code in ("identity-conflict", "identity-uncertain")
    return replace(finding, message=IN_DOUBT) if is_of_others else finding


def _bundle(places: Sequence[Place]) -> Element:
    """Return the Bundle as it stands in the inbox: each entry under the id that it got."""
    entries = [{"resource": one.resource, "request": {"method": "PUT", "url": one.reference}} for one in places]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _received(bundle: Element, places: Sequence[Place], sender: SourceFacts, caller: FhirCaller) -> tuple[int, Outcome]:
    """Write the Bundle to the inbox and process it at once, unless an earlier message of its report waits."""
    message, kind = _as_message(bundle, sender)
    arrival = Arrival(
        raw=dumps(bundle).encode(),
        received_at=caller.at,
        source=sender.code,
        sender=caller.caller.name,
        lane=_lane(places, sender),
        control_id=places[0].reference,
        message_type=kind,
    )
    is_behind = reads.is_lane_open(arrival.lane)
    [inbox_id] = results.receive([arrival], by=caller.user, at=caller.at)
    if is_behind:
        return inbox_id, replace(UNREAD, findings=(Finding("Bundle", "behind", "An earlier message waits."),))
    done = [replace(UNREAD, inbox_id=inbox_id, source=sender.code)]
    if message:
        waiting = Waiting(
            **{name: getattr(arrival, name) for name in ("source", "sender", "lane", "control_id", "message_type")},
            id=inbox_id,
            raw=message,
            received_at=caller.at,
        )
        taken = process_taken([waiting], by=caller.user, at=caller.at)
        done = [in_elements(one, replace(waiting, raw=arrival.raw)) for one in taken]
    results.finish(done, by=caller.user, at=caller.at)
    return inbox_id, done[0] if done else replace(UNREAD, inbox_id=inbox_id)


def _as_message(bundle: Element, sender: SourceFacts) -> tuple[bytes, str]:
    """Return the Bundle as HL7 v2 and its kind; nothing where it tells of no patient, order or result."""
    try:
        message = written(bundle, sender.code)
    except Unstorable:
        return b"", f"none{FHIR}"
    kind = message.split(b"\r", 1)[0].split(b"|")[8].split(b"^")[0].decode()
    return message, f"{kind}{FHIR}"


def _lane(places: Sequence[Place], sender: SourceFacts) -> str:
    """Name the report, else the patient, else the first resource: order of effect is kept within it."""
    order = ("DiagnosticReport", "Observation", "ServiceRequest", "Patient")
    first = next((one for kind in order for one in places if one.kind == kind), places[0])
    return f"{sender.code}/fhir/{first.reference}"[:200]


def _written(places: Sequence[Place], sender: SourceFacts, inbox_id: int, *, by: User) -> dict[str, WrittenResource]:
    """Write the resources, each with the patient record that the pipeline found for it."""
    there = real_references(places, source=sender.code)
    records = patients_named(places, there, source=sender.code, inbox_id=inbox_id)
    drafts = [draft_of(one, there, records, sender=sender) for one in places]
    made = results.store_resources(drafts, inbox_id=inbox_id, by=by)
    _link_reports(places, there)
    return {place.reference: one for place, one in zip(places, made, strict=True)}


def _link_reports(places: Sequence[Place], there: dict[str, str]) -> None:
    """Tell the reports that were stored of these DiagnosticReports which they are."""
    named = {
        there[one.reference]: [there.get(str(result.get("reference")), "") for result in _results_of(one.resource)]
        for one in places
        if one.kind == "DiagnosticReport"
    }
    observations = {name for several in named.values() for name in several if name}
    stored = loading.results_of_resources([loading.name_in(one) for one in observations])
    reports = {
        stored[name].report_id: loading.name_in(report)
        for report, several in named.items()
        for one in several
        if one and (name := loading.name_in(one)) in stored
    }
    results.name_reports(reports)


def _results_of(resource: Element) -> list[Element]:
    found = resource.get("result")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
