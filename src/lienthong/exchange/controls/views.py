"""The pages of control materials: what waits, proposals, what holds; one person proposes, another confirms."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lienthong.core.export import excel_response
from lienthong.exchange import review_pages
from lienthong.exchange.controls import actions as control_actions
from lienthong.exchange.controls import lookups as control_lookups
from lienthong.exchange.controls import presenters as control_presenters
from lienthong.exchange.controls.forms import ControlMappingForm
from lienthong.exchange.controls.lookups import WaitingMaterial
from lienthong.exchange.controls.presenters import ControlMappingRow
from lienthong.exchange.models import Source
from lienthong.exchange.review_pages import visible_senders
from lienthong.exchange.signed_in import user_of


@login_required
@require_GET
def controls(request: HttpRequest) -> HttpResponse:
    """List materials that wait, proposals, and mappings that were confirmed."""
    visible = visible_senders(request)
    rows = _rows(request, visible)
    context = {
        "waiting": control_presenters.waiting_rows(control_lookups.waiting_materials(visible), but=rows),
        "proposed": [row for row in rows if row.is_open],
        "confirmed": [row for row in rows if not row.is_open],
    }
    return render(request, "exchange/control_list.html", context)


@login_required
@require_GET
def controls_file(request: HttpRequest) -> HttpResponse:
    """Give proposals and mappings as a workbook; `?table=waiting` gives the materials that wait."""
    visible = visible_senders(request)
    rows = _rows(request, visible)
    if request.GET.get("table") == "waiting":
        waiting = control_presenters.waiting_rows(control_lookups.waiting_materials(visible), but=rows)
        header = control_presenters.waiting_header()
        return excel_response("controls-without-mapping", header, [row.cells() for row in waiting])
    return excel_response(
        "control-materials", control_presenters.control_mapping_header(), [row.cells() for row in rows]
    )


@login_required
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """Take a proposal of which lot and level a waiting material is."""
    asked = {name: request.GET.get(name, "") for name in ("source", "material", "lot", "level")}
    waiting = control_lookups.waiting_material(visible_senders(request), **asked)
    form = _form(waiting, request.POST or None)
    if form.is_valid():
        control_actions.propose_control_mapping(
            source=waiting.source.code,
            material=form.cleaned_data["material"],
            lot=waiting.lot,
            level=waiting.level,
            control_lot_id=form.cleaned_data["control_lot"],
            valid_from=form.cleaned_data["valid_from"],
            by=user_of(request),
            at=timezone.now(),
        )
        return review_pages.proposed(request, "exchange:controls")
    context = {"waiting": waiting, "form": form, "query": control_presenters.material_query(waiting)}
    return render(request, "exchange/control_propose.html", context)


@login_required
@require_POST
def confirm(request: HttpRequest, mapping_id: int) -> HttpResponse:
    """Confirm another person's proposal; what waited for it is replayed."""
    count = control_actions.confirm_control_mapping(mapping_id, by=user_of(request), at=timezone.now())
    return review_pages.confirmed(request, "exchange:controls", replayed=count)


@login_required
@require_POST
def decline(request: HttpRequest, mapping_id: int) -> HttpResponse:
    """Decline a proposal."""
    control_actions.decline_control_mapping(mapping_id, by=user_of(request), at=timezone.now())
    return review_pages.declined(request, "exchange:controls")


def _form(waiting: WaitingMaterial, data: object) -> ControlMappingForm:
    lots = control_actions.lots_of(waiting.source, on=timezone.localdate())
    return ControlMappingForm(
        data,
        told=waiting.material,
        lots=control_presenters.lot_choices(lots),
        initial={"material": waiting.material, "valid_from": waiting.first_asked_on},
    )


def _rows(request: HttpRequest, visible: dict[str, Source]) -> list[ControlMappingRow]:
    mappings = control_lookups.control_mappings(visible.values())
    return control_presenters.control_mapping_rows(mappings, user_id=user_of(request).pk)
