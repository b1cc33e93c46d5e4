"""Gives results without a patient to the patients of their tubes' orders, for a batch at once; the others are held."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from lienthong.core.models import User
from lienthong.exchange.processing.desk import Desk
from lienthong.exchange.processing.message_read import MessageRead, PatientRead
from lienthong.exchange.processing.ownerless import (
    Owner,
    Ownerless,
    Unknown,
    lanes_of,
    owner_of,
    place_of,
    sources_beside,
)
from lienthong.findings import Finding
from lienthong.results import actions as results
from lienthong.results import reads
from lienthong.results.actions import Waiting
from lienthong.results.reads import NumberKind, OrderOfNumber

Asked = tuple[Waiting, MessageRead]


def join_orders(batch: Iterable[Asked], desk: Desk, *, by: User, at: dt.datetime) -> dict[int, list[Finding]]:
    """Give the ownerless reports of messages their patients; return by message why its results wait.

    Of a message of several tubes all wait until the last has its order. The caller holds the locks of the numbers, so
    that an order which is being stored is either seen or sees who waits.
    """
    asked = [(waiting, read) for waiting, read in batch if read.ownerless]
    if not asked:
        return {}
    orders = _orders(asked, desk)
    lanes = {lane for found in orders.values() for one in found for lane in lanes_of(one)}
    held = (reads.held_order_lanes(lanes) if lanes else set()) | desk.held_lanes
    found = {
        waiting.id: [
            (tube, owner_of(tube, orders[waiting.id], read.source, held_lanes=held)) for tube in read.ownerless
        ]
        for waiting, read in asked
    }
    waits: list[tuple[int, int, str]] = []
    told: dict[int, list[Finding]] = {}
    for waiting, read in asked:
        unknown = [(tube, who) for tube, who in found[waiting.id] if isinstance(who, Unknown)]
        if unknown:
            told[waiting.id] = [who.finding(tube.position) for tube, who in unknown]
            waits += [(waiting.id, read.source.facility_id, what) for _, who in unknown for what in who.waits_for]
            continue
        for tube, who in found[waiting.id]:
            if isinstance(who, Owner):
                _give(read, tube, who)
    results.hold_for_orders(waits, tried=[waiting.id for waiting, _ in asked], by=by, at=at)
    return told


def _orders(asked: Sequence[Asked], desk: Desk) -> dict[int, list[OrderOfNumber]]:
    """Return by message the orders that its numbers may name; each kind of number is asked for once."""
    numbers: dict[NumberKind, set[str]] = defaultdict(set)
    sources: dict[NumberKind, set[str]] = defaultdict(set)
    beside = {read.source.code: sources_beside(read.source, desk.sources) for _, read in asked}
    for _, read in asked:
        kind = read.source.tube_kind
        numbers[kind] |= _numbers(read)
        sources[kind] |= beside[read.source.code]
    by_number: dict[tuple[NumberKind, str], list[OrderOfNumber]] = defaultdict(list)
    for kind, wanted in numbers.items():
        for one in reads.orders_of_numbers(wanted, kind=kind, sources=sources[kind]):
            by_number[kind, one.number].append(one)
    return {waiting.id: _in_order(read, by_number, beside[read.source.code]) for waiting, read in asked}


def _in_order(
    read: MessageRead, by_number: Mapping[tuple[NumberKind, str], Sequence[OrderOfNumber]], beside: Collection[str]
) -> list[OrderOfNumber]:
    kind = read.source.tube_kind
    found = [one for number in _numbers(read) for one in by_number.get((kind, number), ()) if one.source in beside]
    return sorted(found, key=lambda one: one.order_id)


def _numbers(read: MessageRead) -> set[str]:
    return {number for tube in read.ownerless for number in tube.numbers}


def _give(read: MessageRead, tube: Ownerless, owner: Owner) -> None:
    """Make the reports the patient's, under a number that the same tube number of other days does not have."""
    reports = tuple(
        replace(
            report,
            draft=replace(
                report.draft, number=f"{report.draft.number} {owner.day.isoformat()}", placer_number=owner.placer_number
            ),
        )
        for report in tube.reports
    )
    read.patients.append(PatientRead(None, reports, record_id=owner.record_id))
    place = place_of(tube.position)
    read.findings.append(
        Finding(place, "patient-of-order", f"{place} names the tube of an order; its patient is taken.")
    )
