"""What the pages of code and of control mappings share: whose senders they show, and how a review is answered."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lienthong.exchange import lookups
from lienthong.exchange.models import Source
from lienthong.exchange.signed_in import user_of
from lienthong.registry import reads as registry

MAPPERS = ("operator", "administrator", "manager")


def visible_senders(request: HttpRequest) -> dict[str, Source]:
    """Return by code the senders whose mappings the user may see; raise NotAllowed for who maps nothing."""
    return lookups.sources(registry.check_role(user_of(request), *MAPPERS, on=timezone.localdate()))


def proposed(request: HttpRequest, back: str) -> HttpResponse:
    """Say that a second person is needed, and lead back to the list."""
    messages.success(request, _("The mapping is proposed; a second person confirms it."))
    return redirect(back)


def confirmed(request: HttpRequest, back: str, *, replayed: int) -> HttpResponse:
    """Say how many messages are replayed, and lead back to the list."""
    words = ngettext(
        "The mapping holds; %(number)d message is replayed.",
        "The mapping holds; %(number)d messages are replayed in order.",
        replayed,
    )
    messages.success(request, words % {"number": replayed})
    return redirect(back)


def declined(request: HttpRequest, back: str) -> HttpResponse:
    """Say that a proposal is declined, and lead back to the list."""
    messages.success(request, _("The proposal is declined."))
    return redirect(back)
