"""The OpenAPI 3.1 description of the interface, made of the structs that read what comes and write what is answered."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from lienthong.core.openapi.building import JSON, answered, bearer, body, document, itself, parameter, refusals, text
from lienthong.exchange.deliveries.answers import SHAPES, DeliveryAnswer, ErrorAnswer, ReceiptAnswer
from lienthong.exchange.deliveries.report_form import DeliveryForm, ReportForm
from lienthong.interop.vn_xml import GatewayAnswer

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
_TYPES = (DeliveryForm, ReportForm, ReceiptAnswer, DeliveryAnswer, GatewayAnswer, ErrorAnswer)
_ABOUT = (
    "Systems of laboratories push reports here. A call is answered at once with a transaction number; the reports are "
    "stored one by one after that, and what became of each is asked for under the number. The same bytes again are the "
    "same delivery."
)


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """Return the description."""
    schemas, components = msgspec.json.schema_components(_TYPES, ref_template="#/components/schemas/{name}")
    form, report, receipt, delivery, gateway, _error = schemas
    receipt, delivery = {"anyOf": [receipt, gateway]}, {"anyOf": [delivery, gateway]}
    paths = {
        "/api/deliveries": {"post": _push(form, report, receipt)},
        "/api/deliveries/{number}": {"get": _poll(delivery)},
        "/api/openapi.json": itself(_errors("405")["405"]),
    }
    scheme = bearer("access token of /auth/token, with the scope delivery/write or delivery/read")
    parts = {"schemas": components, "securitySchemes": scheme}
    return document("deliveries", _ABOUT, paths=paths, components=parts, needs_token=True)


def _push(form: dict[str, Any], report: dict[str, Any], receipt: dict[str, Any]) -> dict[str, Any]:
    raw = {kind: {"type": "string", "format": "binary"} for kind in RAW_TYPES}
    return {
        "operationId": "push",
        "summary": "Hand in reports",
        "description": "JSON; a PDF with its metadata as multipart; or a file of another kind as it is.",
        "parameters": [
            parameter(
                "source", "query", "code of the sender; may be left out where the facility has one only", text(60)
            ),
            _SHAPE,
            parameter("Idempotency-Key", "header", "of your own; with other bytes it is refused", text(200)),
        ],
        "requestBody": body({JSON: form, MULTIPART: _multipart(report), **raw}),
        "responses": {
            "202": answered("Received; the number is in the answer and in Location.", {JSON: receipt}, _LOCATED),
            "200": answered("The same bytes came before; nothing changed.", {JSON: receipt}, _LOCATED),
            **_errors("400", "401", "403", "404", "405", "409", "413", "415", "422"),
        },
    }


def _multipart(report: dict[str, Any]) -> dict[str, Any]:
    metadata = {**report, "description": "the report without `document`"}
    pdf = {"type": "string", "format": "binary", "description": "the PDF"}
    return {
        "type": "object",
        "required": ["metadata", "document"],
        "properties": {"metadata": metadata, "document": pdf},
    }


def _poll(delivery: dict[str, Any]) -> dict[str, Any]:
    after = "place of the last report that was seen, as `next` gives it"
    return {
        "operationId": "poll",
        "summary": "Ask what became of a delivery",
        "parameters": [
            parameter("number", "path", "the transaction number", text(40)),
            parameter("after", "query", after, {"type": "integer", "minimum": 0, "maximum": 2_000_000_000}),
            _SHAPE,
        ],
        "responses": {
            "200": answered("How far it is.", {JSON: delivery}),
            **_errors("401", "403", "404", "405", "422"),
        },
    }


_SHAPE = parameter(
    "answer",
    "query",
    "gateway: in the shape of Viet Nam's insurance gateway, with the findings of all reports",
    {"enum": [*SHAPES]},
)
_LOCATED = {"Location": "where it is asked for"}
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
    return refusals(_REASONS, codes, {JSON: {"$ref": "#/components/schemas/ErrorAnswer"}})
