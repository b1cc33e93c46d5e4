"""Who may compare patients of several senders and say who is who. A system user acts for workers and is not asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from lienthong.core.models import User
from lienthong.errors import NotAllowed, NotFound
from lienthong.registry.reads import Access, check_role

REVIEWERS = ("operator", "administrator")


def reviewer_access(by: User, *, at: dt.datetime) -> Access:
    """Return what a reviewer reaches; raise NotAllowed for one who operates nothing."""
    return check_role(by, *REVIEWERS, on=timezone.localtime(at).date())


def check_reviewer(by: User, facility_ids: Iterable[int], *, at: dt.datetime) -> None:
    """Raise NotFound unless the user operates the exchange at every facility that the records come from.

    One who operates at some of them isn't told that there are others.
    """
    if by.is_system:
        return
    reached = reviewer_access(by, at=at).facilities_as(*REVIEWERS)
    if not set(facility_ids) <= reached:
        raise NotFound(_("There is no such patient among yours."))


def check_system(by: User) -> None:
    """Raise NotAllowed unless a worker acts."""
    if not by.is_system:
        raise NotAllowed("this is done by workers only")
