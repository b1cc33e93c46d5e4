"""The pages of connected systems: the list, one of them, registering, changing, keys, and suspending."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lienthong.core.access import reads
from lienthong.core.access.reads import SystemFacts
from lienthong.core.export import excel_response
from lienthong.errors import BadInput, Conflict, NotFound
from lienthong.exchange.connections import actions, presenters
from lienthong.exchange.connections.forms import EndKeyForm, KeyForm, SuspendForm, SystemForm
from lienthong.exchange.signed_in import administered, user_of


@login_required
@require_GET
def systems(request: HttpRequest) -> HttpResponse:
    """List the connected systems of one's facilities."""
    return render(request, "exchange/system_list.html", {"rows": _rows(request, at=timezone.now())})


@login_required
@require_GET
def systems_file(request: HttpRequest) -> HttpResponse:
    """Give the list as a workbook."""
    rows = _rows(request, at=timezone.now())
    return excel_response("connected-systems", presenters.header(), [row.cells() for row in rows])


@login_required
@require_GET
def system(request: HttpRequest, system_id: int) -> HttpResponse:
    """Show one system: its keys, its last use and refusals, and what was done to it."""
    at = timezone.now()
    facts = _own(request, system_id)
    events, refused = reads.history(facts.entry.client_id), reads.refusals(facts.entry.client_id)
    context = {
        "row": presenters.system_rows([facts], _places(request), at=at)[0],
        "history": presenters.history_rows(events),
        "refusals": presenters.refusal_rows(refused),
    }
    return render(request, "exchange/system_detail.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Register a system with its keys."""
    form, keys = _form(request), KeyForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() & keys.is_valid():
        try:
            actions.register_system(form.entry(), keys=keys.keys_of, by=user_of(request), at=timezone.now())
        except BadInput as refused:
            form.take_faults(refused.findings)
        except Conflict as refused:
            form.add_error("client_id", str(refused))
        else:
            messages.success(request, _("The system is registered."))
            return redirect("exchange:systems")
    return _shown(request, form, {"keys": keys})


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, system_id: int) -> HttpResponse:
    """Change what a system is called and may do."""
    facts = _own(request, system_id)
    form = _form(request, facts)
    if form.is_valid():
        try:
            actions.change_system(form.entry(), by=user_of(request), at=timezone.now())
        except BadInput as refused:
            form.take_faults(refused.findings)
        else:
            messages.success(request, _("The system is changed."))
            return redirect("exchange:system", system_id)
    return _shown(request, form, {"facts": facts})


@login_required
@require_http_methods(["GET", "POST"])
def add_keys(request: HttpRequest, system_id: int) -> HttpResponse:
    """Give a system more keys; the old ones hold on until they are ended."""
    facts = _own(request, system_id)
    form = KeyForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_keys(facts.entry.client_id, form.keys_of, by=user_of(request), at=timezone.now())
        except Conflict as refused:
            form.add_error("jwks", str(refused))
        else:
            messages.success(request, _("The keys are added."))
            return redirect("exchange:system", system_id)
    context = {"facts": facts, "form": form}
    return render(request, "exchange/system_keys.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def end_key(request: HttpRequest, system_id: int, key: int) -> HttpResponse:
    """End a key now, or say until when it holds."""
    at = timezone.now()
    facts = _own(request, system_id)
    found = next((one for one in facts.keys if one.id == key), None)
    if found is None:
        raise NotFound(_("This system has no such key."))
    form = EndKeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        ends_at = form.ends(at=at)
        actions.end_key(facts.entry.client_id, found.key_id, ends_at=ends_at, by=user_of(request), at=at)
        messages.success(request, _("The end of the key is set."))
        return redirect("exchange:system", system_id)
    context = {"facts": facts, "key": found, "form": form}
    return render(request, "exchange/system_end_key.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def suspend(request: HttpRequest, system_id: int) -> HttpResponse:
    """Let a system in no longer."""
    facts = _own(request, system_id)
    form = SuspendForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        why = form.cleaned_data["why"]
        actions.suspend_system(facts.entry.client_id, why=why, by=user_of(request), at=timezone.now())
        messages.success(request, _("The system is suspended."))
        return redirect("exchange:system", system_id)
    context = {"facts": facts, "form": form}
    return render(request, "exchange/system_suspend.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def resume(request: HttpRequest, system_id: int) -> HttpResponse:
    """Let a suspended system in again."""
    facts = _own(request, system_id)
    actions.resume_system(facts.entry.client_id, by=user_of(request), at=timezone.now())
    messages.success(request, _("The system is let in again."))
    return redirect("exchange:system", system_id)


def _form(request: HttpRequest, facts: SystemFacts | None = None) -> SystemForm:
    places = sorted(_places(request).items())
    return SystemForm(
        request.POST if request.method == "POST" else None,
        facilities=[(code, f"{name} ({code})") for code, name in places],
        initial=presenters.values_of(facts) if facts else None,
        is_registered=facts is not None,
    )


def _shown(request: HttpRequest, form: SystemForm, context: dict[str, object]) -> HttpResponse:
    faulty = form.errors or getattr(context.get("keys"), "errors", None)
    return render(request, "exchange/system_form.html", {**context, "form": form}, status=422 if faulty else 200)


def _rows(request: HttpRequest, *, at: dt.datetime) -> list[presenters.SystemRow]:
    places = _places(request)
    return presenters.system_rows(reads.systems(places), places, at=at)


def _own(request: HttpRequest, system_id: int) -> SystemFacts:
    """Return a system of one of the facilities that the user administers; raise NotFound."""
    places = _places(request)
    facts = reads.system(system_id)
    if facts is None or facts.entry.facility not in places:
        raise NotFound(_("There is no such connected system."))
    return facts


def _places(request: HttpRequest) -> dict[str, str]:
    """Return the names of the facilities that the user administers, by code."""
    return {one.code: one.name for one in administered(request).values()}
