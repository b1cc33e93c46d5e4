"""The pages of clinicians, and the first page of everyone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from lienthong.registry.reads import access_of

FIRST_PAGES = (
    ("technician", "iqc:today"),
    ("manager", "iqc:today"),
    ("officer", "recognition:rights"),
    ("clinician", "portal:patients"),
    ("operator", "exchange:held"),
    ("administrator", "registry:facilities"),
)
OPEN_TO_ALL = "recognition:register"


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Lead everyone to the first page of their role, and those without one to the public register."""
    roles = access_of(request.user, on=timezone.localdate()).roles if request.user.is_authenticated else frozenset()
    return redirect(next((page for role, page in FIRST_PAGES if role in roles), OPEN_TO_ALL))
