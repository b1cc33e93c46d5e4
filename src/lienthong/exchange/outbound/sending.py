"""The sender: it makes dispatches of what changed, and hands them to the channels, each outlet's in order.

Progress is committed piece by piece. A sender that is killed between sending and the commit sends again: a receiver
gets everything at least once, and knows a repetition by its number. One process at a time works at an outlet.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Mapping, Sequence

from django.db import DatabaseError, InterfaceError, models, transaction
from django.db.models import Exists, F, OuterRef, Q

from lienthong.core.actions import system_user
from lienthong.core.models import User
from lienthong.core.turns import alone
from lienthong.exchange.outbound.channels import Channel, DispatchFacts, Following, OutletFacts, Resting, Sent, Wanted
from lienthong.exchange.outbound.models import FOLLOWING, Dispatch, Outlet
from lienthong.exchange.outbound.patience import GIVE_UP_AFTER
from lienthong.exchange.outbound.settling import expire_outlet, fail_outlet, is_told_already, settle, supersede
from lienthong.results.feed import changes_after, end_of_feed
from lienthong.results.resources.changes import end_of_resource_changes, number_changes, resource_changes_after

log = logging.getLogger(__name__)

SENDER = "outbound"
UNFORESEEN = "unforeseen"
CHUNK = 500
MOST_AT_A_TIME = 200
_LOCK = 0x4C544F55  # the first half of the advisory lock's key, so that no other use of such locks meets it
Clock = Callable[[], dt.datetime]
NEVER = threading.Event()


def due_outlets(at: dt.datetime) -> list[int]:
    """Return the keys of the outlets for which there is something to do now; changes of resources get their places."""
    number_changes()
    waiting = Dispatch.objects.filter(_may_go(at), outlet=OuterRef("pk"))
    is_rested = _is_rested(at)
    follows = Q(channel__in=FOLLOWING, resource_place__lt=end_of_resource_changes())
    has_news = (Q(position__lt=end_of_feed()) | follows) & (is_rested | ~Q(last_error_code=UNFORESEEN))
    has_work = has_news | (is_rested & Q(Exists(waiting))) | Q(valid_to__lte=at)
    active = Outlet.objects.filter(has_work, state=Outlet.State.ACTIVE, valid_from__lte=at)
    return list(active.order_by("next_attempt_at", "pk").values_list("pk", flat=True))


def work_outlet(
    outlet_id: int,
    *,
    channels: Mapping[str, Channel],
    clock: Clock,
    stop: threading.Event = NEVER,
    most: int = MOST_AT_A_TIME,
    give_up_after: dt.timedelta = GIVE_UP_AFTER,
) -> int:
    """Do what is due for one outlet, at most `most` dispatches; return how many attempts were made.

    0 as well where another process is at it. An outlet that is not reached for `give_up_after` is paused.
    """
    with alone(_LOCK, outlet_id) as is_alone:
        if not is_alone:
            return 0
        work = _Work(outlet_id, channels, clock, system_user(SENDER), give_up_after)
        try:
            return work.do(stop, most)
        finally:
            work.rest()


class _Work:
    """One turn at one outlet."""

    def __init__(
        self,
        outlet_id: int,
        channels: Mapping[str, Channel],
        clock: Clock,
        by: User,
        give_up_after: dt.timedelta,
    ) -> None:
        self.outlet_id, self.clock, self.by, self.give_up_after = outlet_id, clock, by, give_up_after
        self.channel = channels.get(Outlet.objects.get(pk=outlet_id).channel)

    def do(self, stop: threading.Event, most: int) -> int:
        attempts = 0
        if self.channel is None or not self._prepare(self.channel):
            return 0
        while attempts < most and not stop.is_set():
            outlet, at = Outlet.objects.get(pk=self.outlet_id), self.clock()
            dispatch = _next(outlet, at)
            if dispatch is None:
                break
            if is_told_already(dispatch):
                supersede(dispatch.pk)
                continue
            self._send(self.channel, dispatch, outlet)
            attempts += 1
        return attempts

    def rest(self) -> None:
        if isinstance(self.channel, Resting):
            self.channel.rest(self.outlet_id)

    def _prepare(self, channel: Channel) -> bool:
        """End an outlet whose time is over, else make dispatches of what changed; False where it can't go on."""
        outlet, at = Outlet.objects.get(pk=self.outlet_id), self.clock()
        if outlet.state != Outlet.State.ACTIVE or outlet.valid_from > at:
            return False
        if outlet.valid_to is not None and outlet.valid_to <= at:
            expire_outlet(outlet.pk, by=self.by, at=at)
            return False
        try:
            while _fill(outlet, channel, at=at):
                pass
            while isinstance(channel, Following) and _fill_with_resources(outlet, channel, at=at):
                pass
        except (DatabaseError, InterfaceError):
            raise
        except Exception as error:  # a fault of a channel must not stop the others; what it is, stands in the log
            log.exception("outlet %s could not be told what changed", outlet.code)
            fault = Sent(outcome="again", code=UNFORESEEN, text=type(error).__name__)
            fail_outlet(outlet.pk, fault, by=self.by, at=at, give_up_after=self.give_up_after)
            return False
        return True

    def _send(self, channel: Channel, dispatch: Dispatch, outlet: Outlet) -> None:
        at = self.clock()
        row = Dispatch.objects.filter(pk=dispatch.pk)
        row.update(attempts=F("attempts") + 1, last_attempt_at=at)
        try:
            sent = channel.send(_dispatch_facts(dispatch), outlet_facts(outlet), at=at)
        except (DatabaseError, InterfaceError):
            raise
        except Exception as error:  # one thing that can't be told must not hold up what comes behind it
            log.exception("dispatch %s of outlet %s could not be sent", dispatch.pk, outlet.code)
            sent = Sent(outcome="refused", code=UNFORESEEN, text=type(error).__name__)
        settle(dispatch.pk, sent, by=self.by, at=self.clock(), give_up_after=self.give_up_after)


