"""The channel rest-hook (R4, Subscription.channel): what of all changes goes to a subscriber, and how it is told.

Without a payload the endpoint gets an empty POST, whose only word is that there is something to fetch. With one the
resource is put under the endpoint as it is now and as this subscriber reads it, like an update of a FHIR server.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from lienthong.core.outgoing import outgoing_rules
from lienthong.exchange.fhir.callers import FhirCaller, absent_caller
from lienthong.exchange.fhir.reading import note
from lienthong.exchange.fhir.showing import show
from lienthong.exchange.fhir.shown import Shown
from lienthong.exchange.fhir.subscriptions import headers
from lienthong.exchange.fhir.subscriptions.answers import sent_by
from lienthong.exchange.fhir.subscriptions.criteria import BadCriteria, judge_of, read_criteria
from lienthong.exchange.fhir.subscriptions.following import (
    Subjects,
    name_in,
    subjects_of_log,
    subjects_of_resources,
)
from lienthong.exchange.fhir.subscriptions.headers import Header
from lienthong.exchange.fhir.subscriptions.settings import HookSettings
from lienthong.exchange.fhir.subscriptions.terms import XML
from lienthong.exchange.outbound.channels import DispatchFacts, OutletFacts, Sent, Wanted
from lienthong.exchange.outbound.hl7v2.channel import control_id_of, files_of_environment
from lienthong.exchange.outbound.http.calling import Call, NotReached, send
from lienthong.interop.fhir import Unreadable, r4
from lienthong.results.feed import Change
from lienthong.results.resources.changes import ResourceChange
from lienthong.results.search import finding
from lienthong.results.search.conditions import Named, Query

AT_ONCE = 200  # as many rows as one statement is asked for


@dataclass(frozen=True, slots=True)
class RestHook:
    """Tells subscribers; nothing is remembered between calls."""

    def wanted(self, changes: Sequence[Change], outlet: OutletFacts, *, at: dt.datetime) -> list[Wanted]:
        """Return what of these changes meets the criteria, and may be read by the subscriber now."""
        subscriber = _subscriber(outlet, at=at)
        return subscriber.wanted(subjects_of_log(subscriber.kind, changes)) if subscriber else []

    def wanted_of_resources(
        self, changes: Sequence[ResourceChange], outlet: OutletFacts, *, at: dt.datetime
    ) -> list[Wanted]:
        """Return the same of what was written and is not told by the log."""
        subscriber = _subscriber(outlet, at=at)
        return subscriber.wanted(subjects_of_resources(subscriber.kind, changes)) if subscriber else []

    def send(self, dispatch: DispatchFacts, outlet: OutletFacts, *, at: dt.datetime) -> Sent:
        """Tell the subscriber of one resource as it is now, if it may still be read and still meets the criteria."""
        subscriber = _subscriber(outlet, at=at)
        if subscriber is None:
            return Sent(outcome="withheld", code="scope", text="the system may not read or search this kind any more")
        shown = subscriber.find([dispatch.subject]).get(dispatch.subject)
        if shown is None:
            return Sent(outcome="withheld", code="not-wanted", text="not to be read any more, or outside the criteria")
        settings = subscriber.settings
        try:
            given = headers.open_kept(settings.headers, purpose=settings.subscription)
            call = subscriber.call(shown, given, request_id=control_id_of(dispatch, told=_version(shown)))
        except Unreadable:
            return Sent(outcome="refused", code="no-xml", text="the resource has parts that have no form in XML")
        except ValueError:
            text = "the headers were kept under another secret key: the Subscription must be written again with them"
            return Sent(outcome="again", code="headers", text=text)
        if call.body:
            note([shown], subscriber.caller)
        try:
            answer = send(call, outgoing_rules(), files_of_environment())
        except NotReached as error:
            return Sent(outcome="again", code=error.code, text=str(error))
        return sent_by(answer, version=_version(shown), at=at)


@dataclass(frozen=True, slots=True)
class _Subscriber:
    """Whoever is told: the system with what it is granted now, and what it asked for."""

    caller: FhirCaller
    settings: HookSettings
    kind: str
    is_met: Callable[[Shown], bool]

    def wanted(self, subjects: Subjects) -> list[Wanted]:
        """Return what of some resources with their places is to be told."""
        found = self.find({subject for _position, subject in subjects})
        # A thing that changed twice is told once, at its last place: it is told as it is now.
        last = {subject: position for position, subject in sorted(subjects) if subject in found}
        in_order = sorted((position, subject) for subject, position in last.items())
        return [Wanted(position, self.kind, subject, _version(found[subject])) for position, subject in in_order]

    def find(self, subjects: Collection[str]) -> dict[str, Shown]:
        """Return those of some resources that the subscriber may read, and that meet its criteria."""
        several = sorted(subjects)
        pieces = [several[at : at + AT_ONCE] for at in range(0, len(several), AT_ONCE)]
        found = [one for piece in pieces for one in self._readable(piece)]
        return {str(one.name or one.id): one for one in found if self.is_met(one)}

    def _readable(self, subjects: Sequence[str]) -> list[Shown]:
        names = [name for one in subjects if (name := name_in(one))]
        ids = [one for one in subjects if not name_in(one)]
        query = Query(self.kind, (Named((*names,), (*ids,)),), self.caller.reach, count=len(subjects))
        caller = self.caller
        return show(self.kind, finding.find(query), reader=caller.reader, on=caller.on, reach=caller.reach)

    def call(self, shown: Shown, given: Sequence[Header], *, request_id: str) -> Call:
        """Return what is sent; raise Unreadable where the resource can't be written in XML."""
        said: dict[str, str] = {}
        for one in given:
            said[one.name] = f"{said[one.name]}, {one.value}" if one.name in said else one.value
        # R4 (http, X-Request-Id): the same on every attempt at a version, so that the receiver can tell a repetition.
        said["X-Request-Id"] = request_id
        if not self.settings.payload:
            return Call("POST", self.settings.endpoint, said)
        is_xml = self.settings.payload == XML
        body = r4.write_xml(shown.element) if is_xml else r4.write_json(shown.element)
        url = f"{self.settings.endpoint.rstrip('/')}/{shown.reference}"
        return Call("PUT", url, said | {"Content-Type": self.settings.payload}, body)


def _subscriber(outlet: OutletFacts, *, at: dt.datetime) -> _Subscriber | None:
    """Return the subscriber; None where its system is suspended, or may not read and search the kind any more."""
    settings = HookSettings.of(outlet.settings)
    caller = absent_caller(outlet.client, at=at)
    if caller is None or caller.facility.id != outlet.facility_id:
        return None
    try:
        criteria = read_criteria(settings.criteria)
        is_met = judge_of(criteria, caller)
    except BadCriteria:  # of an earlier release, or a patient's chain that finds too much now
        return None
    if not all(caller.caller.may(criteria.kind, right) for right in ("r", "s")):
        return None
    return _Subscriber(caller, settings, criteria.kind, is_met)


def _version(shown: Shown) -> int:
    """Return the version that is told; 0 of a patient record, which keeps none: each change of it is told."""
    return shown.version if shown.name or shown.kind != "Patient" else 0
