"""What is known of deliveries: how far they are, what became of their reports, and what of them could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lienthong.exchange.deliveries.actions import findings_of
from lienthong.exchange.deliveries.arrivals import label_of
from lienthong.exchange.deliveries.models import DELIVERERS, Delivery, DeliveryPiece
from lienthong.exchange.deliveries.places import place_in_file
from lienthong.exchange.models import Source
from lienthong.findings import Finding
from lienthong.registry.reads import Access
from lienthong.results import reads as results

PAGE = 500
WAITING = results.MessageState(0, "received", "", (), 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Reports of a delivery by what became of them; `waiting` are those that no worker has stored yet."""

    found: int = 0
    waiting: int = 0
    stored: int = 0
    unchanged: int = 0
    controls: int = 0
    held: int = 0
    refused: int = 0
    results_stored: int = 0
    results_held: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """A delivery with its counts. Its bytes are not loaded."""

    row: Delivery
    counts: Counts
    findings: tuple[Finding, ...]

    @property
    def state(self) -> str:
        """How far it is: waiting, received, processing, processed, refused or discarded."""
        if self.row.state == "split":
            return "processing" if self.counts.waiting else "processed"
        return {"uploaded": "waiting", "checked": "waiting"}.get(self.row.state, self.row.state)


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """One report of a delivery: where it stood, and what became of it so far."""

    place: int
    number: str
    where: str
    inbox_id: int
    state: str
    reason: str
    findings: tuple[Finding, ...]
    results_stored: int
    results_held: int


def sources_of_facility(code: str) -> list[str]:
    """Return the codes of the registered sources of a facility."""
    return list(Source.objects.filter(facility__code=code).order_by("code").values_list("code", flat=True))


def sources_for(access: Access) -> list[Source]:
    """Return the sources that a user may deliver for."""
    rows = Source.objects.filter(facility_id__in=access.facilities_as(*DELIVERERS))
    return list(rows.select_related("facility").order_by("facility__code", "code"))


def delivery_of_facility(number: str, facility: str) -> DeliveryFacts | None:
    """Return a delivery for one of the sources of a facility; None where there is none of this number."""
    rows = Delivery.objects.filter(number=number, source__facility__code=facility)
    return next(iter(_facts(rows.select_related("source").defer("content"))), None)


def visible_delivery(access: Access, number: str) -> DeliveryFacts | None:
    rows = Delivery.objects.visible_to(access).filter(number=number)
    return next(iter(_facts(rows.select_related("source__facility").defer("content"))), None)


def visible_deliveries(access: Access, *, limit: int = 200) -> list[DeliveryFacts]:
    """Return the latest deliveries that a user may see."""
    rows = Delivery.objects.visible_to(access).select_related("source__facility").defer("content", "preview")
    return _facts(rows[:limit])


def delivery_by_number(number: str) -> DeliveryFacts:
    rows = Delivery.objects.filter(number=number).select_related("source").defer("content")
    return _facts(rows)[0]


def reports_of(delivery: Delivery, *, after: int = -1, limit: int = PAGE) -> list[ReportFacts]:
    """Return the reports of a delivery behind a place, in its order, with what became of each."""
    pieces = list(DeliveryPiece.objects.filter(delivery=delivery, place__gt=after).order_by("place")[:limit])
    states = results.message_states([one.inbox_id for one in pieces])
    return [_report(one, states.get(one.inbox_id, WAITING), delivery.kind) for one in pieces]


def _report(piece: DeliveryPiece, state: results.MessageState, kind: str) -> ReportFacts:
    told = tuple(Finding(place_in_file(one.where, piece.where, kind), one.code, one.message) for one in state.findings)
    return ReportFacts(
        place=piece.place,
        number=piece.number,
        where=place_in_file("", piece.where, kind),
        inbox_id=piece.inbox_id,
        state=state.state,
        reason=state.reason,
        findings=told,
        results_stored=state.results_stored,
        results_held=state.results_held,
    )


def _facts(rows: Iterable[Delivery]) -> list[DeliveryFacts]:
    found = list(rows)
    ranges = {label_of(one): (one.first_inbox_id, one.last_inbox_id or 0) for one in found if one.first_inbox_id}
    counts = results.delivery_counts(ranges)
    return [DeliveryFacts(one, _counts(one, counts.get(label_of(one), ())), tuple(findings_of(one))) for one in found]


def _counts(row: Delivery, told: Sequence[results.DeliveryCount]) -> Counts:
    by_state = {one.state: one.messages for one in told}
    return Counts(
        found=row.pieces_found,
        waiting=by_state.get("received", 0) + row.pieces_found - row.pieces_received,
        stored=by_state.get("stored", 0),
        unchanged=by_state.get("duplicate", 0) + by_state.get("training", 0),
        controls=by_state.get("control", 0),
        held=by_state.get("held", 0),
        refused=by_state.get("rejected", 0),
        results_stored=sum(one.results_stored for one in told),
        results_held=sum(one.results_held for one in told),
    )
