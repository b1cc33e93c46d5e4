"""What an answer tells of resources that its caller may not read, and how each is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.http import HttpResponse
from tests.integration.exchange.fhir.conftest import Json, System
from tests.integration.exchange.fhir.foreign import CALLERS, PUBLIC, Foreign, without

from lienthong.exchange.fhir.kinds import KINDS
from lienthong.interop.fhir.r4.search import (
    DateValue,
    NumberValue,
    QuantityValue,
    ReferenceValue,
    SearchValue,
    StringValue,
    TokenValue,
    UriValue,
    search_values,
)

REFUSED, READERS = CALLERS[:6], CALLERS[6:]  # whose token gives nothing of patients, and whose does
FOREIGN = READERS[:-1]  # they ask in the name of another facility
SCOPE_OF_TYPE = "Organization"


def callers(foreign: Foreign, right: str) -> dict[str, System]:
    """Return every kind of caller; `right` lacks the named one (c, r, u, d, s)."""
    return {name: foreign.systems[name] for name in CALLERS} | {"right": without(right, foreign.facility)}


def is_let_in(caller: str, kind: str) -> bool:
    """Whether a caller is answered by a read or a search of a kind, be it with nothing."""
    return caller in READERS or (caller, kind) == ("type", SCOPE_OF_TYPE)


def refusal(caller: str) -> int:
    """Return the status by which a caller is refused who is not let in."""
    return 403 if caller in ("type", "right") else 401


def strings(value: object) -> Iterator[str]:
    """Yield all texts of a JSON, but for the links of a page, which repeat what was asked."""
    if isinstance(value, dict):
        for key, one in value.items():
            if key != "link" or "relation" not in json.dumps(one):
                yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)
    elif isinstance(value, str):
        yield value


def named(body: Json, foreign: Foreign) -> set[str]:
    """Return the labels of the laboratory's resources whose name or reference is in a body, in whatever place."""
    tails = {"/".join(text.split("/_history")[0].split("/")[-2:]) for text in strings(body)}
    tails |= {f"{one['resourceType']}/{one['id']}" for one in resources(body)}
    return {
        label
        for label, held in foreign.held.items()
        if not tails.isdisjoint((f"{held.kind}/{held.other_id}", f"{held.kind}/{held.own_id}"))
    }


def resources(value: object) -> Iterator[Json]:
    """Yield all resources in a JSON that have an id."""
    if isinstance(value, dict):
        if "resourceType" in value and "id" in value:
            yield value
        for one in value.values():
            yield from resources(one)
    elif isinstance(value, list):
        for one in value:
            yield from resources(one)


def leaks(answer: HttpResponse, foreign: Foreign, caller: str) -> set[str]:
    """Return what an answer holds that its caller may not read: labels, texts that are the laboratory's, a count."""
    if not answer.content:
        return set()
    body, readable = answer.json(), foreign.readable(caller) if caller in READERS else PUBLIC
    found = {label for label in named(body, foreign) if label not in readable}
    if readable == PUBLIC:
        is_open = ("zz-number", "zz-place")  # of what tells of no patient
        found |= {text for text in strings(body) if "zz-" in text and not any(one in text for one in is_open)}
    if body.get("type") == "searchset" and "total" in body and body["total"] != len(matches(body)):
        found.add(f"total {body['total']}")
    return found


def matches(body: Json) -> list[Json]:
    """Return the resources of a page that are found, not those that come beside them."""
    return [one["resource"] for one in body.get("entry", []) if one["search"]["mode"] == "match"]


def asked_values(foreign: Foreign) -> Iterator[tuple[str, str, str, str]]:
    """Yield label, kind, parameter and a value by which each held resource is found: all that R4 lets it be found by.

    References are asked for by the names that others use.
    """
    for label, held in foreign.held.items():
        resource = foreign.systems["owner"].get(f"{held.kind}/{held.own_id}").json()
        for code, values in search_values(resource, held.kind).items():
            for value in values[:1] if code in KINDS[held.kind].parameters else ():
                for modifier, text in _written(value, foreign):
                    if text:  # a concept may be told by its text alone
                        yield label, held.kind, code + modifier, text.replace(",", "\\,")


def _written(value: SearchValue, foreign: Foreign) -> Iterator[tuple[str, str]]:
    if isinstance(value, TokenValue):
        yield "", f"{value.system}|{value.code}" if value.system else value.code
        yield from ((":text", text) for text in value.texts)
    elif isinstance(value, DateValue) and value.start:
        yield "", f"ge{value.start.isoformat()}"
    elif isinstance(value, StringValue):
        yield ":contains", value.text[1:]
    elif isinstance(value, UriValue):
        yield "", value.text
    elif isinstance(value, QuantityValue | NumberValue):
        yield "", "ge0"
    elif isinstance(value, ReferenceValue) and value.type:
        held = foreign.held.get(f"{value.type}/{value.id}")
        yield "", f"{value.type}/{held.other_id if held else value.id}"
