"""The pages of outlets: the list, one of them with its dispatches and dead letters, and what is done to it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lienthong.core.export import excel_response
from lienthong.errors import BadInput, Conflict, NotFound
from lienthong.exchange.outbound import actions, presenters, reads
from lienthong.exchange.outbound.forms import OutletForm, WhyForm, values_of
from lienthong.exchange.outbound.hl7v2.settings import Hl7Settings, faults
from lienthong.exchange.outbound.presenters import DispatchRow, OutletRow
from lienthong.exchange.outbound.reads import DispatchState, OutletState
from lienthong.exchange.signed_in import administered, user_of
from lienthong.registry import reads as registry
from lienthong.results.outgoing import report_numbers


@login_required
@require_GET
def outlets(request: HttpRequest) -> HttpResponse:
    """List the outlets of one's facilities."""
    return render(request, "exchange/outlet_list.html", {"rows": _rows(request)})


@login_required
@require_GET
def outlets_file(request: HttpRequest) -> HttpResponse:
    """Give the list as a workbook."""
    return excel_response("outlets", presenters.header(), [row.cells() for row in _rows(request)])


@login_required
@require_GET
def outlet(request: HttpRequest, code: str) -> HttpResponse:
    """Show one outlet: how it stands, its dead letters, its newest dispatches, and what was done to it."""
    facts = _own(request, code)
    row = _row(request, facts)
    context = {
        "row": row,
        "settings": presenters.settings_rows(row),
        "dead": _dispatch_rows(reads.dead_letters(facts.id)),
        "dispatches": _dispatch_rows(reads.dispatches(facts.id)),
        "history": presenters.history_rows(reads.history(code)),
    }
    return render(request, "exchange/outlet_detail.html", context)


@login_required
@require_GET
def dispatches_file(request: HttpRequest, code: str) -> HttpResponse:
    """Give dead letters and newest dispatches of an outlet as a workbook."""
    facts = _own(request, code)
    dead, newest = reads.dead_letters(facts.id), reads.dispatches(facts.id)
    known = {one.id for one in dead}
    rows = _dispatch_rows([*dead, *(one for one in newest if one.id not in known)])
    return excel_response("dispatches", presenters.dispatch_header(), [row.cells() for row in rows])


@login_required
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Register an outlet of HL7 v2."""
    form = _form(request)
    if request.method == "POST" and _is_valid(form):
        try:
            actions.register_outlet(form.entry(), by=user_of(request), at=timezone.now())
        except BadInput as refused:
            form.take_faults(refused.findings)
        except Conflict as refused:
            form.add_error("code", str(refused))
        else:
            messages.success(request, _("The outlet is registered; what changes from now on goes out."))
            return redirect("exchange:outlet", form.cleaned_data["code"])
    return _shown(request, form, {})


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Change how a receiver of HL7 v2 is reached."""
    facts = _own(request, code)
    if facts.channel != presenters.HL7:
        raise NotFound(_("This outlet is changed by the system that made it."))
    form = _form(request, facts)
    if request.method == "POST" and _is_valid(form):
        entry = form.entry()
        try:
            actions.change_outlet(
                code,
                name=entry.name,
                settings=entry.settings,
                valid_to=entry.valid_to,
                by=user_of(request),
                at=timezone.now(),
            )
        except BadInput as refused:
            form.take_faults(refused.findings)
        else:
            messages.success(request, _("The outlet is changed."))
            return redirect("exchange:outlet", code)
    return _shown(request, form, {"facts": facts})


