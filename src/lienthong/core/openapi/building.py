"""The parts of an OpenAPI 3.1 description: what every interface says alike stands here once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
JSON = "application/json"
TEXT = "text/plain"
HTML = "text/html"
STRING: Json = {"type": "string"}
COMPONENTS = "#/components"
SCHEME = "token"  # the name of the way to prove who calls
# The one shape of errors in JSON (lienthong.config.middleware.error_body).
ERROR: Json = {
    "type": "object",
    "required": ["code", "message", "findings"],
    "properties": {
        "code": {"type": "string", "description": "for the program"},
        "message": {"type": "string", "description": "for people: what was found, what is allowed"},
        "findings": {"type": "array", "items": {"$ref": f"{COMPONENTS}/schemas/Finding"}},
    },
}
FINDING: Json = {
    "type": "object",
    "description": "What is wrong, where, and what is allowed; no value is repeated.",
    "required": ["where", "code", "message"],
    "properties": {"where": STRING, "code": STRING, "message": STRING},
}
ERRORS: Json = {"Error": ERROR, "Finding": FINDING}


def document(title: str, about: str, *, paths: Json, components: Json, needs_token: bool = False) -> Json:
    """Return a description; with `needs_token` every operation without `security` of its own asks for a token."""
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Lienthong: {title}", "version": "1", "description": about},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": components,
        **({"security": [{SCHEME: []}]} if needs_token else {}),
    }


def bearer(told: str) -> Json:
    """Return the security schemes of an interface that takes access tokens."""
    return {SCHEME: {"type": "http", "scheme": "bearer", "description": told}}


def reference(place: str, name: str) -> Json:
    """Return the reference to a component, such as `schemas`, `Error`."""
    return {"$ref": f"{COMPONENTS}/{place}/{name}"}


def parameter(name: str, place: str, told: str, schema: Json | None = None, *, is_required: bool = False) -> Json:
    """Return a parameter; `place` is path, query or header, and one of a path is always required."""
    found: Json = {"name": name, "in": place, "description": told, "schema": schema or STRING}
    return found | ({"required": True} if is_required or place == "path" else {})


def text(longest: int) -> Json:
    """Return the schema of a text of limited length."""
    return {"type": "string", "maxLength": longest}


def answered(told: str, content: Mapping[str, Json] | None = None, headers: Mapping[str, str] | None = None) -> Json:
    """Return an answer: schemas by media type, and what each header says."""
    found: Json = {"description": told}
    if headers:
        found["headers"] = {name: {"description": one, "schema": STRING} for name, one in headers.items()}
    if content:
        found["content"] = {media_type: {"schema": schema} for media_type, schema in content.items()}
    return found


def body(content: Mapping[str, Json], *, is_required: bool = True) -> Json:
    """Return what a request carries: schemas by media type."""
    schemas = {media_type: {"schema": schema} for media_type, schema in content.items()}
    return {"required": is_required, "content": schemas}


def refusals(reasons: Mapping[str, str], codes: Iterable[str], content: Mapping[str, Json]) -> Json:
    """Return the answers with errors of some statuses, each with its reason."""
    return {code: answered(reasons[code], content) for code in codes}


def itself(not_allowed: Json) -> Json:
    """Return the path item of the description; `not_allowed` is what another method is answered."""
    return {
        "get": {
            "operationId": "description",
            "summary": "This description",
            "security": [],
            "responses": {"200": answered("The description.", {JSON: {"type": "object"}}), "405": not_allowed},
        }
    }
