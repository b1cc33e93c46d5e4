"""The interface for systems: they push deliveries and ask what became of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

import msgspec
from django.core.exceptions import TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt

from lienthong.core.access import (
    DELIVERY_READ,
    DELIVERY_WRITE,
    Caller,
    NotAuthenticated,
    ScopeMissing,
    caller_of,
)
from lienthong.core.actions import system_user
from lienthong.core.limits import most_delivery_bytes
from lienthong.core.openapi.building import JSON
from lienthong.core.openapi.pages import operations, schemas
from lienthong.errors import BadInput, NotAllowed, NotFound
from lienthong.exchange.deliveries import facts as known
from lienthong.exchange.deliveries.actions import Parcel, receive_delivery
from lienthong.exchange.deliveries.answers import SHAPES, ErrorAnswer, Shape, answer, receipt
from lienthong.exchange.deliveries.multipart import compose
from lienthong.exchange.deliveries.openapi import ACCEPTED, MULTIPART, description
from lienthong.findings import Finding

SYSTEM = "push"
LONGEST_KEY = 200
View = Callable[..., HttpResponse]
BROKEN = (MultiPartParserError, TooManyFieldsSent, TooManyFilesSent)


def only(method: str) -> Callable[[View], View]:
    """Answer another method with an error in the shape of all errors."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, **arguments: str) -> HttpResponse:
            if request.method != method:
                refused = problem(HTTPStatus.METHOD_NOT_ALLOWED, "method", f"This address takes {method} only.")
                refused.headers["Allow"] = method
                return refused
            return view(request, **arguments)

        return guarded

    return decorate


def for_systems(view: View) -> View:
    """Let in who proves to be a registered system, and hand on who it is and when."""

    @wraps(view)
    def guarded(request: HttpRequest, **arguments: str) -> HttpResponse:
        at = timezone.now()
        try:
            caller = caller_of(request, at=at)
            caller.check_scope(DELIVERY_READ if request.method == "GET" else DELIVERY_WRITE)
        except (NotAuthenticated, ScopeMissing) as refused:
            is_known = isinstance(refused, ScopeMissing)
            status = HTTPStatus.FORBIDDEN if is_known else HTTPStatus.UNAUTHORIZED
            response = problem(status, refused.code, str(refused))
            response.headers["WWW-Authenticate"] = refused.challenge
            return response
        return view(request, caller, at, **arguments)

    return guarded


@only("POST")
@for_systems
def push(request: HttpRequest, caller: Caller, at: dt.datetime) -> HttpResponse:
    """Keep what is pushed, and answer with its number."""
    if refused := _too_large(request) or _wrong_type(request):
        return refused
    shape = _shape(request)
    parcel = Parcel(
        data=_content(request),
        entrance="push",
        client=caller.client_id,
        idempotency_key=_key(request),
        language=get_language() or "en",
    )
    received = receive_delivery(parcel, source=_source(request, caller), by=system_user(SYSTEM), at=at)
    href = _address(received.number, shape)
    body = receipt(known.delivery_by_number(received.number), href, is_repeated=received.is_repeated, shape=shape)
    response = _json(body, status=200 if received.is_repeated else 202)
    response.headers["Location"] = href
    return response


@only("GET")
@for_systems
def delivery(request: HttpRequest, caller: Caller, at: dt.datetime, number: str) -> HttpResponse:
    """Say how far a delivery is, and what became of each report."""
    shape, asked = _shape(request), request.GET.get("after", "")
    if asked and not (asked.isascii() and asked.isdecimal() and len(asked) <= 10):
        raise BadInput([Finding("after", "not-a-place", "after must be a number, as `next` gives it.")])
    found = known.delivery_of_facility(number.replace("\0", ""), caller.facility)
    if found is None:
        raise NotFound("there is no such delivery of your facility")
    if shape == "gateway":
        return _json(answer(found, known.reports_of(found.row, limit=found.row.pieces_received), "", shape=shape))
    reports = known.reports_of(found.row, after=int(asked) if asked else -1)
    more = len(reports) == known.PAGE and reports[-1].place + 1 < found.row.pieces_received
    following = _address(number, after=reports[-1].place) if more else ""
    return _json(answer(found, reports, following))


