"""Who may look after the witnesses: the log is one for all facilities, so an administrator of one changes nothing."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from lienthong.core.models import User
from lienthong.errors import NotAllowed
from lienthong.exchange.permissions import day_of
from lienthong.registry.reads import administers_region, check_role

ADMINISTRATOR = "administrator"


def check_may_change(by: User, *, at: dt.datetime) -> None:
    """Raise NotAllowed unless the user administers a region; a system user acts for a worker and is not asked."""
    if not by.is_system and not administers_region(check_role(by, ADMINISTRATOR, on=day_of(at))):
        raise NotAllowed(_("Witnesses watch the log of all facilities: who administers a region looks after them."))
