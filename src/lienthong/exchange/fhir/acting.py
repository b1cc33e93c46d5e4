"""Kinds of resources that the server acts on, beside keeping them: one line for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.placing import Place
from lienthong.exchange.fhir.shown import Shown
from lienthong.exchange.fhir.subscriptions.presenting import found_by_status, present
from lienthong.exchange.fhir.subscriptions.taking import take
from lienthong.results.actions import WrittenResource
from lienthong.results.search.conditions import Condition

# What is left to do once a resource is stored, in the same transaction.
Done = Callable[[WrittenResource], None]


@dataclass(frozen=True, slots=True)
class Acting:
    """What is done with a kind.

    `take` checks what a resource asks for, and returns it as it may be kept, with what is left to do. `present` puts in
    what the server says of resources now; `found_by` turns a condition on that into one on what is kept.
    """

    take: Callable[[Place, FhirCaller], tuple[Place, Done]]
    present: Callable[[Sequence[Shown], dt.datetime], list[Shown]]
    found_by: Callable[[Condition, FhirCaller], Condition]


ACTING: Mapping[str, Acting] = {"Subscription": Acting(take, present, found_by_status)}


def taken(place: Place, caller: FhirCaller) -> tuple[Place, Done]:
    """Return a resource as it may be kept, and what is left to do once it is; raise a Refused."""
    acting = ACTING.get(place.kind)
    return acting.take(place, caller) if acting else (place, _nothing)


def presented(kind: str, found: Sequence[Shown], *, at: dt.datetime) -> list[Shown]:
    """Return resources with what the server says of them now."""
    acting = ACTING.get(kind)
    return acting.present(found, at) if acting else [*found]


def found_by(kind: str, conditions: Sequence[Condition], *, caller: FhirCaller) -> tuple[Condition, ...]:
    """Return conditions of a search as conditions on what is kept."""
    acting = ACTING.get(kind)
    return tuple(acting.found_by(one, caller) for one in conditions) if acting else tuple(conditions)


def _nothing(written: WrittenResource) -> None:
    """Do no more than keep it."""
