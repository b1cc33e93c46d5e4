"""What every answer carries, how HEAD is answered, and how the project's errors become pages."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

from lienthong.core.access import NotAuthenticated
from lienthong.core.limits import is_out_of_time
from lienthong.errors import BadInput, Conflict, LienthongError, NotAllowed, NotFound, TookTooLong

Answer = Callable[[HttpRequest], HttpResponse]

STATUS: dict[type[LienthongError], HTTPStatus] = {
    NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    TookTooLong: HTTPStatus.SERVICE_UNAVAILABLE,
    LienthongError: HTTPStatus.BAD_REQUEST,
}
# Interfaces whose words are read by engineers.
_FOR_PROGRAMS = ("/log/", "/api/", "/auth/", "/.well-known/")
# What Django answers by itself, before a view is asked.
_OF_DJANGO = {
    HTTPStatus.BAD_REQUEST: ("bad-request", "the request can't be read"),
    HTTPStatus.NOT_FOUND: ("not-found", "there is nothing at this address"),
    HTTPStatus.METHOD_NOT_ALLOWED: ("method", "the address does not take this method; Allow names those it takes"),
}
POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


def head_as_get(get_response: Answer) -> Answer:
    """Answer HEAD as GET at every address; the web server leaves the content out (RFC 9110, section 9.3.2)."""

    def answer(request: HttpRequest) -> HttpResponse:
        asked = request.method
        request.method = "GET" if asked == "HEAD" else asked
        response = get_response(request)
        request.method = asked
        return response

    return answer


def content_security_policy(get_response: Answer) -> Answer:
    """Allow nothing from elsewhere, and no script or style written into a page; keep nothing of who is signed in.

    The next one at a ward's computer must not find patients' pages behind the back button, nor a proxy keep them.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return answer


class LanguageOfReader(LocaleMiddleware):
    """Choose the language of an answer: what the reader chose or asks for, else that of the installation.

    Programs that call an interface and ask for no language we have are answered in English: its words are for the
    engineer who connects them. Cards of CDS Hooks and names in FHIR are for the clinician: they go by the installation.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if request.path.startswith(_FOR_PROGRAMS) and not _asks_for_a_language(request):
            translation.activate("en")
            request.LANGUAGE_CODE = "en"


class ErrorsAsPages:
    """Turn the project's errors into a page, or into JSON for a caller that asks for it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in _OF_DJANGO and _is_of_interface(request) and not _is_json(response):
            return _reshaped(response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if is_out_of_time(error):
            error = TookTooLong(_("This takes longer than one answer may. Ask for less at once, such as fewer days."))
        if not isinstance(error, LienthongError):
            return None
        response = _shown(request, error)
        if challenge := getattr(error, "challenge", ""):
            response.headers["WWW-Authenticate"] = challenge  # RFC 6750, section 3
        return response


def _shown(request: HttpRequest, error: LienthongError) -> HttpResponse:
    status = status_of(error)
    wants_json = request.accepts("application/json") and not request.accepts("text/html")
    if wants_json or _is_of_interface(request):
        return JsonResponse(error_body(error), status=status)
    context = {"status": int(status), "message": str(error), "findings": getattr(error, "findings", ())}
    return render(request, "core/error.html", context, status=status)


def _is_of_interface(request: HttpRequest) -> bool:
    return request.path.startswith(("/cds-services", *_FOR_PROGRAMS))


def _asks_for_a_language(request: HttpRequest) -> bool:
    """Whether a reader chose a language on a page, or a header names one of ours."""
    if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME):
        return True
    asked = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    return any(_has(language) for language, weight in asked if language != "*" and weight)


def _has(language: str) -> bool:
    try:
        return bool(get_supported_language_variant(language))
    except LookupError:
        return False


def _is_json(response: HttpResponse) -> bool:
    return response.headers.get("Content-Type", "").startswith("application/json")


def _reshaped(response: HttpResponse) -> JsonResponse:
    """Give what Django itself refuses at an interface for programs the shape of all its errors."""
    code, message = _OF_DJANGO[HTTPStatus(response.status_code)]
    kept = {name: value for name, value in response.headers.items() if name == "Allow"}
    body = {"code": code, "message": message, "findings": []}
    return JsonResponse(body, status=response.status_code, headers=kept)


def status_of(error: LienthongError) -> HTTPStatus:
    """Return the HTTP status of an error's class, or of the nearest class above it."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def error_body(error: LienthongError) -> dict[str, object]:
    """Return the one shape of errors in JSON."""
    findings = getattr(error, "findings", ())
    listed = [{"where": item.where, "code": item.code, "message": item.message} for item in findings]
    return {"code": error.code, "message": str(error), "findings": listed}


errors_as_pages = ErrorsAsPages
