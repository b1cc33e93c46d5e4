"""Who acts from the command line, and when: what each action is told beside what it is to do."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from lienthong.core.models import User


class Acting(TypedDict):
    by: User
    at: dt.datetime


def acting() -> Acting:
    """Return the system user of the command line and the present instant, once Django has started."""
    from django.utils import timezone

    from lienthong.core.actions import system_user

    return {"by": system_user("command-line"), "at": timezone.now()}