@login_required
@require_http_methods(["GET", "POST"])
def pause(request: HttpRequest, code: str) -> HttpResponse:
    """Send nothing until it is resumed."""
    facts = _own(request, code)
    form = WhyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        actions.pause_outlet(code, why=form.cleaned_data["why"], by=user_of(request), at=timezone.now())
        messages.success(request, _("The outlet is paused."))
        return redirect("exchange:outlet", code)
    context = {"facts": facts, "form": form}
    return render(request, "exchange/outlet_pause.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def resume(request: HttpRequest, code: str) -> HttpResponse:
    """Send again, from where it stopped."""
    _own(request, code)
    actions.resume_outlet(code, by=user_of(request), at=timezone.now())
    messages.success(request, _("The outlet sends again."))
    return redirect("exchange:outlet", code)


@login_required
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, code: str) -> HttpResponse:
    """End an outlet for good."""
    facts = _own(request, code)
    form = WhyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        actions.end_outlet(code, why=form.cleaned_data["why"], by=user_of(request), at=timezone.now())
        messages.success(request, _("The outlet has ended."))
        return redirect("exchange:outlet", code)
    context = {"facts": facts, "form": form}
    return render(request, "exchange/outlet_end.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def resend_all(request: HttpRequest, code: str) -> HttpResponse:
    """Send all dead letters of an outlet again."""
    _own(request, code)
    count = actions.resend_dead_letters(code, by=user_of(request), at=timezone.now())
    told = ngettext("%(number)s dead letter is sent again.", "%(number)s dead letters are sent again.", count)
    messages.success(request, told % {"number": count})
    return redirect("exchange:outlet", code)


@login_required
@require_POST
def resend(request: HttpRequest, dispatch_id: int) -> HttpResponse:
    """Send one dead letter again."""
    _dispatch, code = _own_dispatch(request, dispatch_id)
    actions.resend_dispatch(dispatch_id, by=user_of(request), at=timezone.now())
    messages.success(request, _("It is sent again."))
    return redirect("exchange:outlet", code)


@login_required
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, dispatch_id: int) -> HttpResponse:
    """Let a dead letter rest with a reason."""
    dispatch, code = _own_dispatch(request, dispatch_id)
    form = WhyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        actions.close_dispatch(dispatch_id, why=form.cleaned_data["why"], by=user_of(request), at=timezone.now())
        messages.success(request, _("The dead letter is closed."))
        return redirect("exchange:outlet", code)
    context = {"code": code, "row": _dispatch_rows([dispatch])[0], "form": form}
    return render(request, "exchange/outlet_close_dispatch.html", context, status=422 if form.errors else 200)


def _is_valid(form: OutletForm) -> bool:
    """Whether the form's fields hold, and what they say together."""
    if form.is_valid():
        form.take_faults(faults(form.settings()))
    return not form.errors


def _form(request: HttpRequest, facts: OutletState | None = None) -> OutletForm:
    places = administered(request)
    choices = sorted((one.code, f"{one.name} ({one.code})") for one in places.values())
    usual = Hl7Settings(port=2575).plain()
    initial = values_of(facts, places[facts.facility_id].code) if facts else usual
    data = request.POST if request.method == "POST" else None
    return OutletForm(data, facilities=choices, initial=initial, is_registered=facts is not None)


def _shown(request: HttpRequest, form: OutletForm, context: dict[str, object]) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "exchange/outlet_form.html", {**context, "form": form}, status=status)


def _rows(request: HttpRequest) -> list[OutletRow]:
    places = administered(request)
    return presenters.outlet_rows(reads.outlets(places), {key: one.name for key, one in places.items()})


def _row(request: HttpRequest, facts: OutletState) -> OutletRow:
    places = administered(request)
    return presenters.outlet_rows([facts], {key: one.name for key, one in places.items()})[0]


def _dispatch_rows(found: list[DispatchState]) -> list[DispatchRow]:
    keys = {int(one.subject) for one in found if one.kind == "report" and one.subject.isdecimal()}
    numbers = report_numbers(keys)
    places = registry.facilities({facility for _number, facility in numbers.values()}, on=timezone.localdate())
    return presenters.dispatch_rows(found, numbers, {key: one.name for key, one in places.items()})


def _own(request: HttpRequest, code: str) -> OutletState:
    """Return an outlet of one of the facilities that the user administers; raise NotFound."""
    places = administered(request)
    facts = reads.outlet(code)
    if facts is None or facts.facility_id not in places:
        raise NotFound(_("There is no such outlet."))
    return facts


def _own_dispatch(request: HttpRequest, dispatch_id: int) -> tuple[DispatchState, str]:
    """Return a dispatch of such an outlet with the outlet's code; raise NotFound."""
    found = reads.dispatch(dispatch_id)
    if found is None:
        administered(request)
        raise NotFound(_("There is no such dispatch."))
    _own(request, found[1])
    return found
