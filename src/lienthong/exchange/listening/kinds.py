"""The kinds of messages that a listener takes, by MSH-9: results, orders, and what happens to patients' records."""

from __future__ import annotations

from lienthong.exchange.listening.acknowledgment_mode import ACK
from lienthong.findings import Finding
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import Header

NOT_TAKEN = Finding(
    "MSH-9",
    "message-type",
    "MSH-9 must be ORU^R01, OUL^R22 to R24, ORM^O01, OML^O21, O33 or O35, or ADT with one of the events "
    f"{', '.join(sorted(hl7v2.ACTS))}; other messages are not taken here.",
)


def is_taken(header: Header) -> bool:
    """Whether a worker can act on messages of this kind."""
    if is_about_patient(header):
        return header.trigger_event in hl7v2.ACTS
    return hl7v2.is_order_message(header) or hl7v2.is_result_message(header)


def is_acknowledgment(header: Header, data: bytes) -> bool:
    """Whether a message answers another: MSH-9.1 is ACK, or it is of no kind that is taken and has a segment MSA."""
    if header.message_code == ACK:
        return True
    begin = f"MSA{header.delimiters.field}".encode()
    return not is_taken(header) and any(end + begin in data for end in (b"\r", b"\n"))


def is_about_order(header: Header) -> bool:
    """Whether the message asks for examinations or says what becomes of what was asked for."""
    return hl7v2.is_order_message(header)


def is_about_patient(header: Header) -> bool:
    """Whether the message changes a patient's record and no report."""
    return header.message_code == "ADT"
