"""The OpenAPI 3.1 description of what other parties fetch of the verifiable log."""

from __future__ import annotations

from functools import lru_cache

from lienthong.core.openapi.building import (
    ERRORS,
    JSON,
    STRING,
    TEXT,
    Json,
    answered,
    document,
    itself,
    parameter,
    reference,
)

_ABOUT = (
    "The log of digests of reports, in the shape of RFC 6962: anyone keeps its signed checkpoints and checks that it "
    "only grows. Nothing of any report is told. docs/log.md says how to check from files alone."
)
_SIZE: Json = {"type": "integer", "minimum": 0}
_HASH: Json = {"type": "string", "contentEncoding": "base64"}
_CONSISTENCY: Json = {
    "type": "object",
    "description": "The proof that the log of `second` leaves begins with that of `first` (RFC 6962, 2.1.2).",
    "required": ["first", "second", "first_root", "second_root", "proof"],
    "properties": {
        "first": _SIZE,
        "second": _SIZE,
        "first_root": _HASH,
        "second_root": _HASH,
        "proof": {"type": "array", "items": _HASH},
    },
}


@lru_cache(maxsize=1)
def description() -> Json:
    """Return the description."""
    error = {JSON: reference("schemas", "Error")}
    not_there = answered("There is no checkpoint of that size yet.", error)
    not_allowed = answered("The address does not take this method.", error)
    sizes = [parameter(name, "path", "a number of leaves", _SIZE) for name in ("first", "second")]
    paths = {
        "/log/checkpoint": _get(
            "checkpoint", "The newest checkpoint, a signed note", TEXT, STRING, not_there, not_allowed
        ),
        "/log/cosigned": _get(
            "cosigned", "The newest checkpoint that a witness has cosigned", TEXT, STRING, not_there, not_allowed
        ),
        "/log/key": _get("key", "The key by which checkpoints are checked", TEXT, STRING, None, not_allowed),
        "/log/consistency/{first}/{second}": _get(
            "consistency",
            "That the log has only grown",
            JSON,
            reference("schemas", "Consistency"),
            not_there,
            not_allowed,
        ),
        "/log/openapi.json": itself(not_allowed),
    }
    paths["/log/consistency/{first}/{second}"]["get"]["parameters"] = sizes
    return document(
        "verifiable log", _ABOUT, paths=paths, components={"schemas": {"Consistency": _CONSISTENCY, **ERRORS}}
    )


def _get(name: str, summary: str, form: str, schema: Json, not_there: Json | None, not_allowed: Json) -> Json:
    missing = {"404": not_there} if not_there else {}
    responses = {"200": answered("It.", {form: schema}), **missing, "405": not_allowed}
    return {"get": {"operationId": name, "summary": summary, "responses": responses}}
