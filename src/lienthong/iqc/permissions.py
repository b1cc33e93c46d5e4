"""Who records quality control, and who reads it. A system user acts for workers and is not asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.utils import timezone
from django.utils.translation import gettext as _

from lienthong.core.models import User
from lienthong.errors import NotAllowed, NotFound
from lienthong.registry.reads import check_role

TECHNICIAN, MANAGER, OFFICER = "technician", "manager", "officer"
RECORDERS = (TECHNICIAN, MANAGER)
READERS = (*RECORDERS, OFFICER)


def check_recorder(by: User, laboratory_ids: Collection[int], *, at: dt.datetime) -> None:
    """Raise NotAllowed unless the user is technician or manager of each of the laboratories."""
    reached = recordable_laboratories(by, at=at)
    if reached is not None and not reached.issuperset(laboratory_ids):
        raise NotAllowed(_("This laboratory is not one of yours."))


def check_reader(user: User, laboratory_id: int, *, at: dt.datetime) -> None:
    """Raise NotFound unless the user may read the laboratory's quality control: others don't learn that it is there."""
    if laboratory_id not in readable_laboratories(user, at=at):
        raise NotFound(_("There is no such measuring system among those of your laboratories."))


def check_lot(by: User, laboratory_ids: Collection[int], *, at: dt.datetime) -> None:
    """Raise NotAllowed unless the user reads the quality control of each laboratory that uses a lot.

    A laboratory corrects a lot that nobody else uses; for one that several use that is the quality control centre's.
    """
    if not by.is_system and not readable_laboratories(by, at=at).issuperset(laboratory_ids):
        raise NotAllowed(_("Other laboratories use this lot, too; ask the quality control centre to correct it."))


def recordable_laboratories(by: User, *, at: dt.datetime) -> frozenset[int] | None:
    """Return the laboratories for which a user records; None is all, for a system user. Raise NotAllowed for others."""
    if by.is_system:
        return None
    return check_role(by, *RECORDERS, on=_day(at)).laboratories_as(*RECORDERS)


def readable_laboratories(user: User, *, at: dt.datetime) -> frozenset[int]:
    """Return the laboratories whose quality control a user reads; raise NotAllowed for one without such a role."""
    return check_role(user, *READERS, on=_day(at)).laboratories_as(*READERS)


def own_laboratories(user: User, *, at: dt.datetime) -> frozenset[int]:
    """Return the laboratories in which a user works at the bench or leads; raise NotAllowed for others."""
    return check_role(user, *RECORDERS, on=_day(at)).laboratories_as(*RECORDERS)


def is_recorder(user: User, *, at: dt.datetime) -> bool:
    """Tell whether `own_laboratories` lets the user pass: who records for some laboratory."""
    try:
        own_laboratories(user, at=at)
    except NotAllowed:
        return False
    return True


def can_record(user: User, laboratory_id: int, *, at: dt.datetime) -> bool:
    """Tell whether `check_recorder` lets the user pass."""
    try:
        check_recorder(user, {laboratory_id}, at=at)
    except NotAllowed:
        return False
    return True


def _day(at: dt.datetime) -> dt.date:
    return timezone.localtime(at).date()
