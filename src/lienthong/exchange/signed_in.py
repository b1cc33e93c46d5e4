"""Who is signed in on a page of the exchange, and which facilities he or she administers."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django.utils import timezone

from lienthong.core.models import User
from lienthong.registry import reads as registry
from lienthong.registry.reads import FacilityFacts


def user_of(request: HttpRequest) -> User:
    """Return who is signed in; the pages are behind `login_required`."""
    return cast(User, request.user)


def administered(request: HttpRequest) -> dict[int, FacilityFacts]:
    """Return the facilities that the user administers, by key; raise NotAllowed for one who administers none."""
    on = timezone.localdate()
    access = registry.check_role(user_of(request), "administrator", on=on)
    return registry.facilities(access.facilities_as("administrator"), on=on)
