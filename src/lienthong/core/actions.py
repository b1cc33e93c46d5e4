"""What is done to users: the acts of other apps stand in their own `actions`."""

from __future__ import annotations

from django.db import transaction

from lienthong.core.models import User


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
