"""What is done to users, and by them at the door: the acts of other apps stand in their own `actions`."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.errors import Conflict, NotAllowed, NotFound

_UNKNOWN = "unknown"  # a name of no account, which may be a password in the wrong field
_SYSTEM = "system-"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another on paper


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
    return create_user(username=f"{_SYSTEM}{name}", full_name=f"Lienthong {name}", is_system=True)


def choose_language(code: str, *, by: User) -> None:
    """Remember the language that a user reads."""
    User.objects.filter(pk=by.pk).update(language=code)


def lock_users(*users: User) -> None:
    """Let whoever else would change something of these users wait until the transaction ends."""
    list(User.objects.select_for_update(no_key=True).filter(pk__in=[one.pk for one in users]).order_by("pk"))


def check_is_open(user: User) -> None:
    """Raise Conflict where an account was closed."""
    if not User.objects.filter(pk=user.pk, is_active=True).exists():
        raise Conflict(_("This account is closed."))


def check_is_another(user: User, *, by: User) -> None:
    """Raise NotAllowed for the own account."""
    if user.pk == by.pk:
        raise NotAllowed(_("This is your own account; another administrator closes it."))


@transaction.atomic
def add_account(*, username: str, full_name: str, language: str, by: User, at: dt.datetime) -> tuple[User, str]:
    """Make an account for a person; return it with its first password, of which only a digest is kept.

    Raise Conflict where the name is taken, in capital letters or not, or could be that of a system user.
    """
    if username.casefold().startswith(_SYSTEM) or User.objects.filter(username__iexact=username).exists():
        raise Conflict(_("This user name is taken; choose another one."))
    row, password = User(username=username, full_name=full_name, language=language), _first_password()
    row.set_password(password)
    row.save(force_insert=True)
    _record("add-account", row, by=by, at=at)
    return row, password


@transaction.atomic
def close_account(user: User, *, by: User, at: dt.datetime, why: str = "") -> None:
    """Let nobody sign in as a person any more, and end what is open now; a closed account stays as it is.

    The password goes with it: a session is bound to the password, so that none lives on after the account is opened
    again. Raise NotAllowed for one's own account.
    """
    check_is_another(user, by=by)
    row = _person(user)
    if not row.is_active:
        return
    row.is_active = False
    row.set_unusable_password()
    row.save(update_fields=["is_active", "password"])
    _record("close-account", row, by=by, at=at, why=why)


@transaction.atomic
def open_account(user: User, *, password: str, by: User, at: dt.datetime) -> None:
    """Open a closed account again with a new password; raise Conflict where it is open."""
    row = _person(user)
    if row.is_active:
        raise Conflict(_("This account is open."))
    row.is_active = True
    row.set_password(password)
    row.save(update_fields=["is_active", "password"])
    _record("open-account", row, by=by, at=at)


@transaction.atomic
def set_password(user: User, *, password: str, by: User, at: dt.datetime) -> None:
    """Give somebody a new password, which ends all open sessions; raise Conflict where the account is closed."""
    _record("set-password", _with_password(user, password), by=by, at=at)


@transaction.atomic
def change_password(*, password: str, by: User, address: str, at: dt.datetime) -> User:
    """Give oneself a new password, which ends one's other sessions; return the user as stored."""
    row = _with_password(by, password)
    _note("change-password", by=row, account=row.username, address=address, at=at)
    return row


def note_session(action: Literal["sign-in", "sign-out"], *, by: User, address: str, at: dt.datetime) -> None:
    """Write to the audit log that a user came or went, and from where."""
    _note(action, by=by, account=by.username, address=address, at=at)


def note_refused_sign_in(name: str, *, address: str, at: dt.datetime) -> None:
    """Write to the audit log that someone was not let in as `name`; a name of no account is not kept."""
    is_known = name.isprintable() and User.objects.filter(username=name).exists()
    account = name if is_known else _UNKNOWN
    _note("refuse-sign-in", by=system_user("access"), account=account, address=address, at=at)


def _person(user: User) -> User:
    """Return the row of a person, held until the transaction ends; nobody signs in as a system user."""
    row = User.objects.select_for_update(no_key=True).filter(pk=user.pk, is_system=False).first()
    if row is None:
        raise NotFound(_("There is no such person."))
    return row


def _first_password() -> str:
    """Return sixteen letters by chance, some 79 bits, in groups of four."""
    return "-".join("".join(secrets.choice(_LETTERS) for _letter in range(4)) for _group in range(4))


def _with_password(user: User, password: str) -> User:
    row = _person(user)
    check_is_open(row)
    row.set_password(password)
    row.save(update_fields=["password"])
    return row


def _record(action: str, row: User, *, by: User, at: dt.datetime, **detail: str) -> None:
    audit.record(action, by=by, at=at, object_kind="account", object_key=row.username[:100], detail=detail)


def _note(action: str, *, by: User, account: str, address: str, at: dt.datetime) -> None:
    audit.record(action, by=by, at=at, object_kind="account", object_key=account[:100], detail={"address": address})
