"""Serves descriptions to programs: public, and for clients of any origin."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from lienthong.core.openapi.building import Json


def serving(description: Callable[[], Json]) -> Callable[[HttpRequest], HttpResponse]:
    """Return the view that gives a description."""

    @csrf_exempt
    @require_GET
    def served(request: HttpRequest) -> HttpResponse:
        answer = JsonResponse(description())
        answer.headers["Access-Control-Allow-Origin"] = "*"
        return answer

    return served