def outlet_facts(row: Outlet) -> OutletFacts:
    """Return an outlet as channels see it."""
    return OutletFacts(
        id=row.pk,
        code=row.code,
        name=row.name,
        channel=row.channel,
        facility_id=row.facility_id,
        client=row.client,
        settings=row.settings,
        position=row.position,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _fill(outlet: Outlet, channel: Channel, *, at: dt.datetime) -> int:
    """Make dispatches of the next changes and write how far it is now, both or neither; return how many changes.

    A leaf whose report is gone is no change: where no more come, it is as far as the log was before they were read.
    """
    end = end_of_feed()
    changes = changes_after(outlet.position, limit=CHUNK)
    reached = changes[-1].position if changes else outlet.position
    reached = reached if len(changes) == CHUNK else max(reached, end)
    if reached == outlet.position:
        return 0
    wanted = channel.wanted(changes, outlet_facts(outlet), at=at) if changes else []
    outlet.position = reached
    return len(changes) if _queue(outlet, wanted, at=at) else 0


def _fill_with_resources(outlet: Outlet, channel: Following, *, at: dt.datetime) -> int:
    """Do the same with the next changes of resources."""
    changes = resource_changes_after(outlet.resource_place, limit=CHUNK)
    if not changes:
        return 0
    wanted = channel.wanted_of_resources(changes, outlet_facts(outlet), at=at)
    outlet.resource_place = changes[-1].position
    return len(changes) if _queue(outlet, wanted, at=at) else 0


def _queue(outlet: Outlet, wanted: Sequence[Wanted], *, at: dt.datetime) -> bool:
    """Make dispatches and write how far the outlet is now; neither where it was stopped meanwhile."""
    with transaction.atomic():
        if Outlet.objects.select_for_update().get(pk=outlet.pk).state != Outlet.State.ACTIVE:
            return False
        Dispatch.objects.bulk_create(
            [
                Dispatch(
                    outlet=outlet,
                    position=one.position,
                    kind=one.kind,
                    subject=one.subject,
                    version=one.version,
                    queued_at=at,
                )
                for one in wanted
            ],
            ignore_conflicts=True,
        )
        outlet.save(update_fields=["position", "resource_place"])
    return True


def _next(outlet: Outlet, at: dt.datetime) -> Dispatch | None:
    """Return the first dispatch that may go. What tells the same thing as an earlier one waits behind it."""
    if outlet.state != Outlet.State.ACTIVE or (outlet.next_attempt_at and outlet.next_attempt_at > at):
        return None
    waiting = Dispatch.objects.filter(outlet=outlet, state=Dispatch.State.WAITING)
    before: models.QuerySet[Dispatch] = waiting.filter(
        Q(position__lt=OuterRef("position")) | Q(position=OuterRef("position"), pk__lt=OuterRef("pk")),
        kind=OuterRef("kind"),
        subject=OuterRef("subject"),
    )
    return waiting.filter(_may_go(at), ~Exists(before)).order_by("position", "pk").first()


def _may_go(at: dt.datetime) -> Q:
    return Q(state=Dispatch.State.WAITING) & _is_rested(at)


def _is_rested(at: dt.datetime) -> Q:
    return Q(next_attempt_at=None) | Q(next_attempt_at__lte=at)


def _dispatch_facts(row: Dispatch) -> DispatchFacts:
    return DispatchFacts(
        id=row.pk,
        position=row.position,
        kind=row.kind,
        subject=row.subject,
        version=row.version,
        attempt=row.attempts + 1,
    )
