"""The kind of delivery that holds HL7 v2: a message, a batch or a plain run of messages. Each message is a piece."""

from __future__ import annotations

from lienthong.exchange.deliveries.pieces import Piece, Split
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.senders import SourceFacts
from lienthong.findings import Finding
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import OruMessage

MESSAGE_TYPE = "HL7"
_STARTS = (b"MSH", b"FHS", b"BHS")
# With these faults the message itself is in doubt, not one of its results.
STRUCTURE = frozenset({"segment-missing", "segment-order", "segment-name", "header-missing", "delimiters"})


def is_of_kind(data: bytes) -> bool:
    """Whether the bytes begin with MSH, FHS or BHS, after blanks, a byte order mark or the start of an MLLP block."""
    return data[:1000].lstrip(b"\xef\xbb\xbf\x0b \t\r\n").startswith(_STARTS)


def split(data: bytes) -> Split:
    """Part a file into its messages; where a piece stands is its place in the file, from 1."""
    bare = data.replace(b"\x0b", b"").replace(b"\x1c\r", b"\r").replace(b"\x1c", b"\r")
    messages, findings = hl7v2.split_batch(bare)
    pieces = tuple(Piece(_number(one), one, str(place)) for place, one in enumerate(messages, start=1))
    return Split(pieces, findings)


def parse(raw: bytes, source: SourceFacts) -> tuple[OruMessage, tuple[Finding, ...]]:
    """Parse a result message in the source's character set; raise Unstorable where its form is broken."""
    oru, findings = hl7v2.read_results(raw, default_charset=source.default_charset)
    if oru is None:
        is_other = any(finding.code == "message-type" for finding in findings)
        raise Unstorable("message-type" if is_other else findings[0].code if findings else "unreadable", findings)
    if any(finding.code in STRUCTURE for finding in findings):
        raise Unstorable("structure", findings)
    return oru, findings


def _number(message: bytes) -> str:
    """Return MSH-10, by which the sender knows the message."""
    found = hl7v2.header(message)
    return found.control_id[:100] if found else ""
