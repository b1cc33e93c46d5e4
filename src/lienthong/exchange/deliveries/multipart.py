"""A PDF and its metadata as one push: the metadata become the report, the PDF its document."""

from __future__ import annotations

import msgspec

from lienthong.errors import BadInput
from lienthong.exchange.deliveries.report_form import DeliveryForm, DocumentForm, decode_report
from lienthong.exchange.deliveries.report_reading import place_of, sentence_of
from lienthong.findings import Finding


def compose(metadata: bytes, document: bytes, *, title: str) -> bytes:
    """Return the push; raise BadInput where the metadata are no report."""
    try:
        report = decode_report(metadata)
    except msgspec.DecodeError as error:
        raise BadInput([Finding(f"metadata: {place_of(error)}", "form", sentence_of(error))]) from error
    except (UnicodeDecodeError, RecursionError):
        raise BadInput([Finding("metadata", "form", "The metadata are not JSON in UTF-8.")]) from None
    if not document:
        raise BadInput([Finding("document", "empty", "The document has no bytes.")])
    report.document = DocumentForm(data=document, title=title[-200:])
    return msgspec.json.encode(DeliveryForm([report]), order="deterministic")
