"""What the pages load: senders and mappings that a user may see."""

from __future__ import annotations

import datetime as dt

from lienthong.core.models import User
from lienthong.errors import NotFound
from lienthong.exchange.models import CodeMapping, Source
from lienthong.exchange.permissions import can_map, check_operator, operates
from lienthong.registry.reads import access_of
from lienthong.results import reads as results
from lienthong.results.reads import InboxFacts, UnmappedCode


def sources(user: User, *, on: dt.date) -> dict[str, Source]:
    """Return by code the senders whose messages or mappings a user may see."""
    access = access_of(user, on=on)
    rows = Source.objects.visible_to(access).select_related("facility")
    return {row.code: row for row in rows if can_map(access, row)}


def operated_codes(user: User, *, on: dt.date) -> list[str]:
    """Return the codes of the senders that a user operates, the unknown one (empty) among them."""
    return ["", *sources(user, on=on)] if operates(user, on=on) else []


def unmapped_code(
    user: User, *, source: str, local_code: str, local_system: str, on: dt.date
) -> tuple[Source, UnmappedCode]:
    """Return a visible sender and its waiting code; raise NotFound where there is none."""
    sender = sources(user, on=on).get(source)
    if sender is not None:
        for one in results.unmapped_codes(sources=[source]):
            if (one.local_code, one.local_system) == (local_code, local_system):
                return sender, one
    raise NotFound("no result of this sender waits for this code")


def mappings(user: User, *, on: dt.date) -> list[CodeMapping]:
    """Return what is proposed or was confirmed for visible senders, as known now."""
    rows = CodeMapping.objects.known_at(None).filter(source__in=sources(user, on=on).values())
    related = rows.select_related("source__facility", "analyte", "procedure", "proposed_by", "confirmed_by")
    return list(related.order_by("source__code", "local_code", "valid_from"))


def message(user: User, inbox_id: int, *, at: dt.datetime) -> tuple[InboxFacts, Source | None]:
    """Return a message that the user may see, and its sender if known."""
    found = results.inbox_message(inbox_id)
    if found is None:
        raise NotFound("there is no such message")
    sender = Source.objects.filter(code=found.source).select_related("facility").first()
    check_operator(user, sender, at=at)
    return found, sender
