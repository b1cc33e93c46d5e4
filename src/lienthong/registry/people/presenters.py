"""People and their roles as pages show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from lienthong.core.export import Cell
from lienthong.core.models import User
from lienthong.registry.access import Role
from lienthong.registry.models import RoleBinding
from lienthong.registry.people.wording import STATES


@dataclass(frozen=True, slots=True)
class Status:
    tone: str
    symbol: str
    words: str | Promise


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role in a place."""

    id: int
    role: str | Promise
    place: str
    code: str
    since: dt.date
    until: dt.date | None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person with the roles in the places that are looked at."""

    id: int
    name: str
    username: str
    state: Status
    last_login: dt.datetime | None
    roles: tuple[RoleLine, ...]

    def cells(self) -> list[list[Cell]]:
        """Return the lines of the Excel file: one for each role, and one for somebody without."""
        own: list[Cell] = [self.name, self.username]
        rest: list[Cell] = [str(self.state.words), self.last_login]
        held = [[*own, str(one.role), one.place, one.code, one.since, one.until, *rest] for one in self.roles]
        return held or [[*own, "", "", "", None, None, *rest]]


def header() -> list[str]:
    names = [_("Full name"), _("User name"), _("Role"), _("Where it holds"), _("Code"), _("Since"), _("Until")]
    return [*names, _("Account"), _("Last sign-in")]


def person_rows(users: Iterable[User], roles: Iterable[RoleBinding]) -> list[PersonRow]:
    """Return people, in their order, with their roles."""
    lines: dict[int, list[RoleLine]] = {}
    for one in roles:
        lines.setdefault(one.user_id, []).append(role_line(one))
    return [
        PersonRow(
            id=user.pk,
            name=user.full_name,
            username=user.username,
            state=Status(*STATES[user.is_active]),
            last_login=user.last_login,
            roles=tuple(lines.get(user.pk, [])),
        )
        for user in users
    ]


def role_line(held: RoleBinding) -> RoleLine:
    return RoleLine(
        id=held.pk,
        role=Role(held.role).label,
        place=held.place_name,
        code=held.place.code,
        since=held.valid_from,
        until=held.valid_to,
    )
