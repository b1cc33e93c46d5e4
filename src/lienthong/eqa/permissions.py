"""Who may act on a scheme, a round or a laboratory's part in it. A system user acts for workers and is not asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from lienthong.core.models import User
from lienthong.eqa.models import Scheme
from lienthong.errors import NotAllowed
from lienthong.registry.reads import Access, check_laboratory, check_role

OFFICER, MANAGER, TECHNICIAN = "officer", "manager", "technician"


def check_organiser(by: User, scheme: Scheme, *, at: dt.datetime) -> None:
    """Raise NotAllowed unless the user is an officer of every region of a scheme that is run here."""
    check_officer_of(by, scheme.regions.values_list("pk", flat=True), at=at)


def check_officer_of(by: User, region_ids: Iterable[int], *, at: dt.datetime) -> None:
    """Raise NotAllowed unless the user is an officer of each of these regions; of no region: of any."""
    if by.is_system:
        return
    access = check_role(by, OFFICER, on=day_of(at))
    if not set(region_ids) <= access.regions.get(OFFICER, frozenset()):
        raise NotAllowed(_("this scheme is run for a region that is not one of yours"))


def check_part_of(by: User, laboratory_id: int, *roles: str, at: dt.datetime) -> None:
    """Raise NotAllowed unless one of the roles reaches the laboratory."""
    if not by.is_system:
        check_laboratory(by, laboratory_id, *roles, on=day_of(at))


def check_officer(by: User, *, at: dt.datetime) -> Access | None:
    """Return what an officer reaches; None for a system user, who reaches all. Raise NotAllowed for others."""
    return None if by.is_system else check_role(by, OFFICER, on=day_of(at))


def day_of(at: dt.datetime) -> dt.date:
    """Return the calendar day of an instant in the active zone."""
    return timezone.localtime(at).date()
