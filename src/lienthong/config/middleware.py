"""What every answer carries, and how the project's errors become pages."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from lienthong.core.access import NotAuthenticated
from lienthong.errors import BadInput, Conflict, LienthongError, NotAllowed, NotFound

Answer = Callable[[HttpRequest], HttpResponse]

STATUS: dict[type[LienthongError], HTTPStatus] = {
    NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    LienthongError: HTTPStatus.BAD_REQUEST,
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


def content_security_policy(get_response: Answer) -> Answer:
    """Allow nothing from elsewhere, and no script or style written into a page."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return answer


class ErrorsAsPages:
    """Turn the project's errors into a page, or into JSON for a caller that asks for it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, LienthongError):
            return None
        response = _shown(request, error)
        if challenge := getattr(error, "challenge", ""):
            response.headers["WWW-Authenticate"] = challenge  # RFC 6750, section 3
        return response


def _shown(request: HttpRequest, error: LienthongError) -> HttpResponse:
    status = status_of(error)
    wants_json = request.accepts("application/json") and not request.accepts("text/html")
    if wants_json or request.path.startswith(("/cds-services", "/log/", "/api/")):
        return JsonResponse(error_body(error), status=status)
    context = {"status": int(status), "message": str(error), "findings": getattr(error, "findings", ())}
    return render(request, "core/error.html", context, status=status)


def status_of(error: LienthongError) -> HTTPStatus:
    """Return the HTTP status of an error's class, or of the nearest class above it."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def error_body(error: LienthongError) -> dict[str, object]:
    """Return the one shape of errors in JSON."""
    findings = getattr(error, "findings", ())
    listed = [{"where": item.where, "code": item.code, "message": item.message} for item in findings]
    return {"code": error.code, "message": str(error), "findings": listed}


errors_as_pages = ErrorsAsPages
