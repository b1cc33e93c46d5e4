"""The pages of code mapping: what waits, proposals, what holds; one person proposes, another confirms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lienthong.core.export import excel_response
from lienthong.core.models import User
from lienthong.errors import BadInput, NotFound
from lienthong.exchange import actions, lookups, presenters, review_pages
from lienthong.exchange.forms import ProposeForm
from lienthong.exchange.models import Source
from lienthong.exchange.review_pages import visible_senders
from lienthong.exchange.signed_in import user_of
from lienthong.exchange.terms.suggestions import suggest_for
from lienthong.registry import reads as registry
from lienthong.results import reads as results
from lienthong.results.reads import UnmappedCode


@login_required
@require_GET
def mappings(request: HttpRequest) -> HttpResponse:
    """List codes that wait, proposals, and mappings that were confirmed."""
    visible = visible_senders(request)
    rows = presenters.mapping_rows(lookups.mappings(visible.values()), user_id=user_of(request).pk)
    context = {
        "waiting": _waiting(visible, rows),
        "proposed": _open(rows),
        "of_others": sum(not row.is_own for row in _open(rows)),
        "confirmed": [row for row in rows if row.mapping.confirmed_at],
    }
    return render(request, "exchange/mapping_list.html", context)


@login_required
@require_GET
def mappings_file(request: HttpRequest) -> HttpResponse:
    """Give proposals and mappings as a workbook; `?table=waiting` gives the codes that wait."""
    visible = visible_senders(request)
    rows = presenters.mapping_rows(lookups.mappings(visible.values()), user_id=user_of(request).pk)
    if request.GET.get("table") == "waiting":
        cells = [presenters.waiting_cells(sender, code) for sender, code in _waiting(visible, rows)]
        return excel_response("codes-without-mapping", presenters.waiting_header(), cells)
    return excel_response("code-mappings", presenters.mapping_header(), [row.cells() for row in rows])


@login_required
@require_GET
def mapping_history(request: HttpRequest) -> HttpResponse:
    """Show every row that was recorded of a code: `?source=SX&code=GLUC`; `&format=xlsx` gives a workbook."""
    visible = visible_senders(request)
    source, code = visible.get(request.GET.get("source", "")), request.GET.get("code", "")
    rows = presenters.history_rows(lookups.mapping_history(source, code), user_id=user_of(request).pk) if source else []
    if source is None or not rows:
        raise NotFound(_("Nothing was recorded of this code."))
    if request.GET.get("format") == "xlsx":
        return excel_response("mapping-history", presenters.history_header(), [row.cells() for row in rows])
    return render(request, "exchange/mapping_history.html", {"sender": source, "code": code, "rows": rows})


@login_required
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """Show what is known of a waiting code and take a proposal of what it means."""
    user, today = user_of(request), timezone.localdate()
    asked = {name: request.GET.get(name, "") for name in ("source", "code", "system")}
    visible = visible_senders(request)
    code = lookups.unmapped_code(
        visible, source=asked["source"], local_code=asked["code"], local_system=asked["system"]
    )
    form = _form(visible[code.source], code, today, data=request.POST or None)
    if form.is_valid() and _propose(form, code, by=user):
        return review_pages.proposed(request, "exchange:mappings")
    context = proposal_context(visible[code.source], code, on=today, form=form)
    return render(request, "exchange/mapping_propose.html", context)


@login_required
@require_POST
def confirm(request: HttpRequest, mapping_id: int) -> HttpResponse:
    """Confirm another person's proposal; what waited for it is replayed."""
    count = actions.confirm_mapping(mapping_id, by=user_of(request), at=timezone.now())
    return review_pages.confirmed(request, "exchange:mappings", replayed=count)


@login_required
@require_POST
def decline(request: HttpRequest, mapping_id: int) -> HttpResponse:
    """Decline a proposal."""
    actions.decline_mapping(mapping_id, by=user_of(request), at=timezone.now())
    return review_pages.declined(request, "exchange:mappings")


def proposal_context(
    sender: Source, code: UnmappedCode, *, on: dt.date, form: ProposeForm | None = None
) -> dict[str, object]:
    """Gather what the form of a proposal shows."""
    suggestions = suggest_for(code, on=on)
    waiting = results.held_spread(source=code.source, local_code=code.local_code, local_system=code.local_system)
    return {
        "sender": sender,
        "code": code,
        "suggestions": presenters.suggestion_rows(suggestions),
        "waiting_numbers": presenters.spread_rows(waiting),
        "form": form or _form(sender, code, on),
    }


def _waiting(visible: Mapping[str, Source], rows: list[presenters.MappingRow]) -> list[tuple[Source, UnmappedCode]]:
    """Return the codes that wait and of which no proposal tells the meaning, each with its sender."""
    proposed = {(row.mapping.source.code, row.mapping.local_code, row.mapping.local_system) for row in _open(rows)}
    return [
        (visible[one.source], one)
        for one in results.unmapped_codes(sources=list(visible))
        if (one.source, one.local_code, one.local_system) not in proposed
    ]


def _form(sender: Source, code: UnmappedCode, on: dt.date, data: object = None) -> ProposeForm:
    analytes = sorted(registry.analytes().values(), key=lambda one: (one.group, one.key))
    own = registry.procedures(laboratory_ids=list(registry.laboratories_of(sender.facility_id)), on=on).values()
    return ProposeForm(
        data,
        analytes=[(one.key, f"{one.name} ({one.key}, {one.unit or '–'})") for one in analytes],
        procedures=[(one.code, f"{one.code}: {one.analyte.name}, {one.instrument}") for one in own],
        initial={"valid_from": code.first_asked_on},
    )


def _propose(form: ProposeForm, code: UnmappedCode, *, by: User) -> bool:
    """Propose; what is refused stands beside the field."""
    try:
        actions.propose_mapping(
            source=code.source,
            local_code=code.local_code,
            local_system=code.local_system,
            analyte=form.cleaned_data["analyte"],
            procedure=form.cleaned_data["procedure"],
            equipment=form.cleaned_data["equipment"],
            specimen=form.cleaned_data["specimen"],
            valid_from=form.cleaned_data["valid_from"],
            by=by,
            at=timezone.now(),
        )
    except BadInput as refused:
        form.take_faults(refused.findings)
        return False
    return True


def _open(rows: list[presenters.MappingRow]) -> list[presenters.MappingRow]:
    return [row for row in rows if row.mapping.confirmed_at is None]
