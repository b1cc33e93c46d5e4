"""What anyone may read without a token: the definitions that the house publishes, and nothing of a patient."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from lienthong.core.access import NotAuthenticated, Right, caller_of
from lienthong.exchange.fhir.answers import Answer, resource_answer, version_answer
from lienthong.exchange.fhir.bundles import entry
from lienthong.exchange.fhir.definitions import PUBLISHED_KINDS
from lienthong.exchange.fhir.errors import NotHere
from lienthong.exchange.fhir.kinds import KINDS
from lienthong.exchange.fhir.own.few import find_few
from lienthong.exchange.fhir.values import condition_of
from lienthong.interop.fhir import Element
from lienthong.results.search.conditions import Condition, Named

_OF_ANSWER = frozenset(("_format", "_pretty"))


def openly(right: Right) -> Callable[[Answer], Answer]:
    """Answer who may not read a kind with what the house publishes of it; other kinds need the token as ever."""

    def decorate(view: Answer) -> Answer:
        @wraps(view)
        def guarded(request: HttpRequest, kind: str, id_: str = "") -> HttpResponseBase:
            at = timezone.now()
            if kind not in PUBLISHED_KINDS or request.method != "GET" or _may(request, kind, right, at):
                return view(request, kind, id_) if id_ else view(request, kind)
            return _one(request, kind, id_, at) if id_ else _found(request, kind, at)

        return guarded

    return decorate


def _may(request: HttpRequest, kind: str, right: Right, at: dt.datetime) -> bool:
    """Whether a token with the scope came; raise NotAuthenticated for one that does not hold."""
    return "Authorization" in request.headers and caller_of(request, at=at).may(kind, right)


def _one(request: HttpRequest, kind: str, id_: str, at: dt.datetime) -> HttpResponse:
    found = find_few(kind, [Named((), (id_,))], on=timezone.localdate(at))
    if not found:
        raise NotHere.because("not-found", f"no {kind} with this id is published; others need a token")
    return version_answer(request, found[0])


def _found(request: HttpRequest, kind: str, at: dt.datetime) -> HttpResponse:
    pairs = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)
    asked = [(name, text) for name, text in pairs if name not in _OF_ANSWER and text]
    conditions = [_condition(kind, name, text, at) for name, text in asked]
    found = find_few(kind, conditions, on=timezone.localdate(at))
    base = request.build_absolute_uri("/fhir")
    entries: list[Element] = [entry(one, "match", base) for one in found]
    link = {"relation": "self", "url": request.build_absolute_uri()}
    bundle: Element = {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": [link]}
    return resource_answer(request, bundle | ({"entry": entries} if entries else {}))


def _condition(kind: str, name: str, text: str, at: dt.datetime) -> Condition:
    code, _colon, modifier = name.partition(":")
    parameter = KINDS[kind].parameters.get(code)
    if parameter is None or parameter.type == "reference" or modifier == "missing":
        raise NotAuthenticated("Without a token definitions are searched by their own elements only, such as url.")
    if code == "_id":
        return Named((), tuple(text.split(",")))
    return condition_of(parameter, modifier, text, zone=dt.UTC, at=at)
