"""From the bytes of a message of one kind to what `interop` reads of it, or why nothing of it can be stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from lienthong.exchange.analyzers import reading as astm_reading
from lienthong.exchange.analyzers.arrivals import MESSAGE_TYPE as ASTM
from lienthong.exchange.deliveries import hl7_files
from lienthong.exchange.deliveries.hl7_files import STRUCTURE
from lienthong.exchange.deliveries.kinds import KINDS
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.imaging import report_reading
from lienthong.exchange.processing.bundles import FHIR, written
from lienthong.exchange.senders import SourceFacts
from lienthong.findings import Finding
from lienthong.interop import hl7v2
from lienthong.interop.fhir import loads
from lienthong.interop.hl7v2 import OruMessage

Kind = TypeVar("Kind")
Findings = tuple[Finding, ...]
Reader = Callable[[bytes, SourceFacts], tuple[OruMessage, Findings]]

# Who reads a message of results, by its type; every other one is HL7 v2.
READERS: Mapping[str, Reader] = {
    ASTM: astm_reading.parse,
    report_reading.MESSAGE_TYPE: report_reading.parse,
    **{message_type: kind.parse for message_type, kind in KINDS.items()},
}


def parse_results(message_type: str, raw: bytes, source: SourceFacts) -> tuple[OruMessage, Findings]:
    """Parse a message of results of a type; raise Unstorable where its form is broken."""
    return READERS.get(message_type, hl7_files.parse)(raw, source)


def parse_kept(message_type: str, raw: bytes, source: SourceFacts) -> OruMessage:
    """Parse a message of results again as it was read when it was processed; raise Unstorable."""
    if message_type.endswith(FHIR) and not raw.startswith(b"MSH"):
        raw = written(loads(raw), source.code)
    return parse_results(message_type, raw, source)[0]


def parse_as(
    read: Callable[[hl7v2.Message], tuple[Kind | None, Findings]], raw: bytes, source: SourceFacts
) -> tuple[Kind, Findings]:
    """Parse a message in the source's character set; raise Unstorable where its form is broken or its kind another."""
    message, findings = hl7v2.parse(raw, default_charset=source.default_charset)
    if message is None:
        raise Unstorable(findings[0].code if findings else "unreadable", findings)
    found, more = read(message)
    findings = (*findings, *more)
    if found is None:
        raise Unstorable("message-type", findings)
    if any(finding.code in STRUCTURE for finding in findings):
        raise Unstorable("structure", findings)
    return found, findings
