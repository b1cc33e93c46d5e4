"""What is done to users, and by them at the door: the acts of other apps stand in their own `actions`."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from django.db import transaction

from lienthong.core import audit
from lienthong.core.models import User

_UNKNOWN = "unknown"  # a name of no account, which may be a password in the wrong field


@transaction.atomic
def create_user(
    *, username: str, full_name: str, password: str | None = None, language: str = "vi", is_system: bool = False
) -> User:
    """Create a user; without a password nobody can sign in as it. An existing user keeps its password."""
    user, created = User.objects.get_or_create(
        username=username, defaults={"full_name": full_name, "language": language, "is_system": is_system}
    )
    if created:
        user.set_password(password) if password else user.set_unusable_password()
        user.save()
    return user


def system_user(name: str) -> User:
    """Return the named user in whose name a worker acts."""
    return create_user(username=f"system-{name}", full_name=f"Lienthong {name}", is_system=True)


def choose_language(code: str, *, by: User) -> None:
    """Remember the language that a user reads."""
    User.objects.filter(pk=by.pk).update(language=code)


def note_session(action: Literal["sign-in", "sign-out"], *, by: User, address: str, at: dt.datetime) -> None:
    """Write to the audit log that a user came or went, and from where."""
    _note(action, by=by, account=by.username, address=address, at=at)


def note_refused_sign_in(name: str, *, address: str, at: dt.datetime) -> None:
    """Write to the audit log that someone was not let in as `name`; a name of no account is not kept."""
    is_known = name.isprintable() and User.objects.filter(username=name).exists()
    account = name if is_known else _UNKNOWN
    _note("refuse-sign-in", by=system_user("access"), account=account, address=address, at=at)


def _note(action: str, *, by: User, account: str, address: str, at: dt.datetime) -> None:
    audit.record(action, by=by, at=at, object_kind="account", object_key=account[:100], detail={"address": address})
