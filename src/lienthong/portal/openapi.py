"""The OpenAPI 3.1 description of CDS Hooks 2.0 as it is answered here, and of the page behind a report's code."""

from __future__ import annotations

from functools import lru_cache

from lienthong.core.openapi.building import (
    ERRORS,
    HTML,
    JSON,
    SCHEME,
    STRING,
    Json,
    answered,
    body,
    document,
    itself,
    parameter,
    reference,
    refusals,
    text,
)
from lienthong.interop.cds_hooks import HOOKS, SUMMARY_LIMIT
from lienthong.portal.hooks import NUMBER_LENGTH

_ABOUT = (
    "The system in which a clinician orders asks which earlier results stand (CDS Hooks 2.0), and tells what became of "
    "the answer. The code on a printed report leads to a page that proves it. docs/exchange.md, docs/log.md."
)
_REASONS = {
    "401": "The assertion proves nothing; the message says why.",
    "403": "The system may not call, or its facility is not known.",
    "404": "There is no such service.",
    "405": "The address does not take this method.",
    "412": "What is needed was not prefetched.",
    "422": "The body is not what the hook asks for; each finding says where.",
}
_OBJECT: Json = {"type": "object"}
_RESOURCE: Json = {"type": "object", "required": ["resourceType"], "properties": {"resourceType": STRING}}
_CODING: Json = {"type": "object", "properties": {"code": STRING, "system": STRING, "display": STRING}}
_CONTEXT: Json = {
    "type": "object",
    "required": ["userId", "patientId", "draftOrders"],
    "properties": {
        "userId": text(200),
        "patientId": STRING,
        "encounterId": STRING,
        "selections": {"type": "array", "items": STRING, "description": "of order-select: the drafts just chosen"},
        "draftOrders": {
            "type": "object",
            "required": ["resourceType"],
            "properties": {"resourceType": {"const": "Bundle"}, "entry": {"type": "array", "items": _OBJECT}},
        },
    },
}
_REQUEST: Json = {
    "type": "object",
    "required": ["hook", "hookInstance", "context"],
    "properties": {
        "hook": {"type": "string", "enum": list(HOOKS)},
        "hookInstance": text(NUMBER_LENGTH),
        "fhirServer": STRING,
        "context": _CONTEXT,
        "prefetch": {"type": "object", "properties": {"patient": _RESOURCE, "encounter": _RESOURCE}},
    },
}
_CARD: Json = {
    "type": "object",
    "required": ["uuid", "summary", "indicator", "source"],
    "properties": {
        "uuid": STRING,
        "summary": text(SUMMARY_LIMIT - 1),
        "detail": {"type": "string", "description": "Markdown"},
        "indicator": {"type": "string", "enum": ["info", "warning", "critical"]},
        "source": {"type": "object", "required": ["label"], "properties": {"label": STRING, "url": STRING}},
        "suggestions": {"type": "array", "items": _OBJECT},
        "selectionBehavior": {"type": "string", "enum": ["any"]},
        "overrideReasons": {"type": "array", "items": _CODING},
        "links": {"type": "array", "items": _OBJECT},
    },
}
_CARDS: Json = {
    "type": "object",
    "required": ["cards"],
    "properties": {"cards": {"type": "array", "items": reference("schemas", "Card")}},
}
_FEEDBACK: Json = {
    "type": "object",
    "required": ["feedback"],
    "properties": {
        "feedback": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["card", "outcome", "outcomeTimestamp"],
                "properties": {
                    "card": {"type": "string", "description": "its uuid"},
                    "outcome": {"type": "string", "enum": ["accepted", "overridden"]},
                    "outcomeTimestamp": {"type": "string", "format": "date-time"},
                    "acceptedSuggestions": {
                        "type": "array",
                        "items": {"type": "object", "required": ["id"], "properties": {"id": STRING}},
                    },
                    "overrideReason": {"type": "object", "properties": {"reason": _CODING, "userComment": STRING}},
                },
            },
        }
    },
}


@lru_cache(maxsize=1)
def description() -> Json:
    """Return the description."""
    service = parameter("service_id", "path", "an id that discovery lists", text(100))
    scheme = {"type": "http", "scheme": "bearer", "description": "a JWT signed for this one call, with cds-hooks/call"}
    services = {
        "type": "object",
        "required": ["services"],
        "properties": {"services": {"type": "array", "items": _OBJECT}},
    }
    paths = {
        "/cds-services": {
            "get": {
                "operationId": "discovery",
                "summary": "List the services",
                "security": [],
                "responses": {"200": answered("The services.", {JSON: services}), **_refused("405")},
            }
        },
        "/cds-services/{service_id}": {
            "post": _post(
                "call", "Ask which earlier results stand", service, "Request", answered("Cards.", {JSON: _CARDS})
            )
        },
        "/cds-services/{service_id}/feedback": {
            "post": _post(
                "feedback", "Tell what became of cards", service, "Feedback", answered("Kept.", {JSON: _OBJECT})
            )
        },
        "/cds-services/openapi.json": itself(_refused("405")["405"]),
        "/p/{token}/": {"get": _proof()},
    }
    schemas = {"Request": _REQUEST, "Card": _CARD, "Feedback": _FEEDBACK, **ERRORS}
    components = {"schemas": schemas, "securitySchemes": {SCHEME: scheme}}
    return document("order check and proof", _ABOUT, paths=paths, components=components, needs_token=True)


def _post(name: str, summary: str, service: Json, sent: str, answer: Json) -> Json:
    return {
        "operationId": name,
        "summary": summary,
        "parameters": [service],
        "requestBody": body({JSON: reference("schemas", sent)}),
        "responses": {"200": answer, **_refused("401", "403", "404", "405", "412", "422")},
    }


def _proof() -> Json:
    page = {HTML: STRING}
    return {
        "operationId": "proof",
        "summary": "Prove a printed report, on a page for people",
        "security": [],
        "parameters": [parameter("token", "path", "as the code on the report has it", text(200))],
        "responses": {
            "200": answered("Laboratory, date, status and mark, and that the report is in the log.", page),
            "404": answered(
                "There is no report with this address.", {HTML: STRING, JSON: reference("schemas", "Error")}
            ),
            "405": answered("The page is only read."),
        },
    }


def _refused(*codes: str) -> Json:
    return refusals(_REASONS, codes, {JSON: reference("schemas", "Error")})
