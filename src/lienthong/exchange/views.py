"""The pages of the exchange: what is held and why, one message, replay and setting aside."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lienthong.core.export import excel_response
from lienthong.exchange import actions, lookups, presenters
from lienthong.exchange.forms import AffirmForm, SetAsideForm
from lienthong.exchange.held_list import (
    GroupRow,
    HeldPage,
    filter_of,
    group_asked,
    held_header,
    held_page,
)
from lienthong.exchange.models import Source
from lienthong.exchange.signed_in import user_of
from lienthong.exchange.terms.mapping_views import proposal_context
from lienthong.registry.reads import Access, check_role
from lienthong.results import reads as results

OPERATORS = ("operator", "administrator")


@login_required
@require_GET
def held(request: HttpRequest) -> HttpResponse:
    """List what is held and refused by sender and reason, as far as it is asked for, with one group open."""
    access = _access(request)
    page, visible = _held_page(access, request.GET.dict())
    context: dict[str, object] = {"page": page, "now": timezone.now(), "may_register": _may_register(access)}
    if page.chosen and page.chosen.code:
        context |= _code_detail(page.chosen, visible)
    elif page.chosen:
        context["messages_of_group"] = presenters.message_rows(_messages_of(page.chosen))
    return render(request, "exchange/held_list.html", context)


@login_required
@require_GET
def held_file(request: HttpRequest) -> HttpResponse:
    """Give the groups that are asked for as a workbook, all pages of them."""
    page, _visible = _held_page(_access(request), request.GET.dict())
    rows = [row.cells() for part in (page.held, page.refused) for row in part.paginator.object_list]
    return excel_response("held-messages", held_header(), rows)


@login_required
@require_GET
def message(request: HttpRequest, inbox_id: int) -> HttpResponse:
    """Show one message as received, without the patient's fields."""
    facts, source = lookups.message(user_of(request), inbox_id, at=timezone.now())
    page = presenters.message_page(facts, source, with_patient=False)
    context = {"page": page, "may_register": _may_register(_access(request))}
    return render(request, "exchange/message_detail.html", context)


@login_required
@require_POST
def patient_fields(request: HttpRequest, inbox_id: int) -> HttpResponse:
    """Show one message with the patient's fields; the reading is in the access log before the page is."""
    facts = actions.open_patient_fields(inbox_id, by=user_of(request), at=timezone.now())
    _facts, source = lookups.message(user_of(request), inbox_id, at=timezone.now())
    page = presenters.message_page(facts, source, with_patient=True)
    context = {"page": page, "may_register": _may_register(_access(request))}
    return render(request, "exchange/message_detail.html", context)


@login_required
@require_POST
def replay(request: HttpRequest, inbox_id: int) -> HttpResponse:
    """Send one message through the worker again."""
    count = actions.replay_message(inbox_id, by=user_of(request), at=timezone.now())
    _say_replayed(request, count)
    return redirect("exchange:message", inbox_id)


@login_required
@require_POST
def replay_group(request: HttpRequest) -> HttpResponse:
    """Send the messages of a group through the worker again, in order of arrival; none where the group is gone."""
    page, _visible = _held_page(_access(request), request.POST.dict())
    ids = _ids_of(page.chosen) if page.chosen and group_asked(request.POST.dict()) else []
    count = actions.replay_messages(ids, by=user_of(request), at=timezone.now())
    _say_replayed(request, count)
    return redirect(f"{reverse('exchange:held')}?{filter_of(request.GET.dict()).query}".rstrip("?"))


@login_required
@require_http_methods(["GET", "POST"])
def affirm(request: HttpRequest, inbox_id: int) -> HttpResponse:
    """Ask who said that the values were changed back, then let the held message be stored as a correction."""
    facts, source = lookups.message(user_of(request), inbox_id, at=timezone.now())
    form = AffirmForm(request.POST or None)
    if form.is_valid():
        count = actions.affirm_message(inbox_id, why=form.cleaned_data["why"], by=user_of(request), at=timezone.now())
        _say_replayed(request, count)
        return redirect("exchange:message", inbox_id)
    page = presenters.message_page(facts, source, with_patient=False)
    context = {"page": page, "form": form}
    return render(request, "exchange/message_affirm.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def set_aside(request: HttpRequest, inbox_id: int) -> HttpResponse:
    """Ask for a reason, then close a held message."""
    facts, source = lookups.message(user_of(request), inbox_id, at=timezone.now())
    form = SetAsideForm(request.POST or None)
    if form.is_valid():
        actions.set_aside_message(inbox_id, why=form.cleaned_data["why"], by=user_of(request), at=timezone.now())
        messages.success(request, _("The message is set aside; those behind it go on."))
        return redirect("exchange:held")
    page = presenters.message_page(facts, source, with_patient=False)
    context = {"page": page, "form": form}
    return render(request, "exchange/message_set_aside.html", context, status=422 if form.errors else 200)


def _access(request: HttpRequest) -> Access:
    """Return what the user may reach; raise NotAllowed for who operates nothing."""
    return check_role(user_of(request), *OPERATORS, on=timezone.localdate())


def _held_page(access: Access, asked: dict[str, str]) -> tuple[HeldPage, dict[str, Source]]:
    """Return what is asked for, and the senders that the user sees."""
    now = timezone.now()
    visible = lookups.sources(access)
    operated = lookups.operated_codes(access, visible)
    groups = results.held_groups(sources=operated, refused_since=presenters.refused_since(now))
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    counts = results.received_and_stored(since=midnight, sources=operated)
    return held_page(groups, counts, visible, asked, at=now), visible


def _may_register(access: Access) -> bool:
    """Tell whether the user has the page on which senders are registered."""
    return "administrator" in access.roles


def _code_detail(chosen: GroupRow, visible: dict[str, Source]) -> dict[str, object]:
    """Gather what is known of a code that waits: clues, suggestions, the form, and one of its messages."""
    group = chosen.group
    today = timezone.localdate()
    code = lookups.unmapped_code(
        visible, source=group.source, local_code=group.local_code, local_system=group.local_system
    )
    sender = visible[group.source]
    context = proposal_context(sender, code, on=today)
    ids = results.messages_waiting_for_code(
        source=group.source, local_code=group.local_code, local_system=group.local_system, limit=1
    )
    first = results.inbox_message(ids[0]) if ids else None
    if first:
        raw = presenters.raw_message(first, sender, codes=[group.local_code])
        context |= {"first": first, "raw": raw}
    return context


def _messages_of(chosen: GroupRow) -> list[results.InboxFacts]:
    return results.held_messages(chosen.group, refused_since=presenters.refused_since(timezone.now()))


def _ids_of(chosen: GroupRow) -> list[int]:
    group = chosen.group
    if group.local_code:
        return results.messages_waiting_for_code(
            source=group.source, local_code=group.local_code, local_system=group.local_system
        )
    return results.held_message_ids(group, refused_since=presenters.refused_since(timezone.now()))


def _say_replayed(request: HttpRequest, count: int) -> None:
    words = ngettext("%(number)d message is replayed.", "%(number)d messages are replayed in order.", count)
    messages.success(request, words % {"number": count})
