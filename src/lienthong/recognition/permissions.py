"""Who may recompute, revoke, sign and read: roles bound to places; workers act as system users."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.utils import timezone
from django.utils.translation import gettext as _

from lienthong.core.models import User
from lienthong.errors import NotAllowed
from lienthong.registry import reads as registry

OFFICER, MANAGER, CLINICIAN = "officer", "manager", "clinician"


def check_officer(user: User, laboratory_ids: Collection[int], *, at: dt.datetime) -> None:
    """Raise NotAllowed unless the user is an officer of all the laboratories, or a system user."""
    if user.is_system:
        return
    access = registry.check_role(user, OFFICER, on=timezone.localdate(at))
    if not access.laboratories_as(OFFICER).issuperset(laboratory_ids):
        raise NotAllowed(_("This laboratory is not one of yours."))


def check_clinician(user: User, facility_id: int, *, at: dt.datetime) -> None:
    """Raise NotAllowed unless the user is a clinician of the facility, or a system user."""
    if user.is_system:
        return
    access = registry.check_role(user, CLINICIAN, on=timezone.localdate(at))
    if facility_id not in access.facilities_as(CLINICIAN):
        raise NotAllowed(_("This facility is not one of yours."))
