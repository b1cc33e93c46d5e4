"""Answers of the interface: resources in JSON or XML with their headers, and errors as OperationOutcomes."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import http_date

from lienthong.core.access import NotAuthenticated, ScopeMissing
from lienthong.errors import BadInput, Conflict, LienthongError, NotAllowed, NotFound
from lienthong.exchange.fhir.errors import Invalid, Refused
from lienthong.exchange.fhir.showing import Shown
from lienthong.interop.fhir import Element, Issue, IssueCode, Unreadable, issue_of, operation_outcome, r4
from lienthong.results.actions import VersionConflict

JSON, XML = "application/fhir+json", "application/fhir+xml"
_FORMS = {
    **dict.fromkeys(("json", "application/json", JSON, "text/json"), JSON),
    **dict.fromkeys(("xml", "application/xml", XML, "text/xml"), XML),
}
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,80}/[A-Za-z0-9!#$&^_.+-]{1,80}", re.ASCII)
Answer = Callable[..., HttpResponseBase]
_STATUS: Mapping[type[LienthongError], tuple[HTTPStatus, IssueCode]] = {
    NotAuthenticated: (HTTPStatus.UNAUTHORIZED, "login"),
    NotAllowed: (HTTPStatus.FORBIDDEN, "forbidden"),
    NotFound: (HTTPStatus.NOT_FOUND, "not-found"),
    VersionConflict: (HTTPStatus.PRECONDITION_FAILED, "conflict"),
    Conflict: (HTTPStatus.CONFLICT, "conflict"),
    BadInput: (HTTPStatus.UNPROCESSABLE_ENTITY, "processing"),
    LienthongError: (HTTPStatus.BAD_REQUEST, "processing"),
}


def resource_answer(
    request: HttpRequest,
    element: Element,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Write a resource in the form that the request asks for."""
    form = form_of(request)
    body = r4.write_xml(element) if form == XML else r4.write_json(element)
    answer = HttpResponse(body, content_type=f"{form}; charset=utf-8", status=status)
    for name, value in (headers or {}).items():
        answer.headers[name] = value
    answer.headers["Vary"] = "Accept, Authorization"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def version_answer(request: HttpRequest, shown: Shown, *, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    """Write one version, with the headers that name it (R4, http, version)."""
    headers = {"ETag": f'W/"{shown.version}"', "Last-Modified": http_date(shown.changed_at.timestamp())}
    return resource_answer(request, shown.element, status=status, headers=headers)


def wants_native(request: HttpRequest) -> bool:
    """Whether a Binary is asked for as what it is (R4, Binary): Accept names no form of FHIR."""
    accepted = [part.split(";")[0].strip().lower() for part in request.headers.get("Accept", "").split(",")]
    return "_format" not in request.GET and accepted != [""] and not any(one in _FORMS for one in accepted)


def native_answer(shown: Shown) -> HttpResponse:
    """Write the bytes of a Binary as what they are said to be; what a sender made runs nothing and loads nothing."""
    said = str(shown.element.get("contentType", ""))
    media_type = said if _MEDIA_TYPE.fullmatch(said) else "application/octet-stream"
    answer = HttpResponse(b64decode(str(shown.element.get("data", ""))), content_type=media_type)
    answer.headers["ETag"] = f'W/"{shown.version}"'
    answer.headers["Last-Modified"] = http_date(shown.changed_at.timestamp())
    answer.headers["Content-Disposition"] = "attachment"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Vary"] = "Accept, Authorization"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def outcome_answer(
    request: HttpRequest, issues: Iterable[Issue], *, status: HTTPStatus, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    return resource_answer(request, operation_outcome(issues), status=status, headers=headers)


def form_of(request: HttpRequest) -> str:
    """Return JSON or XML: `_format`, else the first of Accept that is known, else JSON (R4, http, mime-type)."""
    asked = request.GET.get("_format", "")
    named = [asked.replace(" ", "+")] if asked else request.headers.get("Accept", "").split(",")
    return next((_FORMS[one] for part in named if (one := part.split(";")[0].strip().lower()) in _FORMS), JSON)


def body_of(request: HttpRequest) -> Element:
    """Read the resource that a request carries; raise Unreadable, and Invalid for a form that is not known."""
    said = (request.content_type or "").lower()
    form = _FORMS.get(said, JSON if not said or said == "application/octet-stream" else "")
    if not form:
        raise Invalid.because("not-supported", f"Content-Type must be {JSON} or {XML}")
    return r4.parse_xml(request.body) if form == XML else r4.parse_json(request.body)


def told(view: Answer) -> Answer:
    """Turn errors into OperationOutcomes."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **named: object) -> HttpResponseBase:
        try:
            return view(request, *args, **named)
        except Unreadable as error:
            return outcome_answer(request, error.issues, status=HTTPStatus.BAD_REQUEST)
        except Refused as error:
            return outcome_answer(request, error.issues, status=error.status, headers=error.headers)
        except LienthongError as error:
            return _refusal(request, error)

    return guarded


def status_of(error: LienthongError) -> tuple[HTTPStatus, IssueCode]:
    """Return the status and the kind of issue of an error's class, or of the nearest class above it."""
    return next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)


def _refusal(request: HttpRequest, error: LienthongError) -> HttpResponse:
    status, code = status_of(error)
    findings = [issue_of(one, "error") for one in getattr(error, "findings", ())]
    headers = {"WWW-Authenticate": error.challenge} if isinstance(error, NotAuthenticated | ScopeMissing) else {}
    return outcome_answer(request, findings or [Issue("error", code, "", str(error))], status=status, headers=headers)
