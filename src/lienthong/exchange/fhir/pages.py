"""The description of the interface, for programs and for people; both are public."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from lienthong.core.openapi.pages import FieldRow, Operation, operations
from lienthong.exchange.fhir.answers import takes
from lienthong.exchange.fhir.definitions import definitions
from lienthong.exchange.fhir.openapi import ROOT, description


@dataclass(frozen=True, slots=True)
class KindTable:
    """A type of resource with what it is searched by, beyond what every type is."""

    name: str
    parameters: tuple[FieldRow, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """A definition of the house: its address here, its canonical URL, and what it says."""

    address: str
    url: str
    title: str
    told: str


@takes("GET", is_negotiated=False)
def openapi(request: HttpRequest) -> HttpResponse:
    """Give the description."""
    return JsonResponse(description())


@takes("GET", is_negotiated=False)
def page(request: HttpRequest) -> HttpResponse:
    """Show the description: requests once for all types, then each type with its search parameters."""
    found = operations(description())
    shared = {row.name for one in found if one.path == f"{ROOT}/{{type}}" for row in one.parameters}
    context = {
        "operations": [one for one in found if _is_of_all(one)],
        "kinds": [_table(one, shared) for one in found if one.method == "GET" and one.told == "" and _is_search(one)],
        "published": [_published(one) for several in definitions().values() for one in several],
    }
    return render(request, "exchange/fhir_page.html", context)


def _is_of_all(one: Operation) -> bool:
    return "{type}" in one.path or "$" in one.path or one.path in (ROOT, f"{ROOT}/metadata")


def _is_search(one: Operation) -> bool:
    return one.path.removeprefix(f"{ROOT}/").isalpha() and one.path != f"{ROOT}/metadata"


def _table(one: Operation, shared: set[str]) -> KindTable:
    own = tuple(row for row in one.parameters if row.name not in shared)
    return KindTable(one.path.removeprefix(f"{ROOT}/"), own)


def _published(one: dict[str, object]) -> Published:
    address = f"{ROOT}/{one['resourceType']}/{one['id']}"
    return Published(address, str(one["url"]), str(one["title"]), str(one["description"]))
