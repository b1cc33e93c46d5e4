"""Facilities, their laboratories, and procedures with their history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lienthong.core.export import excel_response
from lienthong.core.models import User
from lienthong.errors import NotFound
from lienthong.registry import presenters
from lienthong.registry.access import QUALITY_ROLES, Access, check_role
from lienthong.registry.forms import FacilitiesForm
from lienthong.registry.models import (
    ComparabilityCheck,
    Facility,
    FacilityClass,
    Instrument,
    Procedure,
    ProcedurePeriod,
    Region,
    StaffMember,
)
from lienthong.registry.querysets import FacilityQuerySet

PER_PAGE = 50


@require_GET
@login_required
def facilities(request: HttpRequest) -> HttpResponse:
    """List the facilities that the user's roles reach."""
    on = timezone.localdate()
    visible = Facility.objects.visible_to(_access(request, on), *QUALITY_ROLES)
    regions = Region.objects.filter(facilities__in=visible).distinct().order_by("code")
    form = FacilitiesForm(request.GET, regions=[(row.code, row.name) for row in regions])
    found = _filtered(visible, form).select_related("region")
    if request.GET.get("format") == "xlsx":
        rows = _facility_rows(found, on)
        return excel_response("facilities", presenters.facility_header(), [row.cells() for row in rows])
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page_obj": page,
        "rows": _facility_rows(page.object_list, on),
        "kept": _kept(request),
        "page_numbers": page.paginator.get_elided_page_range(page.number),
    }
    return render(request, "registry/facility_list.html", context)


@require_GET
@login_required
def facility(request: HttpRequest, facility_id: int) -> HttpResponse:
    """Show a facility with those of its laboratories that the user's roles reach."""
    on = timezone.localdate()
    access = _access(request, on)
    row = Facility.objects.visible_to(access, *QUALITY_ROLES).select_related("region").filter(pk=facility_id).first()
    if row is None:
        raise NotFound(_("There is no such facility among yours."))
    laboratories = list(row.laboratories.visible_to(access, *QUALITY_ROLES))
    ids = [laboratory.pk for laboratory in laboratories]
    procedures = Procedure.objects.in_use(on).filter(laboratory_id__in=ids).select_related("laboratory", "analyte")
    periods = ProcedurePeriod.objects.held(on).filter(procedure__laboratory_id__in=ids)
    tables = presenters.FacilityTables(
        procedures=presenters.procedure_rows(procedures, periods),
        staff=list(StaffMember.objects.held(on).filter(laboratory_id__in=ids).select_related("laboratory")),
        instruments=list(Instrument.objects.held(on).filter(laboratory_id__in=ids).select_related("laboratory")),
    )
    if request.GET.get("format") == "xlsx":
        name, header, cells = tables.export(request.GET.get("table", ""))
        return excel_response(f"{name}-{row.code}", header, cells)
    context = {
        "facility": row,
        "classes": FacilityClass.objects.known_at(None).filter(facility=row).order_by("scheme", "-valid_from"),
        "laboratories": laboratories,
        "staff": tables.staff,
        "instruments": tables.instruments,
        "procedures": tables.procedures,
    }
    return render(request, "registry/facility_detail.html", context)


@require_GET
@login_required
def procedure(request: HttpRequest, procedure_id: int) -> HttpResponse:
    """Show a procedure with every period, and when each was recorded and replaced."""
    on = timezone.localdate()
    visible = Procedure.objects.visible_to(_access(request, on), *QUALITY_ROLES)
    row = visible.select_related("laboratory__facility", "analyte").filter(pk=procedure_id).first()
    if row is None:
        raise NotFound(_("There is no such procedure in your laboratories."))
    periods = ProcedurePeriod.objects.filter(procedure=row).order_by("-valid_from", "-recorded_at", "-pk")
    rows = presenters.period_rows(periods, on=on)
    if request.GET.get("format") == "xlsx":
        return excel_response(f"periods-{row.pk}", presenters.period_header(), [one.cells() for one in rows])
    checks = ComparabilityCheck.objects.known_at(None).select_related("enrolled").filter(extended=row)
    context = {
        "procedure": row,
        "now": next((one for one in rows if one.holds), None),
        "periods": rows,
        "checks": checks.order_by("-valid_from"),
    }
    return render(request, "registry/procedure_detail.html", context)


def _access(request: HttpRequest, on: dt.date) -> Access:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 — login_required
    return check_role(user, *QUALITY_ROLES, on=on)


def _filtered(visible: FacilityQuerySet, form: FacilitiesForm) -> FacilityQuerySet:
    data = form.cleaned_data if form.is_valid() else {}
    found = visible.matching(data["q"]) if data.get("q") else visible
    found = found.filter(region__code=data["region"]) if data.get("region") else found
    return found.filter(ownership=data["ownership"]) if data.get("ownership") else found


def _facility_rows(rows: Iterable[Facility], on: dt.date) -> list[presenters.FacilityRow]:
    found = list(rows)
    classes = FacilityClass.objects.held(on).filter(facility__in=[row.pk for row in found])
    return presenters.facility_rows(found, classes, Facility.objects.counts([row.pk for row in found], on))


def _kept(request: HttpRequest) -> str:
    """Return the filters of the address without page and format."""
    kept = request.GET.copy()
    for name in ("page", "format"):
        kept.pop(name, None)
    return kept.urlencode()
