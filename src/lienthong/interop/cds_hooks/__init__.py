"""CDS Hooks 2.0: requests at order-select and order-sign, cards, discovery, feedback."""

from lienthong.interop.cds_hooks._cards import (
    SUMMARY_LIMIT,
    Card,
    Coding,
    DeleteAction,
    Indicator,
    Link,
    Source,
    Suggestion,
    to_json,
)
from lienthong.interop.cds_hooks._feedback import CardOutcome, Feedback, read_feedback
from lienthong.interop.cds_hooks._json import Json, JsonObject
from lienthong.interop.cds_hooks._request import (
    HOOKS,
    DraftOrder,
    Hook,
    Patient,
    PatientIdentifier,
    PatientName,
    Request,
    read_request,
)
from lienthong.interop.cds_hooks._service import PREFETCH, Service, services_document

__all__ = [
    "HOOKS",
    "PREFETCH",
    "SUMMARY_LIMIT",
    "Card",
    "CardOutcome",
    "Coding",
    "DeleteAction",
    "DraftOrder",
    "Feedback",
    "Hook",
    "Indicator",
    "Json",
    "JsonObject",
    "Link",
    "Patient",
    "PatientIdentifier",
    "PatientName",
    "Request",
    "Service",
    "Source",
    "Suggestion",
    "read_feedback",
    "read_request",
    "services_document",
    "to_json",
]
