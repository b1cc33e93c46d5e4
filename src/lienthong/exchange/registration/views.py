"""The pages of senders: the list, one sender with its history, registering and changing, and trying a message."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from lienthong.core import audit
from lienthong.core.export import Cell, excel_response
from lienthong.errors import BadInput, Conflict, NotFound
from lienthong.exchange import lookups
from lienthong.exchange.models import Source
from lienthong.exchange.permissions import sees_unknown
from lienthong.exchange.processing.rehearsal import rehearse_bytes
from lienthong.exchange.querysets import EVERYWHERE
from lienthong.exchange.registration import actions, presenters
from lienthong.exchange.registration.forms import SenderForm, TryForm
from lienthong.exchange.signed_in import user_of
from lienthong.findings import Finding
from lienthong.registry import reads as registry
from lienthong.registry.reads import Access
from lienthong.results import reads as results
from lienthong.results.reads import UnknownSender


@login_required
@require_GET
def senders(request: HttpRequest) -> HttpResponse:
    """List the registered senders, and those that sent without being registered."""
    access = _operator(request)
    rows = presenters.sender_rows(lookups.operated(access), access.facilities_as("administrator"))
    context = {"rows": rows, "unknown": _unknown(access), "may_register": "administrator" in access.roles}
    return render(request, "exchange/sender_list.html", context)


@login_required
@require_GET
def senders_file(request: HttpRequest) -> HttpResponse:
    """Give the registered senders as a workbook; `?table=unknown` gives those that are not."""
    access = _operator(request)
    if request.GET.get("table") == "unknown":
        cells: list[list[Cell]] = [[one.sender, one.messages, one.since, one.last] for one in _unknown(access)]
        return excel_response("unknown-senders", presenters.unknown_header(), cells)
    rows = presenters.sender_rows(lookups.operated(access), frozenset())
    return excel_response("senders", presenters.sender_header(), [row.cells() for row in rows])


@login_required
@require_GET
def sender(request: HttpRequest, code: str) -> HttpResponse:
    """Show one sender and what was changed of it by whom."""
    access = _operator(request)
    row = lookups.operated_source(access, code)
    events = audit.history(object_kind="source", object_key=row.code)
    context = {
        "row": presenters.sender_rows([row], access.facilities_as("administrator"))[0],
        "history": presenters.history_rows(events),
    }
    return render(request, "exchange/sender_detail.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Register a sender, with `?message=` prefilled from a message that was refused for it."""
    access = _administrator(request)
    facilities = {
        key: one for key, one in registry.facilities(on=timezone.localdate()).items() if key in _administered(access)
    }
    unknown = _unknown(access)
    first = _refused(request, unknown)
    initial = {"default_charset": "utf-8", **presenters.first_values(first, facilities)}
    form = _form(request, access, initial=initial)
    if form.is_valid() and _register(request, form):
        return redirect("exchange:sender", form.cleaned_data["code"])
    waiting = next((one for one in unknown if first and one.sender == first.sender), None)
    return _shown(request, form, {"waiting": waiting})


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Change a registered sender."""
    access = _administrator(request)
    row = lookups.operated_source(access, code)
    form = _form(request, access, initial=presenters.values_of(row), row=row)
    if form.is_valid() and _register(request, form):
        return redirect("exchange:sender", row.code)
    return _shown(request, form, {"row": row})


@login_required
@require_http_methods(["GET", "POST"])
def try_message(request: HttpRequest) -> HttpResponse:
    """Take a message and say what would become of it; nothing is kept."""
    access = _operator(request)
    form = TryForm(request.POST, request.FILES) if request.method == "POST" else TryForm()
    trial = None
    if request.method == "POST" and form.is_valid():
        reception, outcome = rehearse_bytes(form.message(), at=timezone.now())
        if reception.arrival.source:
            lookups.operated_source(access, reception.arrival.source)
        trial = presenters.trial(reception, outcome)
    status = 422 if form.errors else 200
    return render(request, "exchange/sender_try.html", {"form": form, "trial": trial}, status=status)


def _form(request: HttpRequest, access: Access, *, initial: dict[str, str], row: Source | None = None) -> SenderForm:
    places = sorted(
        registry.facilities(_administered(access), on=timezone.localdate()).values(), key=lambda one: one.code
    )
    laboratories = [
        (str(key), f"{place.name}: {name}")
        for place in places
        for key, name in registry.laboratories_of(place.id).items()
    ]
    return SenderForm(
        request.POST if request.method == "POST" else None,
        facilities=[(one.code, f"{one.name} ({one.code})") for one in places],
        laboratories=laboratories,
        initial=initial,
        is_registered=row is not None,
    )


def _register(request: HttpRequest, form: SenderForm) -> bool:
    """Register or change; what is refused stands beside the field."""
    entry = form.entry()
    try:
        done = actions.register_and_replay(entry, by=user_of(request), at=timezone.now())
    except BadInput as refused:
        form.take_faults(refused.findings)
        return False
    except Conflict as refused:
        form.take_faults([Finding("sending_application", refused.code, str(refused))])
        return False
    messages.success(request, _words(done))
    return True


def _words(done: actions.Registered) -> str:
    replayed = ngettext(
        "%(number)d message that it was refused is replayed.",
        "%(number)d messages that it was refused are replayed in order.",
        done.replayed,
    )
    unproven = ngettext(
        "%(number)d message came without the certificate and stays refused.",
        "%(number)d messages came without the certificate and stay refused.",
        done.unproven,
    )
    left = ngettext(
        "%(number)d message that it was refused waits for one who operates the region.",
        "%(number)d messages that it was refused wait for one who operates the region.",
        done.left,
    )
    several = ((done.replayed, replayed), (done.unproven, unproven), (done.left, left))
    first = _("The sender is registered.") if done.is_new else _("The sender is changed.")
    return " ".join([first, *(told % {"number": number} for number, told in several if number)])


def _shown(request: HttpRequest, form: SenderForm, context: dict[str, object]) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "exchange/sender_form.html", {"form": form, **context}, status=status)


def _refused(request: HttpRequest, unknown: list[UnknownSender]) -> results.InboxFacts | None:
    """Return the message that the form is prefilled from: one of an unknown sender that the user may see."""
    asked = request.GET.get("message", "")
    found = results.inbox_message(int(asked)) if asked.isdecimal() and len(asked) < 20 else None
    if asked and (found is None or found.sender not in {one.sender for one in unknown}):
        raise NotFound(_("There is no such message."))
    return found


def _unknown(access: Access) -> list[UnknownSender]:
    return results.unknown_senders() if sees_unknown(access) else []


def _administered(access: Access) -> frozenset[int]:
    return access.facilities_as("administrator")


def _operator(request: HttpRequest) -> Access:
    return registry.check_role(user_of(request), *EVERYWHERE, on=timezone.localdate())


def _administrator(request: HttpRequest) -> Access:
    return registry.check_role(user_of(request), "administrator", on=timezone.localdate())
