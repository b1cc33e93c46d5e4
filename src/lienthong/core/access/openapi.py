"""The OpenAPI 3.1 description of the endpoints of authorization (RFC 6749, 7009, 7662, 7523; SMART App Launch 2)."""

from __future__ import annotations

from functools import lru_cache

from lienthong.core.access.discovery import JWT_BEARER
from lienthong.core.access.endpoints import FORM
from lienthong.core.openapi.building import (
    ERRORS,
    JSON,
    STRING,
    Json,
    answered,
    body,
    document,
    itself,
    reference,
    refusals,
)

_ABOUT = (
    "A registered system proves who it is by an assertion signed with its own key, and gets an access token for five "
    "minutes. docs/access.md shows each step."
)
_NEVER_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_ASSERTION: Json = {
    "client_assertion_type": {"type": "string", "enum": [JWT_BEARER]},
    "client_assertion": {"type": "string", "description": "a JWT signed with a registered key, good for one request"},
    "client_id": {"type": "string", "description": "may be left out; else the issuer of the assertion"},
}
_REQUIRED = ["client_assertion_type", "client_assertion"]
_REFUSAL: Json = {
    "type": "object",
    "description": "RFC 6749, 5.2",
    "required": ["error", "error_description"],
    "properties": {"error": STRING, "error_description": STRING},
}
_TOKEN: Json = {
    "type": "object",
    "description": "RFC 6749, 5.1",
    "required": ["access_token", "token_type", "expires_in", "scope"],
    "properties": {
        "access_token": STRING,
        "token_type": {"const": "Bearer"},
        "expires_in": {"type": "integer", "description": "seconds"},
        "scope": {"type": "string", "description": "what was given, which may be less than what was asked for"},
    },
}
_INTROSPECTION: Json = {
    "type": "object",
    "description": "RFC 7662, 2.2; of a token that is not the caller's or over only `active`",
    "required": ["active"],
    "properties": {
        "active": {"type": "boolean"},
        "scope": STRING,
        "client_id": STRING,
        "token_type": {"const": "Bearer"},
        "iat": {"type": "integer"},
        "exp": {"type": "integer"},
    },
}
_REASONS = {
    "400": "The form can't be read, or asks for what is not granted.",
    "401": "The assertion proves nothing; the description says why.",
    "429": "Refused too often in this minute; Retry-After says for how many seconds.",
}


@lru_cache(maxsize=1)
def description() -> Json:
    """Return the description."""
    asked = {"grant_type": {"type": "string", "enum": ["client_credentials"]}, "scope": STRING, **_ASSERTION}
    token = {"token": {"type": "string", "description": "the access token"}, "token_type_hint": STRING, **_ASSERTION}
    not_allowed = answered("The address does not take this method.", {JSON: reference("schemas", "Error")})
    found = answered("The document.", {JSON: {"type": "object", "required": ["token_endpoint", "capabilities"]}})
    paths = {
        "/auth/token": _endpoint("token", "Ask for a token", asked, ["grant_type", "scope"], _TOKEN, not_allowed),
        "/auth/introspect": _endpoint(
            "introspect", "Ask what a token is worth", token, ["token"], _INTROSPECTION, not_allowed
        ),
        "/auth/revoke": _endpoint("revoke", "End a token", token, ["token"], None, not_allowed),
        "/.well-known/smart-configuration": {
            "get": {
                "operationId": "configuration",
                "summary": "Where tokens are given and for what",
                "responses": {"200": found, "405": not_allowed},
            }
        },
        "/auth/openapi.json": itself(not_allowed),
    }
    schemas = {"Token": _TOKEN, "Introspection": _INTROSPECTION, "Refusal": _REFUSAL, **ERRORS}
    return document("authorization", _ABOUT, paths=paths, components={"schemas": schemas})


def _endpoint(
    name: str, summary: str, fields: Json, required: list[str], given: Json | None, not_allowed: Json
) -> Json:
    form: Json = {"type": "object", "required": [*required, *_REQUIRED], "properties": fields}
    content = {JSON: given} if given else None
    refused = refusals(_REASONS, _REASONS, {JSON: reference("schemas", "Refusal")})
    return {
        "post": {
            "operationId": name,
            "summary": summary,
            "requestBody": body({FORM: form}),
            "responses": {"200": answered("Done.", content, _NEVER_KEPT), **refused, "405": not_allowed},
        }
    }
