"""Stores what Bundles bring: their resources as received, and what they tell as patients, orders and results.

One transaction and one answer after it: the Bundle in the inbox, its resources, and what the pipeline makes of it. What
a person must decide first (a code without a mapping, a patient in doubt) waits in the inbox, as of any other message.
Bundles of several requests share the transaction and its statements (`gathering`).
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction

from lienthong.core.models import User
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.fhir.acting import taken
from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.indexing import draft_of, patients_named, real_references
from lienthong.exchange.fhir.kinds import OF_SYSTEMS
from lienthong.exchange.fhir.placing import Place
from lienthong.exchange.fhir.whole_bundles import whole_bundle
from lienthong.exchange.imaging.in_bundles import named_beside
from lienthong.exchange.processing.bundle_places import in_elements
from lienthong.exchange.processing.bundles import FHIR, report_names, written
from lienthong.exchange.processing.desk import Desk
from lienthong.exchange.processing.pipeline import process_taken
from lienthong.exchange.senders import SourceFacts
from lienthong.findings import Finding
from lienthong.interop.fhir import Element, dumps
from lienthong.results import actions as results
from lienthong.results import reads
from lienthong.results.actions import Arrival, Outcome, Waiting, WrittenResource
from lienthong.results.resources.compartment import stands_beside
from lienthong.results.resources.names import name_of

IN_DOUBT = "It is not certain who the patient is; a person decides, then the message goes on by itself."
NO_MESSAGE = 0  # stands where a resource came with none
UNREAD = Outcome(inbox_id=0, state="stored")
BEHIND = replace(UNREAD, findings=(Finding("Bundle", "behind", "An earlier message waits."),))

_free_desks: deque[Desk] = deque()  # of this process


@dataclass(frozen=True, slots=True)
class Brought:
    """What one request writes: its places, and how they stand in the inbox; `message` is the Bundle as HL7 v2.

    A Bundle that tells of no patient, order or result has no message. `reports` has the names of its DiagnosticReports
    by sender and number of the report, `beside` those of what they name beside their results.
    """

    places: tuple[Place, ...]
    caller: FhirCaller
    sender: SourceFacts
    arrival: Arrival
    message: bytes
    reports: Mapping[tuple[str, str], UUID]
    beside: Mapping[UUID, Sequence[UUID]]

    @property
    def references(self) -> set[str]:
        """The resources that are written, with their sender: who writes one of them has to come later."""
        return {f"{self.sender.code}/{one.reference}" for one in self.places}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of the places of a Bundle, by reference; `waits` are the findings of what is not stored yet."""

    written: dict[str, WrittenResource]
    waits: tuple[Finding, ...] = ()


def brought(places: Sequence[Place], *, caller: FhirCaller) -> Brought:
    """Return what a caller writes, ready to be stored; raise NotAllowed where it may not write."""
    sender = caller.writes_for(places[0].kind)
    bundle = whole_bundle(places, sender)
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
    reports, beside = report_names(bundle, sender.code), _beside(bundle, sender)
    return Brought(tuple(places), caller, sender, arrival, message, reports, beside)


@transaction.atomic
def store(several: Sequence[Brought]) -> list[Receipt]:
    """Store what requests of one system brought, no resource twice, and return what became of each."""
    by, at = several[0].caller.user, several[0].caller.at
    behind = reads.open_lanes([one.arrival.lane for one in several])
    keys = results.receive([one.arrival for one in several], by=by, at=at)
    outcomes = {key: BEHIND for key, one in zip(keys, several, strict=True) if one.arrival.lane in behind}
    free = [(key, one) for key, one in zip(keys, several, strict=True) if key not in outcomes]
    done = [replace(UNREAD, inbox_id=key, source=one.sender.code) for key, one in free if not one.message]
    waiting = [_waiting(key, one) for key, one in free if one.message]
    if waiting:
        raw = {key: one.arrival.raw for key, one in free}
        taken = _processed(waiting, by=by, at=at)
        of = {one.id: replace(one, raw=raw[one.id]) for one in waiting}
        done += [in_elements(one, of[one.inbox_id]) for one in taken]
    results.finish(done, by=by, at=at)
    outcomes |= {one.inbox_id: one for one in done}
    by_message = _write(dict(zip(keys, several, strict=True)))
    results.name_reports({key: one.reports for key, one in zip(keys, several, strict=True)})
    return [Receipt(by_message[key], _waits(outcomes.get(key, UNREAD))) for key in keys]


