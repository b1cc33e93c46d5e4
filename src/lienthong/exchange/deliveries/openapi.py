"""The OpenAPI 3.1 description of the interface, made of the structs that read what comes and write what is answered."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from lienthong.exchange.deliveries.answers import DeliveryAnswer, ErrorAnswer, ReceiptAnswer
from lienthong.exchange.deliveries.report_form import DeliveryForm, ReportForm

JSON = "application/json"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HL7 = "application/hl7-v2"
MULTIPART = "multipart/form-data"
# What may come beside JSON; the bytes themselves tell their kind.
RAW_TYPES = {
    "text/csv": "a filled-in form as CSV, UTF-8 or the sender's registered character set",
    EXCEL: "a filled-in form as a workbook",
    HL7: "HL7 v2: a message, a batch, or messages one after the other",
    "application/xml": "a national format in XML",
    "application/octet-stream": "any of these",
}
ACCEPTED = frozenset({JSON, MULTIPART, *RAW_TYPES, "text/plain", "text/xml", "x-application/hl7-v2+er7"})
NUMBER_PATTERN = r"[0-9]{8}-[0-9a-f]{10}"
_TYPES = (DeliveryForm, ReportForm, ReceiptAnswer, DeliveryAnswer, ErrorAnswer)
_ABOUT = (
    "Systems of laboratories push reports here. A call is answered at once with a transaction number; the reports are "
    "stored one by one after that, and what became of each is asked for under the number. The same bytes again are the "
    "same delivery."
)


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """Return the description."""
    schemas, components = msgspec.json.schema_components(_TYPES, ref_template="#/components/schemas/{name}")
    form, report, receipt, delivery, _error = schemas
    return {
        "openapi": "3.1.0",
        "info": {"title": "Lienthong: deliveries", "version": "1", "description": _ABOUT},
        "servers": [{"url": "/"}],
        "paths": {
            "/api/deliveries": {"post": _push(form, report, receipt)},
            "/api/deliveries/{number}": {"get": _poll(delivery)},
            "/api/openapi.json": {"get": _itself()},
        },
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "access token of /auth/token, with the scope delivery/write or delivery/read",
                }
            },
        },
        "security": [{"token": []}],
    }


def _push(form: dict[str, Any], report: dict[str, Any], receipt: dict[str, Any]) -> dict[str, Any]:
    raw = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in RAW_TYPES}
    return {
        "operationId": "push",
        "summary": "Hand in reports",
        "description": "JSON; a PDF with its metadata as multipart; or a file of another kind as it is.",
        "parameters": [
            _parameter("source", "query", "code of the sender; may be left out where the facility has one only", 60),
            _parameter("Idempotency-Key", "header", "of your own; with other bytes it is refused", 200),
        ],
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": form}, MULTIPART: {"schema": _multipart(report)}, **raw},
        },
        "responses": {
            "202": _answered("Received; the number is in the answer and in Location.", receipt, located=True),
            "200": _answered("The same bytes came before; nothing changed.", receipt, located=True),
            **_errors("400", "401", "403", "404", "405", "409", "413", "415", "422"),
        },
    }


def _multipart(report: dict[str, Any]) -> dict[str, Any]:
    metadata = {**report, "description": "the report without `document`"}
    document = {"type": "string", "format": "binary", "description": "the PDF"}
    return {
        "type": "object",
        "required": ["metadata", "document"],
        "properties": {"metadata": metadata, "document": document},
    }


def _poll(delivery: dict[str, Any]) -> dict[str, Any]:
    number = {"name": "number", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 40}}
    after = {
        "name": "after",
        "in": "query",
        "description": "place of the last report that was seen, as `next` gives it",
        "schema": {"type": "integer", "minimum": 0, "maximum": 2_000_000_000},
    }
    return {
        "operationId": "poll",
        "summary": "Ask what became of a delivery",
        "parameters": [number, after],
        "responses": {"200": _answered("How far it is.", delivery), **_errors("401", "403", "404", "405", "422")},
    }


def _itself() -> dict[str, Any]:
    answered = {"description": "The description.", "content": {JSON: {"schema": {"type": "object"}}}}
    return {
        "operationId": "description",
        "summary": "This description",
        "security": [],
        "responses": {"200": answered, **_errors("405")},
    }


def _parameter(name: str, place: str, told: str, longest: int) -> dict[str, Any]:
    return {"name": name, "in": place, "description": told, "schema": {"type": "string", "maxLength": longest}}


def _answered(told: str, schema: dict[str, Any], *, located: bool = False) -> dict[str, Any]:
    headers = {"Location": {"description": "where it is asked for", "schema": {"type": "string"}}} if located else {}
    return {"description": told, "headers": headers, "content": {JSON: {"schema": schema}}}


_REASONS = {
    "400": "The request can't be read.",
    "401": "No valid access token came with the call.",
    "403": "The system may not do this.",
    "404": "There is no such sender or delivery.",
    "405": "The address does not take this method.",
    "409": "The Idempotency-Key came with other bytes before.",
    "413": "Larger than is taken.",
    "415": "A kind of content that is not taken.",
    "422": "The content is of no kind that is taken, or has faults.",
}


def _errors(*codes: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/ErrorAnswer"}
    return {code: {"description": _REASONS[code], "content": {JSON: {"schema": schema}}} for code in codes}
