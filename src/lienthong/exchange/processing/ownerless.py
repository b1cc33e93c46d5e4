"""Results whose message tells no patient, and whose they are by the order of their tube.

A tube's number is used again after a time, in the next laboratory too, and orders are cancelled and corrected. So the
order must be of the analyser's own laboratory and of the days for which the number stands for one tube, it must stand,
and whatever else is known must agree. Where it does not, the results wait: nothing is guessed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lienthong.exchange.listening.lanes import order_lane
from lienthong.exchange.senders import SourceFacts
from lienthong.findings import Finding
from lienthong.interop.hl7v2 import PatientIdentity
from lienthong.results.reads import OrderOfNumber, fold_name

if TYPE_CHECKING:
    from lienthong.exchange.processing.message_read import ReportRead

OUL, ASTM = "OUL", "astm"
TO_DO = {
    "order-unknown": "names a tube of which no order is known at this laboratory; its order frees it by itself.",
    "order-outdated": "names a tube whose orders are of other days: the number is used again. Send the order, or the "
    "patient with the results.",
    "order-cancelled": "names a tube whose order is cancelled or replaced; its new order frees it by itself.",
    "order-contested": "names a tube of whose order another message is held; deal with that first.",
    "order-several-patients": "names a tube that orders of several patients name; cancel those that are wrong.",
    "order-contradicts": "names a tube whose order is for a patient of another name, birth date or sex; find out whose "
    "it is.",
}


@dataclass(frozen=True, slots=True)
class Ownerless:
    """Reports of one tube; `at` is when it was measured, `numbers` by which its order is looked for."""

    position: str
    numbers: tuple[str, ...]
    at: dt.datetime
    patient: PatientIdentity
    reports: tuple[ReportRead, ...]


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose the reports are: the record of the order, the order's own number, and the day on which the tube's number
    was given, which tells it from the same number of other days.
    """

    record_id: int
    placer_number: str
    day: dt.date


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why results wait, and for what: numbers, or lanes of orders."""

    reason: str
    waits_for: tuple[str, ...]

    def finding(self, position: str) -> Finding:
        place = place_of(position)
        return Finding(place, self.reason, f"{place} {TO_DO[self.reason]}")


def place_of(position: str) -> str:
    """Name where the tube's number stands: in the O record, or in SPM."""
    return f"{position}-3" if position.startswith("O(") else "SPM-2"


def may_ask_orders(code: str, identity: PatientIdentity, source: SourceFacts) -> bool:
    """Whether a message may leave the patient to the order: an analyser's, or one that tells nothing of a patient.

    `code` is MSH-9.1. A system that sends a name without a number has lost the number; that is its fault to mend.
    """
    if identity.identifiers or source.tube_number == "none":
        return False
    is_of_analyzer = source.protocol == ASTM or code == OUL
    return is_of_analyzer or not (identity.full_name or identity.birth_date)


def sources_beside(source: SourceFacts, known: Mapping[str, SourceFacts]) -> frozenset[str]:
    """Return whose orders can be those of an analyser's tubes: of its facility, and of no other laboratory of it."""
    return frozenset(
        one.code
        for one in known.values()
        if one.facility_id == source.facility_id
        and (None in (one.laboratory_id, source.laboratory_id) or one.laboratory_id == source.laboratory_id)
    )


def owner_of(
    tube: Ownerless, orders: Sequence[OrderOfNumber], source: SourceFacts, *, held_lanes: Collection[str]
) -> Owner | Unknown:
    """Return whose a tube is by the orders that may name it, given oldest first."""
    named = [one for one in orders if one.number in tube.numbers and one.facility_id == source.facility_id]
    days = {one.order_id: one.named_at.astimezone(source.zone).date() for one in named}
    on = tube.at.astimezone(source.zone).date()
    near = [one for one in named if abs((days[one.order_id] - on).days) < source.tube_days]
    standing = [one for one in near if not one.is_ended]
    contested = [lane for one in near for lane in lanes_of(one) if lane in held_lanes]
    refusals = (
        ("order-unknown", not named),
        ("order-outdated", not near),
        ("order-contested", bool(contested)),
        ("order-cancelled", not standing),
        ("order-several-patients", not all(_is_one_patient(standing[0], one) for one in standing)),
        ("order-contradicts", bool(standing) and _contradicts(tube.patient, standing[0])),
    )
    reason = next((code for code, is_so in refusals if is_so), "")
    if reason:
        return Unknown(reason, (*tube.numbers, *contested))
    placers = {one.placer_number for one in standing}
    # By the first order that is known, be it cancelled since: a correction must find the report that it corrects.
    return Owner(standing[0].record_id, placers.pop() if len(placers) == 1 else "", days[near[0].order_id])


def lanes_of(order: OrderOfNumber) -> list[str]:
    """Name the lanes in which messages about an order come."""
    return [order_lane(order.source, number) for number in (order.placer_number, order.filler_number) if number]


def _is_one_patient(one: OrderOfNumber, other: OrderOfNumber) -> bool:
    """Whether two records are one patient's: one record, one person, or the same number, name and birth date."""
    if one.record_id == other.record_id:
        return True
    if one.person_id is not None and one.person_id == other.person_id:
        return True
    first, second = ((row.local_id, fold_name(row.full_name), row.birth_date) for row in (one, other))
    return first == second and all(first)


def _contradicts(told: PatientIdentity, order: OrderOfNumber) -> bool:
    """Whether the analyser says of the patient what can't be; it may shorten the name or leave out parts of it."""
    if told.birth_date and order.birth_date and told.birth_date != order.birth_date:
        return True
    if told.sex in ("F", "M") and order.sex and told.sex != order.sex:
        return True
    mine, known = (set(fold_name(name).split()) for name in (told.full_name, order.full_name))
    return bool(mine and known) and not (mine <= known or known <= mine)
