"""`$export`, its status, its files (HL7 FHIR Bulk Data Access, STU 2): each a view of the FHIR interface."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import parse_qsl
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import http_date

from lienthong.core.access import OVERSIGHT_EXPORT, ScopeMissing
from lienthong.exchange.bulk.actions import ask_for_export, check_scopes, remove_export
from lienthong.exchange.bulk.asking import Pairs, pairs_of, read_wish
from lienthong.exchange.bulk.files import ExportFiles, unpacked
from lienthong.exchange.bulk.kinds import kinds_of
from lienthong.exchange.bulk.lookups import export_of, file_of
from lienthong.exchange.bulk.manifest import manifest, progress, why_failed
from lienthong.exchange.bulk.models import BulkExport
from lienthong.exchange.fhir.answers import body_of, outcome_answer, takes
from lienthong.exchange.fhir.callers import FhirCaller, fhir_caller
from lienthong.exchange.fhir.errors import NotHere
from lienthong.exchange.fhir.preferences import preferences_of
from lienthong.interop.fhir import Issue

NDJSON = "application/fhir+ndjson"
SOONEST, LATEST = 2, 120  # seconds until the next question, as an export goes on


@takes("GET", "POST")
def export(request: HttpRequest) -> HttpResponse:
    """Begin an export of all that the system may read."""
    return _begin(request, patients_only=False)


@takes("GET", "POST")
def export_patients(request: HttpRequest) -> HttpResponse:
    """Begin an export of what is about patients."""
    return _begin(request, patients_only=True)


@takes("GET", "DELETE", is_negotiated=False)
def status(request: HttpRequest, key: UUID) -> HttpResponse:
    """Say how far an export is, or what it is made of; DELETE stops it, or deletes its files."""
    caller = fhir_caller(request, at=timezone.now())
    row = _own(key, caller)
    if request.method == "DELETE":
        files = ExportFiles.of_installation()
        remove_export(key, client_id=row.client_id, files=files, by=caller.user, at=caller.at)
        return outcome_answer(request, [_said("the export is removed")], status=HTTPStatus.ACCEPTED)
    _check_all(row, row.kinds, caller)
    if row.state == BulkExport.State.FAILED:
        issue = Issue("error", "exception", "", why_failed(row))
        return outcome_answer(request, [issue], status=HTTPStatus.INTERNAL_SERVER_ERROR)
    if row.state == BulkExport.State.COMPLETE and row.expires_at:
        body = json.dumps(manifest(row, base=_base(request)), ensure_ascii=False)
        expires = {"Expires": http_date(row.expires_at.timestamp()), **_PRIVATE}
        return HttpResponse(body, content_type="application/json", headers=expires)
    waits = {"X-Progress": progress(row), "Retry-After": str(_seconds(row, at=caller.at)), **_PRIVATE}
    return HttpResponse(status=HTTPStatus.ACCEPTED, headers=waits)


@takes("GET", is_negotiated=False)
def file(request: HttpRequest, key: UUID, name: str) -> HttpResponseBase:
    """Give one file of a complete export, by gzip where that is taken."""
    caller = fhir_caller(request, at=timezone.now())
    row = _own(key, caller)
    one = file_of(row, name)
    if one is None:
        raise NotHere.because("not-found", "the export has no such file")
    _check_all(row, row.kinds if one.is_message else [one.kind], caller)
    path = ExportFiles.of_installation().path(row.key, row.attempt, one.name)
    headers = {"Vary": "Accept-Encoding, Authorization", **_PRIVATE}
    if not path.exists():
        raise NotHere.because("not-found", "the file was deleted; ask for another export")
    if _takes_gzip(request.headers.get("Accept-Encoding", "")):
        headers["Content-Encoding"] = "gzip"
        return FileResponse(path.open("rb"), content_type=NDJSON, headers=headers)
    headers["Content-Length"] = str(one.size)
    lines: Iterable[bytes] = unpacked(path) if request.method == "GET" else ()
    return StreamingHttpResponse(lines, content_type=NDJSON, headers=headers)


_PRIVATE = {"Cache-Control": "no-store"}


def _begin(request: HttpRequest, *, patients_only: bool) -> HttpResponse:
    caller = fhir_caller(request, at=timezone.now())
    is_oversight = OVERSIGHT_EXPORT in caller.caller.scopes
    offered = kinds_of(patients_only=patients_only, is_oversight=is_oversight)
    preferences = preferences_of(request.headers.get("Prefer", ""))
    wish = read_wish(_pairs(request), preferences=preferences, offered=offered)
    kinds = wish.kinds or [one for one in offered if caller.caller.may(one, "r") and caller.caller.may(one, "s")]
    if not kinds:
        raise ScopeMissing("system/*.rs")
    address = request.build_absolute_uri()
    row = ask_for_export(wish, kinds=kinds, request=address, caller=caller, by=caller.user, at=caller.at)
    place = {"Content-Location": f"{_base(request)}/exports/{row.key}"}
    issue = _said("the export is begun; the header Content-Location says where to ask for it")
    return outcome_answer(request, [issue], status=HTTPStatus.ACCEPTED, headers=place)


def _own(key: UUID, caller: FhirCaller) -> BulkExport:
    """Return an export of the very system that calls, whose files have not been deleted."""
    row = export_of(caller.caller.client_id, key, at=caller.at)
    if row is None:
        raise NotHere.because("not-found", "there is no such export, or its files were deleted")
    return row


def _check_all(row: BulkExport, kinds: Iterable[str], caller: FhirCaller) -> None:
    """Raise ScopeMissing unless the token would let the same be exported now."""
    if row.is_oversight:
        caller.caller.check_scope(OVERSIGHT_EXPORT)
    for kind in kinds:
        check_scopes(caller, kind)


def _pairs(request: HttpRequest) -> Pairs:
    asked = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)
    if request.method == "POST" and request.body:
        asked += pairs_of(body_of(request))
    return asked


def _seconds(row: BulkExport, *, at: dt.datetime) -> int:
    """Return when to ask again: a tenth of the time that it has taken so far."""
    taken = (at - row.asked_at).total_seconds()
    return min(max(SOONEST, int(taken / 10)), LATEST)


def _takes_gzip(header: str) -> bool:
    """Whether a header Accept-Encoding names gzip, and not as refused (RFC 9110, 12.5.3)."""
    for part in header.split(","):
        name, _semicolon, weight = part.replace(" ", "").lower().partition(";q=")
        if name in ("gzip", "*"):
            return weight not in ("0", "0.0", "0.00", "0.000")
    return False


def _said(message: str) -> Issue:
    return Issue("information", "informational", "", message)


def _base(request: HttpRequest) -> str:
    return request.build_absolute_uri("/fhir")
