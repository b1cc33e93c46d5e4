"""Who may act on a sender's messages and mappings. A system user acts for workers and is not asked."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _

from lienthong.core.models import User
from lienthong.errors import NotAllowed
from lienthong.exchange.models import Source
from lienthong.exchange.querysets import EVERYWHERE, OWN_LABORATORY
from lienthong.registry.reads import Access, check_role


def day_of(at: dt.datetime) -> dt.date:
    """Return the calendar day of an instant in the active zone."""
    return timezone.localtime(at).date()


def check_operator(by: User, source: Source | None, *, at: dt.datetime) -> None:
    """Raise NotAllowed unless the user operates the exchange where the sender is; None is an unknown sender."""
    if by.is_system:
        return
    access = check_role(by, *EVERYWHERE, on=day_of(at))
    if source is None:
        if not sees_unknown(access):
            raise NotAllowed(_("Messages of unknown senders are for those who operate a whole region."))
    elif source.facility_id not in access.facilities_as(*EVERYWHERE):
        raise NotAllowed(_("This sender is not one of yours."))


def sees_unknown(access: Access) -> bool:
    """Whether a user operates a whole region: nobody can say of what facility the patients of an unknown sender are,
    so one who operates a single facility must not see them.
    """
    return any(access.regions.get(role) for role in EVERYWHERE)


def check_mapper(by: User, source: Source, *, at: dt.datetime) -> None:
    """Raise NotAllowed unless the user operates the exchange there, or manages the sender's laboratory."""
    if by.is_system:
        return
    access = check_role(by, *EVERYWHERE, *OWN_LABORATORY, on=day_of(at))
    if not can_map(access, source):
        raise NotAllowed(_("This sender is not one of yours."))


def can_map(access: Access, source: Source) -> bool:
    if source.facility_id in access.facilities_as(*EVERYWHERE):
        return True
    own = access.laboratories_as(*OWN_LABORATORY)
    if source.laboratory_id:
        return source.laboratory_id in own
    return bool(own) and source.facility_id in access.facilities_as(*OWN_LABORATORY)


def check_administrator(by: User, *, at: dt.datetime) -> None:
    """Raise NotAllowed unless the user is an administrator."""
    if not by.is_system:
        check_role(by, "administrator", on=day_of(at))
