"""A Subscription begins an outlet, changes it, or ends it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from lienthong.errors import Conflict
from lienthong.exchange.fhir.callers import FhirCaller
from lienthong.exchange.fhir.errors import Unprocessable
from lienthong.exchange.fhir.subscriptions import headers
from lienthong.exchange.fhir.subscriptions.headers import BadHeader, Header
from lienthong.exchange.fhir.subscriptions.settings import HookSettings, code_of, latest_outlets
from lienthong.exchange.fhir.subscriptions.terms import Terms, origin_of
from lienthong.exchange.outbound.actions import change_outlet, end_outlet, register_outlet, resume_outlet
from lienthong.exchange.outbound.entry import LONGEST_NAME, OutletEntry
from lienthong.exchange.outbound.models import Outlet

MOST = 100


@transaction.atomic
def keep_outlet(name: UUID, terms: Terms, *, reason: str, caller: FhirCaller) -> None:
    """Make, change or end the outlet of a Subscription; raise Conflict, Unprocessable.

    One that failed begins again where it stands, so that nothing is missed. One that was off, or whose time was over,
    begins anew: what came meanwhile is not told.
    """
    row = latest_outlets([name]).get(name)
    settings = _settings(name, terms, row)
    lives = row is not None and row.state != Outlet.State.OFF
    if row is not None and lives and terms.is_off:
        end_outlet(row.code, why="Subscription", by=caller.user, at=caller.at)
    elif row is not None and lives:
        _change(row, settings, terms, reason=reason, caller=caller)
    elif not terms.is_off:
        _check_number(caller)
        _begin(name, settings, terms, reason=reason, caller=caller)


def _begin(name: UUID, settings: HookSettings, terms: Terms, *, reason: str, caller: FhirCaller) -> None:
    ended = Outlet.objects.filter(settings__subscription=str(name)).count()
    entry = OutletEntry(
        code=code_of(name, ended + 1),
        name=_label(reason),
        channel=Outlet.Channel.REST_HOOK,
        facility=caller.facility.code,
        settings=settings.kept(),
        client=caller.caller.client_id,
        valid_to=terms.ends_at,
    )
    register_outlet(entry, by=caller.user, at=caller.at)


def _change(row: Outlet, settings: HookSettings, terms: Terms, *, reason: str, caller: FhirCaller) -> None:
    """Write what is new of an outlet; in any case it is tried again at once."""
    said = (_label(reason), settings.kept(), terms.ends_at, None)
    if said != (row.name, row.settings, row.valid_to, row.next_attempt_at):
        change_outlet(row.code, name=said[0], settings=said[1], valid_to=terms.ends_at, by=caller.user, at=caller.at)
    if row.state == Outlet.State.PAUSED:
        resume_outlet(row.code, by=caller.user, at=caller.at)


def _label(reason: str) -> str:
    return reason.strip()[:LONGEST_NAME] or "Subscription"


def _settings(name: UUID, terms: Terms, row: Outlet | None) -> HookSettings:
    before = HookSettings.of(row.settings) if row is not None else None
    known = _known_headers(terms, before)
    try:
        given = headers.kept(terms.headers, known)
    except BadHeader as error:
        place = "Subscription.channel.header"
        raise Unprocessable.because("value", f"{place} {error}", place) from None
    is_same = before is not None and given == known
    return HookSettings(
        subscription=str(name),
        criteria=terms.criteria.text,
        endpoint=terms.endpoint,
        payload=terms.payload,
        headers=before.headers if before is not None and is_same else headers.close(given, purpose=str(name)),
    )


def _known_headers(terms: Terms, before: HookSettings | None) -> list[Header]:
    """Return the headers that were given for the same endpoint: no other may learn them by way of hidden values."""
    if before is None or origin_of(before.endpoint) != origin_of(terms.endpoint):
        return []
    try:
        return headers.open_kept(before.headers, purpose=before.subscription)
    except ValueError:  # kept under a secret key that is gone
        return []


def _check_number(caller: FhirCaller) -> None:
    mine = Outlet.objects.filter(client=caller.caller.client_id, channel=Outlet.Channel.REST_HOOK)
    if mine.exclude(state=Outlet.State.OFF).count() >= MOST:
        raise Conflict(f"A system may have {MOST} Subscriptions that are not off; turn one off, or widen its criteria.")
