"""The interactions of R4 (http), each a view: load what may be seen, do one thing, answer in JSON or XML."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from lienthong.exchange.fhir import operations, reading, writing
from lienthong.exchange.fhir.answers import (
    body_of,
    bytes_of,
    native_answer,
    resource_answer,
    takes,
    told,
    version_answer,
    wants_native,
)
from lienthong.exchange.fhir.bundles import history_bundle, searchset
from lienthong.exchange.fhir.callers import FhirCaller, base_of, fhir_caller
from lienthong.exchange.fhir.capability import capability_statement
from lienthong.exchange.fhir.errors import Invalid, NotHere, UnsupportedMedia
from lienthong.exchange.fhir.kinds import KINDS
from lienthong.exchange.fhir.preferences import APPLIED, handling, returned
from lienthong.exchange.fhir.public import openly
from lienthong.exchange.fhir.query import Pairs, parse_search
from lienthong.exchange.fhir.told_in_bodies import Told
from lienthong.interop.fhir import Element

FORM = "application/x-www-form-urlencoded"
NO_ADDRESS = "there is no such address; /fhir/metadata tells which there are"


@takes("GET")
def metadata(request: HttpRequest) -> HttpResponse:
    """Say what the server does; public, as R4 asks."""
    token = request.build_absolute_uri(reverse("core:token"))
    return resource_answer(request, capability_statement(base_of(request), token=token))


@takes("POST")
def root(request: HttpRequest) -> HttpResponse:
    """Carry out a transaction or a batch."""
    caller = fhir_caller(request, at=timezone.now())
    done, applied = writing.transact(
        body_of(request), caller=caller, get=lambda url: _get(url, request, caller), returned=returned(request)
    )
    return resource_answer(request, done, headers=_applied(applied))


@takes("GET", "POST", "PUT")
@openly("s")
def of_kind(request: HttpRequest, kind: str) -> HttpResponse:
    """Search a kind, create one, or update the one that meets a condition."""
    caller = fhir_caller(request, at=timezone.now())
    _check_kind(kind)
    if request.method == "POST":
        asked: Element = {"method": "POST", "url": kind}
        if condition := request.headers.get("If-None-Exist"):
            asked["ifNoneExist"] = condition
        return _saved(request, kind, asked, caller)
    if request.method == "PUT":
        asked = _put(request, f"{kind}?{request.META.get('QUERY_STRING', '')}")
        return _saved(request, kind, asked, caller)
    return _found(request, _searched(_told(kind, request, caller), request, caller))


@takes("POST")
def search_by_form(request: HttpRequest, kind: str) -> HttpResponse:
    """Search with parameters in the body, so that no number of a patient stands in an address."""
    caller = fhir_caller(request, at=timezone.now())
    _check_kind(kind)
    form = bytes_of(request)
    if form and request.content_type != FORM:
        raise UnsupportedMedia.because("not-supported", f"Content-Type must be {FORM}")
    told = _told(kind, request, caller, parse_qsl(form.decode("utf-8", "replace"), keep_blank_values=True))
    return _found(request, _searched(told, request, caller))


@takes("GET", "PUT")
@openly("r")
def instance(request: HttpRequest, kind: str, id_: str) -> HttpResponse:
    """Read one resource, or write it under its id."""
    caller = fhir_caller(request, at=timezone.now())
    _check_kind(kind)
    if request.method == "PUT":
        return _saved(request, kind, _put(request, f"{kind}/{id_}"), caller)
    if id_[:1] in ("_", "$"):
        raise NotHere.because("not-supported", NO_ADDRESS)
    found = reading.read(kind, id_, caller=caller)
    if request.headers.get("If-None-Match") == f'W/"{found.version}"' and not found.is_standing:
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED)
    return native_answer(found) if kind == "Binary" and wants_native(request) else version_answer(request, found)


@takes("GET")
def instance_history(request: HttpRequest, kind: str, id_: str) -> HttpResponse:
    """List the versions of one resource."""
    caller = fhir_caller(request, at=timezone.now())
    _check_kind(kind)
    _check_unasked(request)
    versions = reading.history(kind, id_, caller=caller)
    return resource_answer(request, history_bundle(versions, base=base_of(request)))


@takes("GET")
def version(request: HttpRequest, kind: str, id_: str, version: str) -> HttpResponse:
    """Read one version of a resource."""
    caller = fhir_caller(request, at=timezone.now())
    _check_kind(kind)
    return version_answer(request, reading.read_version(kind, id_, version, caller=caller))


@takes("GET", "POST")
def last_observations(request: HttpRequest) -> HttpResponse:
    """Observation/$lastn: the newest results of each code; asked for by GET, or by POST with Parameters."""
    caller = fhir_caller(request, at=timezone.now())
    body = operations.pairs_of(_parameters(request)) if request.method == "POST" else ()
    told = _told("Observation", request, caller, body)
    page, asked = operations.last_observations(told.pairs, caller=caller, is_lenient=handling(request) == "lenient")
    return _found(request, searchset(page, asked, base=base_of(request), written=told.written))


@takes("POST")
def match_patient(request: HttpRequest) -> HttpResponse:
    """Patient/$match: who a patient is taken to be; nothing is created."""
    caller = fhir_caller(request, at=timezone.now())
    return resource_answer(
        request, operations.match_patient(_parameters(request), caller=caller, base=base_of(request))
    )


@csrf_exempt
@told
def nothing(request: HttpRequest, path: str = "") -> HttpResponse:
    """Answer for addresses that the interface does not have."""
    raise NotHere.because("not-supported", NO_ADDRESS)


def _parameters(request: HttpRequest) -> Element:
    """Return what an operation is called with; raise Unprocessable where it breaks R4."""
    parameters = body_of(request)
    writing.check_resources([parameters])
    return parameters


def _saved(request: HttpRequest, kind: str, asked: Element, caller: FhirCaller) -> HttpResponse:
    """Write one resource and answer as the caller prefers (R4, http, ops, return).

    Where it prefers nothing, the headers alone, unless the outcome has something to tell.
    """
    wanted = returned(request)
    saved = writing.save_one(kind, body_of(request), asked, caller=caller, returned=wanted)
    headers = saved.headers | {"Location": f"{base_of(request)}/{saved.headers['Location']}"}
    headers |= _applied(saved.applied(wanted))
    if told_of_it := saved.shown.element if saved.shown else saved.outcome(wanted):
        return resource_answer(request, told_of_it, status=saved.status, headers=headers)
    answer = HttpResponse(status=saved.status, headers=headers)
    del answer.headers["Content-Type"]  # of no body
    return answer


def _put(request: HttpRequest, url: str) -> Element:
    """Return an update as an entry of a Bundle asks for it, also of one that meets a condition."""
    match = request.headers.get("If-Match")
    asked: Element = {"method": "PUT", "url": url}
    return asked | ({"ifMatch": match} if match else {})


def _applied(preference: str) -> dict[str, str]:
    return {APPLIED: preference} if preference else {}


def _found(request: HttpRequest, bundle: Element) -> HttpResponse:
    """Answer a search, and say how it was taken where the caller had a preference for that."""
    asked = handling(request)
    return resource_answer(request, bundle, headers=_applied(f"handling={asked}" if asked else ""))


def _told(kind: str, request: HttpRequest, caller: FhirCaller, body: Pairs = ()) -> Told:
    return Told.of(kind, caller.caller.client_id, address=_pairs(request), body=body)


def _searched(told: Told, request: HttpRequest, caller: FhirCaller) -> Element:
    asked = parse_search(told.kind, told.pairs, caller=caller, is_lenient=handling(request) == "lenient")
    found = reading.search(asked, caller=caller)
    return searchset(found, asked, base=base_of(request), written=told.written)


def _get(url: str, request: HttpRequest, caller: FhirCaller) -> tuple[HTTPStatus, Element]:
    """Answer a GET inside a Bundle: a read or a search."""
    path, _question, query = url.strip("/").partition("?")
    kind, _slash, id_ = path.partition("/")
    _check_kind(kind)
    if "/" in id_ or id_[:1] in ("_", "$"):
        told = "a GET in a Bundle is a read (Kind/id) or a search (Kind?…); ask for anything else by itself"
        raise NotHere.because("not-supported", told)
    if id_:
        return HTTPStatus.OK, reading.read(kind, id_, caller=caller).element
    pairs = parse_qsl(query, keep_blank_values=True)
    return HTTPStatus.OK, _searched(Told.of(kind, caller.caller.client_id, body=pairs), request, caller)


def _check_unasked(request: HttpRequest) -> None:
    """Refuse parameters of a history, which would tell of fewer versions (R4, http, history); raise Invalid."""
    asked = sorted({name for name, _text in _pairs(request)} - {"_format", "_pretty"})
    if asked and handling(request) != "lenient":
        told = f"a history has all versions, and takes no {', '.join(asked)[:60]}"
        raise Invalid.because("not-supported", told)


def _pairs(request: HttpRequest) -> Pairs:
    return parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise NotHere.because("not-supported", "there is no such type of resource here; see /fhir/metadata")
