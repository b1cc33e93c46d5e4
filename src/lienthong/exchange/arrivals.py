"""What a listener makes of a frame before it answers: the row for the inbox, and the acknowledgment.

AA or CA says that the bytes are kept and a worker will act on them; AE, AR, CE or CR that they are kept as refused
and nothing will come of them unless a person replays them. A refused message never delays others.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from msgspec import structs

from lienthong.exchange.acknowledgment_mode import choose_code
from lienthong.exchange.lanes import lane_of
from lienthong.exchange.senders import Directory, Sender, sender_label
from lienthong.findings import Finding
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import Acknowledgment, Frame, Header
from lienthong.results.actions import Arrival

REFUSED_FRAMES = {
    hl7v2.TRUNCATED: Finding(
        "MSH", "truncated", "The message is cut off: its end block (1C 0D) did not come; send it whole again."
    ),
    hl7v2.TOO_LARGE: Finding(
        "MSH",
        "too-large",
        "The message is larger than the listener takes; only its beginning is kept. Send less in one.",
    ),
}
NO_HEADER = Finding("MSH", "unreadable", "The bytes do not begin with a readable MSH; send one HL7 v2 message a frame.")
UNKNOWN_SENDER = Finding(
    "MSH-3", "unknown-sender", "MSH-3 and MSH-4 name no registered sender; have the source registered, then send again."
)
NOT_RESULTS = Finding("MSH-9", "message-type", "MSH-9 must be ORU^R01; other messages are not taken here.")


@dataclass(frozen=True, slots=True)
class Reception:
    """A row for the inbox, the header that its answer needs, and the code of that answer."""

    arrival: Arrival
    header: Header | None
    code: Acknowledgment

    @property
    def is_accepted(self) -> bool:
        return self.arrival.state == "received"


def receive_frame(frame: Frame, directory: Directory, *, at: dt.datetime) -> Reception:
    """Read as much of a frame as the answer needs, and say whether it is taken."""
    header = hl7v2.header(frame.payload)
    if header is None:
        arrival = Arrival(raw=frame.payload, received_at=at)
        return Reception(_refused(arrival, REFUSED_FRAMES.get(frame.fault, NO_HEADER)), None, "AR")
    sender = directory.find(header)
    arrival = _arrival(frame.payload, header, sender, at=at)
    if frame.fault:
        return Reception(_refused(arrival, REFUSED_FRAMES[frame.fault]), header, "AE")
    if sender is None:
        return Reception(_refused(arrival, UNKNOWN_SENDER), header, "AE")
    return _read_further(arrival, header, sender)


def answer(reception: Reception, *, control_id: str, at: dt.datetime, not_kept: Finding | None = None) -> bytes | None:
    """Write the acknowledgment; None where MSH-15 and MSH-16 ask for none. `not_kept` says that nothing was stored."""
    findings = (not_kept,) if not_kept else reception.arrival.findings
    refusal: Acknowledgment = "AE" if reception.is_accepted else reception.code
    code = choose_code(reception.header, "AA" if reception.is_accepted and not_kept is None else refusal)
    if code is None:
        return None
    header = reception.header
    if header and header.charset and hl7v2.find_codec(header.charset) is None:
        header = structs.replace(header, charset="")  # the answer must not name a character set that nobody can read
    return hl7v2.acknowledge(header, code=code, findings=findings, control_id=control_id, at=at)


def _arrival(payload: bytes, header: Header, sender: Sender | None, *, at: dt.datetime) -> Arrival:
    code = sender.code if sender else ""
    return Arrival(
        raw=payload,
        received_at=at,
        source=code,
        sender=sender_label(header),
        lane=lane_of(code or f"?{sender_label(header)}", payload.decode("latin-1"), header),
        control_id=header.control_id,
        message_type="^".join(part for part in (header.message_code, header.trigger_event) if part),
    )


def _read_further(arrival: Arrival, header: Header, sender: Sender) -> Reception:
    """A message of a known sender: its characters must be readable, and it must hold results."""
    decoded, findings = hl7v2.decode(arrival.raw, default=sender.default_charset)
    if decoded is None:
        return Reception(replace(arrival, state="rejected", reason="charset", findings=findings), header, "AE")
    header = hl7v2.header(arrival.raw, default_charset=sender.default_charset) or header
    if not (header.message_code == "ORU" or header.message_structure == "ORU_R01"):
        return Reception(_refused(arrival, NOT_RESULTS), header, "AR")
    return Reception(replace(arrival, lane=lane_of(sender.code, decoded.text, header)), header, "AA")


def _refused(arrival: Arrival, finding: Finding) -> Arrival:
    return replace(arrival, state="rejected", reason=finding.code, findings=(finding,))
