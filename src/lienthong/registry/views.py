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
from lienthong.registry import lookups, presenters
from lienthong.registry.access import QUALITY_ROLES, Access, check_role
from lienthong.registry.forms import FacilitiesForm
from lienthong.registry.models import Facility
from lienthong.registry.querysets import FacilityQuerySet

PER_PAGE = 50


@require_GET
@login_required
def facilities(request: HttpRequest) -> HttpResponse:
    """List the facilities that the user's roles reach."""
    on = timezone.localdate()
    visible = lookups.visible_facilities(_access(request, on))
    form = FacilitiesForm(request.GET, regions=lookups.regions_with(visible))
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
    found = lookups.facility_parts(_access(request, on), facility_id, on=on)
    if found is None:
        raise NotFound(_("There is no such facility among yours."))
    tables = presenters.FacilityTables(
        procedures=presenters.procedure_rows(found.procedures, found.periods),
        staff=list(found.staff),
        instruments=list(found.instruments),
    )
    if request.GET.get("format") == "xlsx":
        name, header, cells = tables.export(request.GET.get("table", ""))
        return excel_response(f"{name}-{found.facility.code}", header, cells)
    context = {
        "facility": found.facility,
        "classes": found.classes,
        "laboratories": found.laboratories,
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
    found = lookups.procedure_parts(_access(request, on), procedure_id)
    if found is None:
        raise NotFound(_("There is no such procedure in your laboratories."))
    rows = presenters.period_rows(found.periods, on=on)
    if request.GET.get("format") == "xlsx":
        return excel_response(f"periods-{procedure_id}", presenters.period_header(), [one.cells() for one in rows])
    context = {
        "procedure": found.procedure,
        "now": next((one for one in rows if one.holds), None),
        "periods": rows,
        "checks": found.checks,
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
    classes, counts = lookups.classes_of(found, on=on), lookups.counts_of(found, on=on)
    return presenters.facility_rows(found, classes, counts)


def _kept(request: HttpRequest) -> str:
    """Return the filters of the address without page and format."""
    kept = request.GET.copy()
    for name in ("page", "format"):
        kept.pop(name, None)
    return kept.urlencode()