@only("GET")
def openapi(request: HttpRequest) -> HttpResponse:
    """Give the description; public."""
    return _json(msgspec.json.encode(description()))


def page(request: HttpRequest) -> HttpResponse:
    """Show the description to people; public."""
    if request.method != "GET":
        return problem(HTTPStatus.METHOD_NOT_ALLOWED, "method", "This address takes GET only.")
    told = description()
    context = {"operations": operations(told), "schemas": schemas(told), "most": most_delivery_bytes() // 1024**2}
    return render(request, "exchange/api_page.html", context)


@csrf_exempt
def nowhere(request: HttpRequest, **arguments: str) -> HttpResponse:
    """Answer what is asked for elsewhere below the interface."""
    raise NotFound("there is nothing at this address; see /api/")


def problem(status: HTTPStatus, code: str, message: str) -> HttpResponse:
    """Answer with an error in the shape of all errors."""
    return _json(msgspec.json.encode(ErrorAnswer(code, message, [])), status=int(status))


def _shape(request: HttpRequest) -> Shape:
    """Return the shape that is asked for."""
    asked = request.GET.get("answer", SHAPES[0])
    for shape in SHAPES:
        if shape == asked:
            return shape
    raise BadInput([Finding("answer", "not-a-shape", f"answer must be one of: {', '.join(SHAPES)}.")])


def _address(number: str, shape: Shape = "plain", *, after: int | None = None) -> str:
    """Return where a delivery is asked for."""
    asked = ({"after": after} if after is not None else {}) | ({"answer": shape} if shape != "plain" else {})
    return reverse("deliveries:delivery", args=[number], query=asked)


def _json(body: bytes, *, status: int = 200) -> HttpResponse:
    response = HttpResponse(body, content_type=JSON, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _too_large(request: HttpRequest) -> HttpResponse | None:
    """Refuse by the length that is told, before anything is read."""
    told = request.headers.get("Content-Length", "0")
    most = most_delivery_bytes()
    if told.isdecimal() and int(told) <= most:
        return None
    words = f"A delivery has at most {most // 1024**2} MB; send it in parts."
    return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", words)


def _wrong_type(request: HttpRequest) -> HttpResponse | None:
    if request.content_type in ACCEPTED:
        return None
    words = f"Content-Type must be one of: {', '.join(sorted(ACCEPTED))}."
    return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content-type", words)


def _content(request: HttpRequest) -> bytes:
    if request.content_type != MULTIPART:
        return request.body
    try:
        metadata, document = request.POST.get("metadata"), request.FILES.get("document")
        if metadata is None and (sent := request.FILES.get("metadata")):
            metadata = sent.read().decode("utf-8", errors="replace")
    except BROKEN:
        raise BadInput([Finding("body", "multipart", "The parts of the body can't be read.")]) from None
    if metadata is None or document is None:
        told = "multipart/form-data must have a part `metadata` (JSON) and a file `document` (PDF)."
        raise BadInput([Finding("body", "multipart", told)])
    return compose(metadata.encode(), document.read(), title=document.name or "")


def _key(request: HttpRequest) -> str:
    key = request.headers.get("Idempotency-Key", "").replace("\0", "")
    if len(key) > LONGEST_KEY:
        told = f"Idempotency-Key must have at most {LONGEST_KEY} characters."
        raise BadInput([Finding("Idempotency-Key", "too-long", told)])
    return key


def _source(request: HttpRequest, caller: Caller) -> str:
    """Return the source that is named, or the facility's only one."""
    own = [one for one in known.sources_of_facility(caller.facility) if caller.may_deliver_for(one)]
    named = request.GET.get("source", "")
    if named:
        if named not in own:
            raise NotAllowed(
                "no sender of this code is registered for your facility, or the system may not deliver for it"
            )
        return named
    if len(own) == 1:
        return own[0]
    told = "name the sender by ?source=; your facility has none or several"
    raise BadInput([Finding("source", "source", told)])
