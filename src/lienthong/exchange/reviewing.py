"""The review by two persons that mappings of codes and of control materials share: confirm and decline.

The actions that call it open the transaction, write the audit event, and replay what waited.
"""

from __future__ import annotations

import datetime as dt
from typing import TypeVar, cast

from django.utils.translation import gettext as _

from lienthong.core.dated import end_period
from lienthong.core.models import User
from lienthong.errors import Conflict, NotAllowed, NotFound
from lienthong.exchange.models import Reviewed
from lienthong.exchange.permissions import check_mapper
from lienthong.exchange.querysets import ReviewedQuerySet

Mapping = TypeVar("Mapping", bound=Reviewed)


def locked(kind: type[Mapping], mapping_id: int, *, by: User, at: dt.datetime) -> Mapping:
    """Return a mapping and lock it; raise NotFound, and NotAllowed where its sender is not the user's."""
    rows = kind._default_manager.select_for_update(of=("self",)).select_related("source")
    mapping = rows.filter(pk=mapping_id).first()
    if mapping is None:
        raise NotFound(_("There is no such mapping."))
    check_mapper(by, mapping.source, at=at)
    return mapping


def proposal(kind: type[Mapping], mapping_id: int, *, by: User, at: dt.datetime) -> Mapping:
    """Return a mapping that waits for confirmation, locked; raise Conflict where it does no more."""
    mapping = locked(kind, mapping_id, by=by, at=at)
    if mapping.confirmed_at is not None or mapping.superseded_at is not None:
        raise Conflict(_("This mapping is not waiting for confirmation any more."))
    return mapping


def confirm(mapping: Reviewed, *, by: User, at: dt.datetime) -> None:
    """Let a proposal hold, and end on its first day what held of its subject; NotAllowed for who proposed it."""
    if mapping.proposed_by_id == by.pk:
        raise NotAllowed(_("A mapping is confirmed by a second person, not by the one who proposed it."))
    rows = cast("ReviewedQuerySet[Reviewed]", type(mapping)._default_manager.all())
    for earlier in rows.known_at(None).confirmed().same_as(mapping).select_for_update():
        if earlier.valid_to is None or earlier.valid_to > mapping.valid_from:
            end_period(earlier, on=mapping.valid_from, at=at)
    mapping.confirmed_by, mapping.confirmed_at = by, at
    mapping.save(update_fields=["confirmed_by", "confirmed_at"])


def decline(mapping: Reviewed, *, at: dt.datetime) -> None:
    """Take a proposal back; it stays on record."""
    mapping.superseded_at = at
    mapping.save(update_fields=["superseded_at"])
