"""The pages of the witnesses of the log: the list, adding one, and removing one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lienthong.core.export import excel_response
from lienthong.core.log.identity import log_key
from lienthong.core.log.reads import head
from lienthong.core.log.witnesses import witnesses
from lienthong.errors import BadInput, Conflict, NotFound
from lienthong.exchange.outbound.forms import WhyForm
from lienthong.exchange.signed_in import user_of
from lienthong.exchange.witnesses import actions, presenters
from lienthong.exchange.witnesses.forms import WitnessForm
from lienthong.exchange.witnesses.permissions import ADMINISTRATOR, check_may_change
from lienthong.registry.reads import administers_region, check_role


@login_required
@require_GET
def witness_list(request: HttpRequest) -> HttpResponse:
    """List the witnesses with what each cosigned last, and say loudly where one knows another log."""
    access = check_role(user_of(request), ADMINISTRATOR, on=timezone.localdate())
    rows = presenters.witness_rows(witnesses())
    context = {
        "rows": rows,
        "disagreeing": [row for row in rows if row.disagrees],
        "may_change": administers_region(access),
        "newest": head(),
        "key": str(log_key()),
    }
    return render(request, "exchange/witness_list.html", context)


@login_required
@require_GET
def witnesses_file(request: HttpRequest) -> HttpResponse:
    """Give the list as a workbook."""
    check_role(user_of(request), ADMINISTRATOR, on=timezone.localdate())
    rows = presenters.witness_rows(witnesses())
    return excel_response("witnesses", presenters.header(), [row.cells() for row in rows])


@login_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add a witness."""
    check_may_change(user_of(request), at=timezone.now())
    form = WitnessForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.add_witness(form.entry(), by=user_of(request), at=timezone.now())
        except BadInput as refused:
            form.take_faults(refused.findings)
        except Conflict as refused:
            form.add_error("key", str(refused))
        else:
            messages.success(request, _("The witness is added and is handed the next checkpoint."))
            return redirect("exchange:witnesses")
    context = {"form": form, "key": str(log_key())}
    return render(request, "exchange/witness_form.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, witness_id: int) -> HttpResponse:
    """Remove a witness, with a reason."""
    check_may_change(user_of(request), at=timezone.now())
    facts = next((one for one in witnesses() if one.id == witness_id), None)
    if facts is None:
        raise NotFound(_("There is no such witness."))
    form = WhyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        actions.remove_witness(witness_id, why=form.cleaned_data["why"], by=user_of(request), at=timezone.now())
        messages.success(request, _("The witness is removed."))
        return redirect("exchange:witnesses")
    context = {"facts": facts, "form": form}
    return render(request, "exchange/witness_remove.html", context, status=422 if form.errors else 200)
