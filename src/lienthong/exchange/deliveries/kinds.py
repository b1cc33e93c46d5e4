"""The kinds of deliveries, in the order in which their beginnings are asked for. What a text table is comes last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from lienthong.exchange.deliveries import cn_cda, hl7_files, json_push, result_forms, vn_xml
from lienthong.exchange.deliveries.pdf import is_pdf
from lienthong.exchange.deliveries.pieces import Split
from lienthong.exchange.senders import SourceFacts
from lienthong.findings import Finding
from lienthong.interop.hl7v2 import OruMessage


class Kind(Protocol):
    """What every module of a kind has. `parse` raises Unstorable where nothing of a piece can be stored."""

    MESSAGE_TYPE: str

    def is_of_kind(self, data: bytes, /) -> bool: ...

    def split(self, data: bytes, /) -> Split: ...

    def parse(self, raw: bytes, source: SourceFacts, /) -> tuple[OruMessage, tuple[Finding, ...]]: ...


ALL: tuple[Kind, ...] = (hl7_files, json_push, vn_xml, cn_cda, result_forms)
KINDS: Mapping[str, Kind] = {one.MESSAGE_TYPE: one for one in ALL}
PDF_ALONE = Finding(
    "document", "pdf-alone", "A PDF must come with its metadata: patient, number of the report, times, service."
)
UNKNOWN_KIND = Finding(
    "file",
    "unknown-kind",
    "The file is none that is taken: HL7 v2, JSON, Viet Nam’s XML, CDA, an .xlsx or CSV form, a PDF with its metadata.",
)


def find_kind(data: bytes) -> Kind | None:
    """Return the kind of a delivery; None where it is none."""
    return next((one for one in ALL if one.is_of_kind(data)), None)


def kind_fault(data: bytes) -> Finding:
    """Say why bytes of no kind are not taken."""
    return PDF_ALONE if is_pdf(data) else UNKNOWN_KIND


def split_delivery(message_type: str, data: bytes, *, charset: str) -> Split:
    """Part a delivery of a kind; a table that is not UTF-8 is read in the sender's character set."""
    findings: tuple[Finding, ...] = ()
    if message_type == result_forms.MESSAGE_TYPE:
        data, findings = result_forms.recoded(data, charset)
    return Split((), findings) if findings else KINDS[message_type].split(data)
