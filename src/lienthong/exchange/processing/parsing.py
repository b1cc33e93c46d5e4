"""From the bytes of a message of one kind to what `interop` reads of it, or why nothing of it can be stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from lienthong.exchange.processing.reading import STRUCTURE, Unstorable
from lienthong.exchange.senders import SourceFacts
from lienthong.findings import Finding
from lienthong.interop import hl7v2

Kind = TypeVar("Kind")
Findings = tuple[Finding, ...]


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
