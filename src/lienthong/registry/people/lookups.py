"""People and their roles in the places that an administrator reaches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q, QuerySet

from lienthong.core.models import User
from lienthong.registry.access import Access, Role
from lienthong.registry.models import RoleBinding
from lienthong.registry.querysets import RoleQuerySet


class Standing(StrEnum):
    """How somebody stands: with a role, without any though the account is open, or with a closed account."""

    IN_ROLE = "in-role"
    WITHOUT = "without"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is looked for: a part of a name, a role, a standing."""

    text: str = ""
    role: str = ""
    standing: Standing = Standing.IN_ROLE


def people(access: Access, wanted: Wanted, *, on: dt.date) -> QuerySet[User]:
    """Return the people who are looked for among those who have or had a role in an administrator's places."""
    reached = _reached(access)
    known = reached.filter(role=wanted.role) if wanted.role else reached
    holding = known.not_ended(on)
    found = User.objects.filter(is_system=False).order_by("full_name", "username")
    if wanted.text:
        found = found.filter(Q(full_name__icontains=wanted.text) | Q(username__icontains=wanted.text))
    if wanted.standing == Standing.IN_ROLE:
        return found.filter(pk__in=holding.values("user_id"))
    found = found.filter(pk__in=known.values("user_id"), is_active=wanted.standing == Standing.WITHOUT)
    return found.exclude(pk__in=RoleBinding.objects.not_ended(on).values("user_id"))


def person(access: Access, user_id: int) -> User | None:
    """Return somebody who has or had a role in an administrator's places; None for anyone else."""
    reached = _reached(access).filter(user_id=user_id)
    return User.objects.filter(pk__in=reached.values("user_id"), is_system=False).first()


def roles_of(access: Access, user_ids: Collection[int], *, on: dt.date) -> list[RoleBinding]:
    """Return the roles of people in an administrator's places that have not ended, the oldest first."""
    held = _reached(access).not_ended(on).filter(user_id__in=user_ids)
    return list(held.with_places().order_by("user_id", "valid_from", "pk"))


def _reached(access: Access) -> RoleQuerySet:
    return RoleBinding.objects.visible_to(access, Role.ADMINISTRATOR)
