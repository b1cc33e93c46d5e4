"""Answers of the interface: resources in JSON or XML with their headers, and errors as OperationOutcomes."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt

from lienthong.core.access import NotAuthenticated, ScopeMissing
from lienthong.core.limits import is_out_of_time
from lienthong.errors import BadInput, Conflict, LienthongError, NotAllowed, NotFound
from lienthong.exchange.fhir.errors import NotAcceptable, NotOffered, Refused, TooLarge, UnsupportedMedia
from lienthong.exchange.fhir.shown import Shown
from lienthong.interop.fhir import Element, Issue, IssueCode, Unreadable, issue_of, operation_outcome, r4
from lienthong.results.actions import VersionConflict

JSON, XML = "application/fhir+json", "application/fhir+xml"
# Who names a form by its general type is answered by that (R4, http, mime-type).
GENERAL = {"application/json": JSON, "application/xml": XML}
_FORMS = {JSON: JSON, XML: XML, **GENERAL, "text/json": JSON, "text/xml": XML}
_ANY = frozenset(("*/*", "application/*"))
_VERSION = "4.0"
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
    body = r4.write_xml(element) if form.endswith("xml") else r4.write_json(element)
    answer = HttpResponse(body, content_type=f"{form}; charset=utf-8", status=status)
    for name, value in (headers or {}).items():
        answer.headers[name] = value
    answer.headers["Vary"] = "Accept, Authorization, Prefer"
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
    """Return the media type of the answer: that of `_format`, else what Accept likes best, JSON where all is alike.

    Errors are told in JSON to who accepts nothing that is spoken here; `takes` refuses such a request.
    """
    return _wanted(request) or JSON


def _wanted(request: HttpRequest) -> str:
    """Return the media type that is asked for, empty where none is spoken here (R4, http, mime-type)."""
    if asked := request.GET.get("_format", "").split(";")[0].strip().lower().replace(" ", "+"):
        name = f"application/fhir+{asked}" if asked in ("json", "xml") else asked
        return name if name in GENERAL else _FORMS.get(name, "")
    return _accepted(request)


def _accepted(request: HttpRequest) -> str:
    """Return what Accept likes best of what is spoken here; empty where it can't be read, or names nothing of it."""
    try:
        types = request.accepted_types
    except ValueError:
        return ""
    for one in types:
        name = f"{one.main_type}/{one.sub_type}".lower()
        if name in _ANY:
            return JSON
        if name in _FORMS and one.params.get("fhirversion", _VERSION) == _VERSION:
            return name if name in GENERAL else _FORMS[name]
    return "" if request.headers.get("Accept", "").strip() else JSON


def body_of(request: HttpRequest) -> Element:
    """Read the resource that a request carries; raise Unreadable, TooLarge, and UnsupportedMedia for unknown forms."""
    said = (request.content_type or "").lower()
    form = _FORMS.get(said, JSON if not said or said == "application/octet-stream" else "")
    if not form:
        raise UnsupportedMedia.because("not-supported", f"Content-Type must be {JSON} or {XML}")
    data = bytes_of(request)
    return r4.parse_xml(data) if form == XML else r4.parse_json(data)


def bytes_of(request: HttpRequest) -> bytes:
    """Return the body; raise TooLarge."""
    try:
        return request.body
    except RequestDataTooBig:
        raise TooLarge.because("too-long", "the body is larger than is taken; send it in parts") from None


def takes(*methods: str, is_negotiated: bool = True) -> Callable[[Answer], Answer]:
    """Let these methods and, of what is answered in FHIR, acceptable forms through; refusals are OperationOutcomes."""

    def decorate(view: Answer) -> Answer:
        @csrf_exempt
        @told
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **named: object) -> HttpResponseBase:
            if request.method not in methods:
                raise NotOffered.but(methods)
            # A Binary may be asked for as what it is (R4, Binary).
            if is_negotiated and named.get("kind") != "Binary" and not _wanted(request):
                raise NotAcceptable.because("not-supported", f"answers are {JSON} or {XML}, of FHIR {_VERSION}")
            return view(request, *args, **named)

        return guarded

    return decorate


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
        except OperationalError as error:
            if not is_out_of_time(error):
                raise
            ended = Issue("error", "too-costly", "", "this takes longer than one answer may; ask for less at once")
            return outcome_answer(request, [ended], status=HTTPStatus.SERVICE_UNAVAILABLE)

    return guarded


def status_of(error: LienthongError) -> tuple[HTTPStatus, IssueCode]:
    """Return the status and the kind of issue of an error's class, or of the nearest class above it."""
    return next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)


def _refusal(request: HttpRequest, error: LienthongError) -> HttpResponse:
    status, code = status_of(error)
    findings = [issue_of(one, "error") for one in getattr(error, "findings", ())]
    headers = {"WWW-Authenticate": error.challenge} if isinstance(error, NotAuthenticated | ScopeMissing) else {}
    return outcome_answer(request, findings or [Issue("error", code, "", str(error))], status=status, headers=headers)
