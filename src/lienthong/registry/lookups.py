"""What the registry's pages show, read within what a user reaches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from lienthong.registry.access import QUALITY_ROLES, Access
from lienthong.registry.models import (
    ComparabilityCheck,
    Facility,
    FacilityClass,
    Instrument,
    Laboratory,
    Procedure,
    ProcedurePeriod,
    Region,
    StaffMember,
)
from lienthong.registry.querysets import FacilityQuerySet


@dataclass(frozen=True, slots=True)
class FacilityParts:
    """A facility with those of its laboratories that are reached, and what they have on a day."""

    facility: Facility
    classes: Sequence[FacilityClass]
    laboratories: Sequence[Laboratory]
    staff: Sequence[StaffMember]
    instruments: Sequence[Instrument]
    procedures: Sequence[Procedure]
    periods: Sequence[ProcedurePeriod]


@dataclass(frozen=True, slots=True)
class ProcedureParts:
    """A procedure with every period, and the checks by which its proof rests on another system."""

    procedure: Procedure
    periods: Sequence[ProcedurePeriod]
    checks: Sequence[ComparabilityCheck]


def visible_facilities(access: Access) -> FacilityQuerySet:
    """Return the facilities that the user's roles reach."""
    return Facility.objects.visible_to(access, *QUALITY_ROLES)


def regions_with(facilities: FacilityQuerySet) -> list[tuple[str, str]]:
    """Return code and name of the regions in which facilities lie."""
    rows = Region.objects.filter(facilities__in=facilities).distinct().order_by("code")
    return [(row.code, row.name) for row in rows]


def classes_of(facilities: Sequence[Facility], *, on: dt.date) -> list[FacilityClass]:
    """Return the classes of facilities that held on a day."""
    return list(FacilityClass.objects.held(on).filter(facility__in=[row.pk for row in facilities]))


def counts_of(facilities: Sequence[Facility], *, on: dt.date) -> dict[int, tuple[int, int]]:
    """Return how many laboratories and procedures each facility has on a day."""
    return Facility.objects.counts([row.pk for row in facilities], on)


def facility_parts(access: Access, facility_id: int, *, on: dt.date) -> FacilityParts | None:
    """Return a facility with its parts; None where the user's roles don't reach it."""
    row = visible_facilities(access).select_related("region").filter(pk=facility_id).first()
    if row is None:
        return None
    laboratories = list(row.laboratories.visible_to(access, *QUALITY_ROLES))
    ids = [laboratory.pk for laboratory in laboratories]
    return FacilityParts(
        facility=row,
        classes=list(FacilityClass.objects.known_at(None).filter(facility=row).order_by("scheme", "-valid_from")),
        laboratories=laboratories,
        staff=list(
            StaffMember.objects.held(on)
            .filter(laboratory_id__in=ids)
            .select_related("laboratory")
            .order_by("laboratory__code", "number")
        ),
        instruments=list(
            Instrument.objects.held(on)
            .filter(laboratory_id__in=ids)
            .select_related("laboratory")
            .order_by("laboratory__code", "code")
        ),
        procedures=list(
            Procedure.objects.in_use(on).filter(laboratory_id__in=ids).select_related("laboratory", "analyte")
        ),
        periods=list(ProcedurePeriod.objects.held(on).filter(procedure__laboratory_id__in=ids)),
    )


def procedure_parts(access: Access, procedure_id: int) -> ProcedureParts | None:
    """Return a procedure with its parts; None where the user's roles don't reach it."""
    visible = Procedure.objects.visible_to(access, *QUALITY_ROLES)
    row = visible.select_related("laboratory__facility", "analyte").filter(pk=procedure_id).first()
    if row is None:
        return None
    periods = ProcedurePeriod.objects.filter(procedure=row).order_by("-valid_from", "-recorded_at", "-pk")
    checks = ComparabilityCheck.objects.known_at(None).select_related("enrolled").filter(extended=row)
    return ProcedureParts(procedure=row, periods=list(periods), checks=list(checks.order_by("-valid_from")))
