"""What a page loads first: who asks, and the row that they may see."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.core.models import User
from lienthong.eqa.models import Certificate, Round, Scheme
from lienthong.eqa.querysets import LABORATORY_ROLES, OFFICER
from lienthong.errors import NotAllowed, NotFound
from lienthong.registry.reads import Access, ProcedureFacts, check_role, procedures


def access_for(user: User, *, on: dt.date) -> Access:
    """Return what a user reaches; raise NotAllowed unless they work in a laboratory or in the centre."""
    return check_role(user, *LABORATORY_ROLES, OFFICER, on=on)


def laboratories_of(access: Access) -> frozenset[int]:
    """Return the laboratories that a user works in."""
    return access.laboratories_as(*LABORATORY_ROLES)


def reach_of(access: Access) -> frozenset[int]:
    """Return the laboratories whose part in EQA a user may see."""
    return access.laboratories_as(*LABORATORY_ROLES, OFFICER)


def visible_round(round_id: int, access: Access) -> Round:
    """Return a round that the user may see; raise NotFound for any other."""
    row = Round.objects.visible_to(access).select_related("scheme").filter(pk=round_id).first()
    if row is None:
        raise NotFound(_("no round of yours has this address"))
    return row


def managed_round(round_id: int, access: Access) -> Round:
    """Return a round that the user runs; raise NotFound or NotAllowed for the round of others."""
    row = visible_round(round_id, access)
    if not may_manage(row.scheme, access):
        raise NotAllowed(_("only an officer of the scheme's regions runs its rounds"))
    return row


def may_manage(scheme: Scheme, access: Access) -> bool:
    """Say whether the user is an officer of every region of a scheme that is run here."""
    regions = access.regions.get(OFFICER, frozenset())
    return scheme.is_own and bool(regions) and set(scheme.regions.values_list("pk", flat=True)) <= regions


def visible_certificate(certificate_id: int, access: Access) -> Certificate:
    """Return a certificate that the user may see; raise NotFound for any other."""
    rows = Certificate.objects.visible_to(access).select_related(
        "laboratory__facility", "scheme", "handed_in_by", "checked_by"
    )
    row = rows.filter(pk=certificate_id).first()
    if row is None:
        raise NotFound(_("no certificate of yours has this address"))
    return row


@dataclass(frozen=True, slots=True)
class HandInPlace:
    """For which laboratory a certificate is handed in, and what it may name."""

    laboratory_id: int
    laboratories: tuple[tuple[int, str], ...]
    schemes: tuple[tuple[str, str], ...]
    procedures: tuple[ProcedureFacts, ...]


def hand_in_place(access: Access, chosen: str, *, on: dt.date) -> HandInPlace:
    """Return the chosen laboratory of a manager, else the first, with its procedures and the outside schemes."""
    facts = sorted(
        procedures(laboratory_ids=access.laboratories_as("manager"), on=on).values(), key=lambda one: one.code
    )
    laboratories = dict(sorted({one.laboratory_id: one.laboratory_title for one in facts}.items()))
    if not laboratories:
        raise NotFound(_("no laboratory of yours has a measuring system in use"))
    first = next(iter(laboratories))
    laboratory_id = int(chosen) if chosen.isdigit() and int(chosen) in laboratories else first
    return HandInPlace(
        laboratory_id=laboratory_id,
        laboratories=tuple(laboratories.items()),
        schemes=tuple((one.code, f"{one.organiser}, {one.name}") for one in Scheme.objects.outside()),
        procedures=tuple(one for one in facts if one.laboratory_id == laboratory_id),
    )
