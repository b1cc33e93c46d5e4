"""Parameters in the description: those of searches by their type, those of the page, of addresses and of conditions."""

from __future__ import annotations

from collections.abc import Mapping

from lienthong.core.openapi.building import STRING, Json, parameter, reference
from lienthong.exchange.fhir.kinds import KINDS, Kind
from lienthong.exchange.fhir.query import MOST, USUAL
from lienthong.exchange.fhir.values import told_modifiers
from lienthong.interop.fhir import r4

TYPE = "a type of R4 that laboratories do not exchange; it is searched by what all resources have"
# R4, Search: how a value of each type is written.
_WRITTEN: Mapping[str, str] = {
    "date": "ge2026-11-20; eq ne gt lt ge le sa eb ap before the time, or nothing",
    "number": "gt5; eq ne gt lt ge le sa eb ap before the number, or nothing",
    "quantity": "gt5.4, 5.4|http://unitsofmeasure.org|mmol/L, 5.4||mmol/L",
    "reference": "id or Type/id",
    "string": "begins any word, without case and marks",
    "token": "code, system|code, system| or |code",
    "uri": "the whole URI",
}
_HEADERS: Mapping[str, str] = {
    "If-Match": 'the version that is changed, such as W/"3"',
    "If-None-Exist": "a search; where something of yours meets it, nothing is created",
    "If-None-Match": 'the version that you have, such as W/"3"',
    "Prefer": (
        "of a write return=minimal, representation or OperationOutcome; of a search handling=strict or lenient; what is"
        " not known is ignored"
    ),
}
_OF_PAGE: Mapping[str, tuple[str, Json]] = {
    "_count": (
        f"how many a page has, {USUAL} where it is left out",
        {"type": "integer", "minimum": 0, "maximum": MOST},
    ),
    "_sort": ("_lastUpdated or the clinical time of the type; - before it for the newest first", STRING),
    "_include": ("what the matches refer to, as Type:parameter or Type:*", STRING),
    "_revinclude": ("what refers to the matches, as Type:parameter", STRING),
    "_total": ("whether the matches are counted", {"type": "string", "enum": ["none", "estimate", "accurate"]}),
    "_summary": ("count for the number alone", {"type": "string", "enum": ["count", "false"]}),
    "_format": ("json or xml, instead of Accept", {"type": "string", "enum": ["json", "xml"]}),
}
IDENTITY = reference("parameters", "id")
VERSION = reference("parameters", "version")
PREFER = reference("parameters", "Prefer")
PAGE = [reference("parameters", name) for name in _OF_PAGE]


def of_search(kind: Kind | None) -> list[Json]:
    """Return the search parameters of a type; without one, those of every type."""
    found = [] if kind is None else [one for one in kind.parameters.values() if one.code not in _OF_ALL]
    named = [_searched(one) for one in sorted(found, key=lambda one: one.code)]
    return [*named, *(reference("parameters", code) for code in _OF_ALL)]


def in_header(name: str) -> Json:
    """Return a header that a request may have: one that makes it conditional, or says what is preferred."""
    return reference("parameters", name)


def _searched(one: r4.SearchParameter) -> Json:
    modifiers = told_modifiers(one.type)
    written = f"{_WRITTEN[one.type]}; {modifiers}" if modifiers else _WRITTEN[one.type]
    return parameter(one.code, "query", f"{one.type}: {written} ({one.expression})", STRING)


# Every resource has these; Basic has no others.
_OF_ALL: Mapping[str, r4.SearchParameter] = {
    code: one for code, one in sorted(KINDS["Basic"].parameters.items()) if code.startswith("_")
}
# Parameters that many operations share, by the name under which they are referred to.
COMMON: Json = {
    "id": parameter("id", "path", "the id of the resource", {"type": "string", "pattern": "^[A-Za-z0-9.-]{1,64}$"}),
    "version": parameter("version", "path", "the number of the version", {"type": "string", "pattern": "^[0-9]{1,9}$"}),
    **{name: parameter(name, "header", told) for name, told in _HEADERS.items()},
    **{name: parameter(name, "query", told, schema) for name, (told, schema) in _OF_PAGE.items()},
    **{code: _searched(one) for code, one in _OF_ALL.items()},
}
