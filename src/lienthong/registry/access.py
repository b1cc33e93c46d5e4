"""Who may do what, and where: roles bound to a laboratory, a facility, or a region with all that lies in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from lienthong.core.models import User
from lienthong.errors import NotAllowed
from lienthong.registry.models import Facility, Laboratory, RoleBinding
from lienthong.registry.tree import region_ids_below

Role = RoleBinding.Role
QUALITY_ROLES = frozenset({Role.TECHNICIAN, Role.MANAGER, Role.OFFICER, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Access:
    """What a user may reach on a day, by role: laboratories and facilities, by key.

    Who works in one laboratory reaches its facility, but not the whole of it.
    """

    user_id: int
    roles: frozenset[str]
    laboratories: dict[str, frozenset[int]]
    facilities: dict[str, frozenset[int]]
    regions: dict[str, frozenset[int]]
    whole_facilities: dict[str, frozenset[int]] = field(default_factory=dict)

    def laboratories_as(self, *roles: str) -> frozenset[int]:
        """Laboratories reached in any of these roles."""
        return frozenset().union(*(self.laboratories.get(role, frozenset()) for role in roles))

    def facilities_as(self, *roles: str) -> frozenset[int]:
        """Facilities reached in any of these roles."""
        return frozenset().union(*(self.facilities.get(role, frozenset()) for role in roles))

    def whole_places_as(self, *roles: str) -> dict[str, frozenset[int]]:
        """Places reached in any of these roles with all that lies in them, by kind."""
        regions = (self.regions.get(role, frozenset()) for role in roles)
        facilities = (self.whole_facilities.get(role, frozenset()) for role in roles)
        return {
            "region": frozenset().union(*regions),
            "facility": frozenset().union(*facilities),
            "laboratory": self.laboratories_as(*roles),
        }


def access_of(user: User, *, on: dt.date) -> Access:
    """Return what a user may reach on a day; nothing for one who is not signed in."""
    if not user.is_authenticated:
        return Access(0, frozenset(), {}, {}, {})
    bindings = list(RoleBinding.objects.of(user.pk, on).select_related("laboratory"))
    laboratories: dict[str, frozenset[int]] = {}
    facilities: dict[str, frozenset[int]] = {}
    regions: dict[str, frozenset[int]] = {}
    whole: dict[str, frozenset[int]] = {}
    for binding in bindings:
        below = region_ids_below(binding.region_id, on=on) if binding.region_id else frozenset()
        role = binding.role
        regions[role] = regions.get(role, frozenset()) | below
        laboratories[role] = laboratories.get(role, frozenset()) | _laboratory_ids(binding, below)
        within = _facility_ids(binding, below)
        facilities[role] = facilities.get(role, frozenset()) | within
        whole[role] = whole.get(role, frozenset()) | (frozenset() if binding.laboratory_id else within)
    return Access(user.pk, frozenset(binding.role for binding in bindings), laboratories, facilities, regions, whole)


def check_role(user: User, *roles: str, on: dt.date) -> Access:
    """Return the user's access; raise NotAllowed unless one of the roles is held that day.

    A system user acts for a worker and is not asked.
    """
    access = access_of(user, on=on)
    if not user.is_system and not access.roles & set(roles):
        needed = " / ".join(str(Role(role).label) for role in roles)
        raise NotAllowed(_("This needs the role: %(roles)s. Ask your administrator.") % {"roles": needed})
    return access


def administers_region(access: Access) -> bool:
    """Say whether someone administers a whole region, and not a facility or a laboratory only."""
    return bool(access.regions.get(Role.ADMINISTRATOR))


def check_laboratory(user: User, laboratory_id: int, *roles: str, on: dt.date) -> Access:
    """Return the user's access; raise NotAllowed unless a role reaches the laboratory."""
    access = check_role(user, *roles, on=on)
    if not user.is_system and laboratory_id not in access.laboratories_as(*roles):
        raise NotAllowed(_("This laboratory is not one of yours."))
    return access


def check_place(user: User, kind: str, key: int, *roles: str, on: dt.date) -> Access:
    """Return the user's access; raise NotAllowed unless a role reaches all of a region, facility or laboratory."""
    access = check_role(user, *roles, on=on)
    if not user.is_system and key not in access.whole_places_as(*roles)[kind]:
        raise NotAllowed(_("This place is not one of yours."))
    return access


def _laboratory_ids(binding: RoleBinding, region_ids: frozenset[int]) -> frozenset[int]:
    if binding.laboratory_id:
        return frozenset({binding.laboratory_id})
    reached = Laboratory.objects.within(
        laboratory_ids=set(), facility_ids={binding.facility_id or 0}, region_ids=set(region_ids)
    )
    return frozenset(reached.values_list("id", flat=True))


def _facility_ids(binding: RoleBinding, region_ids: frozenset[int]) -> frozenset[int]:
    if binding.facility_id:
        return frozenset({binding.facility_id})
    if binding.laboratory:
        return frozenset({binding.laboratory.facility_id})
    return frozenset(Facility.objects.in_regions(set(region_ids)).values_list("id", flat=True))