@transaction.atomic
def store_acting(places: Sequence[Place], *, caller: FhirCaller) -> Receipt:
    """Store resources of one request of which some have an action of their own, with what is done then."""
    left = [taken(one, caller) for one in places]
    new = [place for place, _done in left]
    told = [one for one in new if one.kind not in OF_SYSTEMS]
    receipt = store([brought(told, caller=caller)])[0] if told else Receipt({})
    written = receipt.written | _own([one for one in new if one.kind in OF_SYSTEMS], caller)
    for place, done in left:
        done(written[place.reference])
    return replace(receipt, written=written)


def _own(places: Sequence[Place], caller: FhirCaller) -> dict[str, WrittenResource]:
    """Store what a system says for itself: it is no message, and does not come into the inbox."""
    [there] = real_references([(caller.itself.code, places)])
    drafts = [draft_of(one, there, {}, sender=caller.itself, inbox_id=NO_MESSAGE) for one in places]
    made = results.store_resources(drafts, by=caller.user)
    return {place.reference: one for place, one in zip(places, made, strict=True)}


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


def _waiting(key: int, one: Brought) -> Waiting:
    told = {name: getattr(one.arrival, name) for name in ("source", "sender", "lane", "control_id", "message_type")}
    return Waiting(**told, id=key, raw=one.message, received_at=one.arrival.received_at)


def _processed(waiting: Sequence[Waiting], *, by: User, at: dt.datetime) -> list[Outcome]:
    """Store messages at a desk that nobody has now; it reads senders and codes again only where they have changed.

    The desk that was used last is taken first, as it knows most. One at which something failed is not used again.
    """
    try:
        desk = _free_desks.pop()
    except IndexError:
        desk = Desk()
    done = process_taken(waiting, by=by, at=at, desk=desk)
    _free_desks.append(desk)
    return done


def _waits(outcome: Outcome) -> tuple[Finding, ...]:
    is_waiting = outcome is BEHIND or outcome.state == "held" or outcome.results_held
    return tuple(map(_answered, outcome.findings)) if is_waiting else ()


def _answered(finding: Finding) -> Finding:
    """Say what waits; whom a patient resembles is for those who may compare, not for whoever asks by writing."""
    is_of_others = finding.code in ("identity-conflict", "identity-uncertain")
    return replace(finding, message=IN_DOUBT) if is_of_others else finding


def _write(messages: dict[int, Brought]) -> dict[int, dict[str, WrittenResource]]:
    """Write the resources of messages, each with the patient record that the pipeline found for it."""
    by_sender = real_references([(one.sender.code, one.places) for one in messages.values()])
    there = dict(zip(messages, by_sender, strict=True))
    stored = reads.patients_of_messages(list(messages))
    drafts = []
    for key, one in messages.items():
        records = patients_named(one.places, there[key], source=one.sender.code, stored=stored[key])
        drafts += [draft_of(place, there[key], records, sender=one.sender, inbox_id=key) for place in one.places]
    beside = {report: names for one in messages.values() for report, names in one.beside.items()}
    drafts = [
        replace(one, texts=[*one.texts, *map(stands_beside, beside[one.name])]) if one.name in beside else one
        for one in drafts
    ]
    made = iter(results.store_resources(drafts, by=next(iter(messages.values())).caller.user))
    owners = {one.name: one.patient_record_id for one in drafts if one.patient_record_id}
    results.give_resources({name: owners[report] for report in beside if report in owners for name in beside[report]})
    return {key: {place.reference: next(made) for place in one.places} for key, one in messages.items()}


def _beside(bundle: Element, sender: SourceFacts) -> dict[UUID, list[UUID]]:
    """Return the names of what each DiagnosticReport of a Bundle has beside its results."""
    return {
        name_of("DiagnosticReport", source=sender.code, own_id=own_id): [
            name_of(kind, source=sender.code, own_id=id_) for kind, _slash, id_ in (one.partition("/") for one in named)
        ]
        for own_id, named in named_beside(bundle).items()
    }
