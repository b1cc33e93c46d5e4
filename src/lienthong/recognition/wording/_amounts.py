"""Facts of rules as people read them: days, instants, hours, shares. What is not known is said to be so."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lienthong.core.templatetags import numbers
from lienthong.policy import Fact

HOURS_SHOWN = 48


def day(fact: Fact) -> str:
    return numbers.day(dt.date.fromisoformat(str(fact))) if fact else _("not known")


def moment(fact: Fact) -> str:
    return numbers.moment(dt.datetime.fromisoformat(str(fact))) if fact else _("not known")


def number(fact: Fact, decimals: int = 0) -> str:
    return _("not known") if fact is None else numbers.fixed(float(fact), decimals)


def percent(fact: Fact) -> str:
    """Write a share of one as a percentage."""
    return _("not known") if fact is None else f"{numbers.fixed(100 * float(fact), 0)} %"


def hours(fact: Fact) -> str:
    """Write a time in hours, in days where it is long."""
    if fact is None:
        return _("not known")
    whole = int(float(fact))
    if whole <= HOURS_SHOWN:
        return ngettext("%(number)s hour", "%(number)s hours", whole) % {"number": whole}
    return days(whole // 24)


def days(fact: Fact) -> str:
    if fact is None:
        return _("not known")
    return ngettext("%(number)s day", "%(number)s days", int(float(fact))) % {"number": number(fact)}
