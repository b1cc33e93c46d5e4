"""Who calls the FHIR interface: a registered system of a facility, and the sender in whose name it writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone

from lienthong.core.access import Caller, Right, caller_of, standing_caller
from lienthong.core.models import User
from lienthong.errors import NotAllowed
from lienthong.exchange.fhir.kinds import OF_SYSTEMS
from lienthong.exchange.senders import SourceFacts, sources_of_facility
from lienthong.exchange.terms.codebook import Edition, book_edition
from lienthong.registry import reads as registry
from lienthong.results.reads import Reach, reach_of_place
from lienthong.results.resources.names import name_of


@dataclass(frozen=True, slots=True)
class FhirCaller:
    """A system with its facility; `sender` is the source that it writes for, if it may write at all.

    `edition` is that of the code book (senders, codes, places) when it called, `base` the address at which it calls the
    interface; empty for who doesn't call.
    """

    caller: Caller
    facility: registry.FacilityFacts
    sender: SourceFacts | None
    reach: Reach
    at: dt.datetime
    edition: Edition
    base: str = ""

    @property
    def user(self) -> User:
        return self.caller.user

    @property
    def reader(self) -> str:
        """The sender under whose ids the caller reads its own resources; empty where it is none."""
        return self.sender.code if self.sender else ""

    @property
    def itself(self) -> SourceFacts:
        """The system as the one that says what it says for itself; its code is that of no sender."""
        return SourceFacts(
            id=0,
            code=f"system:{self.user.pk}",
            name=self.caller.name,
            facility_id=self.facility.id,
            facility_code=self.facility.code,
            laboratory_id=None,
            region_path=self.facility.region_path,
            zone=self.zone,
            default_charset="utf-8",
        )

    def reader_of(self, kind: str) -> str:
        """Return under whose ids the caller reads its own resources of a kind."""
        return self.itself.code if kind in OF_SYSTEMS else self.reader

    @property
    def on(self) -> dt.date:
        return timezone.localdate(self.at)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.facility.time_zone)

    def names_of(self, kind: str, id_: str) -> list[UUID]:
        """Return the names that an id may mean: the sender's own resource, and that with this very name."""
        reader = self.reader_of(kind)
        names = [name_of(kind, source=reader, own_id=id_)] if reader else []
        try:
            return [*names, UUID(id_)]
        except ValueError:
            return names

    def relative(self, reference: str) -> str:
        """Return a reference to what is at this interface as `Kind/id`; one to another server stays a URL."""
        return reference.removeprefix(f"{self.base}/") if self.base else reference

    def targets_of(self, reference: str) -> list[str]:
        """Return what a reference `Kind/id` may mean here: resources as received by their names, and rows by ids.

        A URL of another server means what is there (R4, References, literal).
        """
        if "://" in reference:
            return [reference]
        kind, _slash, id_ = reference.partition("/")
        return [reference, *(f"{kind}/{name}" for name in self.names_of(kind, id_))]

    def check(self, kind: str, right: Right) -> None:
        """Raise ScopeMissing unless the token gives the right over a kind of resource."""
        self.caller.check(kind, right)

    def writes_for(self, kind: str) -> SourceFacts:
        """Return in whose name a kind is written; raise NotAllowed where it needs a sender and there is not one."""
        if kind in OF_SYSTEMS:
            return self.itself
        if self.sender is None:
            raise NotAllowed(
                "The system writes for no sender, or for several: its administrator has to name one sender for it."
            )
        return self.sender


@dataclass(frozen=True, slots=True)
class _Place:
    """A facility as the registry has it, its senders by code, and the facilities of its country."""

    facility: registry.FacilityFacts
    senders: Mapping[str, SourceFacts]
    country_ids: frozenset[int]


def base_of(request: HttpRequest) -> str:
    """Return the address of the interface, as this caller knows it."""
    return request.build_absolute_uri("/fhir")


def fhir_caller(request: HttpRequest, *, at: dt.datetime) -> FhirCaller:
    """Return who calls; raise NotAuthenticated, and NotAllowed where its facility is not in the registry."""
    return replace(_of_facility(caller_of(request, at=at), at=at), base=base_of(request))


def absent_caller(client_id: str, *, at: dt.datetime) -> FhirCaller | None:
    """Return a system in whose name something is done while it doesn't call, with all that it is granted now.

    None where it is suspended, or its facility is not in the registry.
    """
    caller = standing_caller(client_id)
    try:
        return _of_facility(caller, at=at) if caller else None
    except NotAllowed:
        return None


def _of_facility(caller: Caller, *, at: dt.datetime) -> FhirCaller:
    edition = book_edition()
    place = _place(caller.facility, timezone.localdate(at), edition)
    if place is None:
        raise NotAllowed("The facility of this system is not in the registry.")
    named = [one for code, one in place.senders.items() if caller.may_deliver_for(code)]
    sender = named[0] if len(named) == 1 else None
    reach = reach_of_place(place.facility, country_ids=place.country_ids, at=at)
    return FhirCaller(caller, place.facility, sender, reach, at, edition)


@lru_cache(maxsize=256)
def _place(code: str, on: dt.date, _edition: Edition) -> _Place | None:
    """Return a facility on a day; it is read again where senders, facilities or regions have changed (`_edition`)."""
    facility = registry.facility_by_code(code, on=on)
    if facility is None:
        return None
    return _Place(facility, sources_of_facility(facility.id, on=on), registry.facilities_in_country_of(facility, on=on))
