"""Who may end roles and close accounts: administrators, in places that they reach. A system user is not asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _

from lienthong.core.actions import check_is_another
from lienthong.core.models import User
from lienthong.errors import LienthongError, NotAllowed
from lienthong.registry.access import Role, check_role
from lienthong.registry.models import RoleBinding


def check_stays_administrator(by: User, ending: Iterable[RoleBinding], *, on: dt.date) -> None:
    """Raise NotAllowed where somebody would end the own last role of administrator.

    So a page never ends the last administrator of all, either: whoever ends another's role keeps the own.
    """
    keys = [one.pk for one in ending if one.user_id == by.pk and one.role == Role.ADMINISTRATOR]
    others = RoleBinding.objects.of(by.pk, on).filter(role=Role.ADMINISTRATOR).exclude(pk__in=keys)
    if keys and not others.exists():
        raise NotAllowed(
            _(
                "This is your own last role of administrator, and you could not give it to yourself again. Another "
                "administrator can end it, or the command lienthong registry dismiss."
            )
        )


def check_may_dismiss(user: User, *, by: User, on: dt.date) -> None:
    """Raise NotAllowed unless the user is or was in an administrator's places, and has no role outside of them now."""
    access = check_role(by, Role.ADMINISTRATOR, on=on)
    check_is_another(user, by=by)
    if by.is_system:
        return
    roles = RoleBinding.objects.filter(user=user)
    reached = roles.visible_to(access, Role.ADMINISTRATOR)
    if not reached.exists():
        raise NotAllowed(_("This person has had no role in your places."))
    if roles.not_ended(on).exclude(pk__in=reached.values("pk")).exists():
        raise NotAllowed(
            _(
                "This person has a role outside your places, too, so the account stays open. End the roles in your "
                "places; an administrator who reaches all of them can close the account."
            )
        )


def why_not_dismiss(user: User, *, by: User, on: dt.date) -> str:
    """Return why somebody may not close an account; nothing where it is allowed."""
    try:
        check_may_dismiss(user, by=by, on=on)
    except LienthongError as refused:
        return str(refused)
    return ""
