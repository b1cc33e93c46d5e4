"""The endpoints of authorization and what is published of them."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from lienthong.core.access.discovery import smart_configuration
from lienthong.core.access.endpoints import Asked, Endpoint, answer


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Give an access token to a system that proves who it is."""
    return _answered(request, "token", "core:token")


@csrf_exempt
@require_POST
def introspect(request: HttpRequest) -> HttpResponse:
    """Say what an own token is worth now."""
    return _answered(request, "introspect", "core:introspect")


@csrf_exempt
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """End an own token."""
    return _answered(request, "revoke", "core:revoke")


@csrf_exempt
@require_GET
def smart_document(request: HttpRequest) -> HttpResponse:
    """Publish where tokens are given and for what; public, for clients of any origin."""
    response = JsonResponse(configuration_of(request))
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def configuration_of(request: HttpRequest) -> dict[str, object]:
    """Return the SMART configuration with the addresses by which this request reached the platform."""
    return smart_configuration(
        token=_address(request, "core:token"),
        introspection=_address(request, "core:introspect"),
        revocation=_address(request, "core:revoke"),
    )


def _answered(request: HttpRequest, endpoint: Endpoint, route: str) -> HttpResponse:
    called, of_tokens = _address(request, route), _address(request, "core:token")
    query = request.META.get("QUERY_STRING", "")
    asked = Asked(f"{called}?{query}" if query else called, peer_of(request), request.content_type or "", request.body)
    audiences = tuple(dict.fromkeys((of_tokens, called)))
    given = answer(endpoint, asked, audiences=audiences, at=timezone.now())
    return HttpResponse(given.body, status=given.status, headers=dict(given.headers))


def _address(request: HttpRequest, route: str) -> str:
    return request.build_absolute_uri(reverse(route))


def peer_of(request: HttpRequest) -> str:
    """Return the network address of the caller: behind TLS (LIENTHONG_HTTPS) what the nearest proxy says of it."""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return (forwarded if settings.HTTPS and forwarded else request.META.get("REMOTE_ADDR", ""))[:45]
