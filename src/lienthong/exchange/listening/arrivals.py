"""What a listener makes of a frame before it answers: the rows for the inbox, and the acknowledgments.

AA or CA says that the bytes are kept and a worker will act on them; AE, AR, CE or CR that they are kept as refused
and nothing will come of them unless a person replays them. A refused message never delays others.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace

from msgspec import structs

from lienthong.exchange.listening.acknowledgment_mode import choose_code
from lienthong.exchange.listening.kinds import NOT_TAKEN, is_acknowledgment, is_taken
from lienthong.exchange.listening.quick_header import is_readable, lane, read_header
from lienthong.exchange.senders import Directory, Sender, sender_label
from lienthong.findings import Finding
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import Acknowledgment, BatchFile, Frame, Header
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
NO_CERTIFICATE = Finding(
    "MSH-3",
    "certificate",
    "MSH-3 and MSH-4 name a sender that must come by TLS with its registered certificate; connect so, then send again.",
)
OUTSIDE_MESSAGE = Finding(
    "BHS", "outside-message", "The frame holds segments that stand in none of its messages; the whole frame is kept."
)
ACKNOWLEDGED = Finding(
    "MSH-9",
    "acknowledgment",
    "An acknowledgment came on the line for messages; it is kept, and not answered. Let the sender's interface "
    "engine send nothing back for answers.",
)
LONGEST_EVENT = 3  # MSH-9.2 (HL7 table 0003)
MOST_IN_BATCH = 5_000  # all other senders wait while a frame is taken apart
TOO_MANY = Finding(
    "BHS",
    "too-many",
    f"The frame holds more than {MOST_IN_BATCH} messages and envelopes; none is taken, send fewer in one frame.",
)
EMPTY_BATCH = Finding("BHS", "empty-batch", "The batch holds no message.")


@dataclass(frozen=True, slots=True)
class Reception:
    """A row for the inbox, the header that its answer needs, and the code of that answer; None where none is due."""

    arrival: Arrival
    header: Header | None
    code: Acknowledgment | None

    @property
    def is_accepted(self) -> bool:
        return self.arrival.state == "received"


@dataclass(frozen=True, slots=True)
class Received:
    """What one frame holds: its messages in order, bytes that belong to none of them, and the batch of several."""

    receptions: tuple[Reception, ...]
    leftover: tuple[Arrival, ...] = ()
    batch: BatchFile | None = None

    @property
    def arrivals(self) -> tuple[Arrival, ...]:
        """The rows for the inbox, in order."""
        return (*(one.arrival for one in self.receptions), *self.leftover)

    @property
    def is_of_stranger(self) -> bool:
        """Whether nothing in the frame is of a sender that is registered and, where that is asked for, proved."""
        return not any(one.arrival.source for one in self.receptions)

    @property
    def has_unknown_sender(self) -> bool:
        return any(one.arrival.reason == UNKNOWN_SENDER.code for one in self.receptions)


def receive_all(frame: Frame, directory: Directory, *, at: dt.datetime, peer: Collection[str] = ()) -> Received:
    """Read a frame of one message or several. `peer` holds the names in the certificate of the connection."""
    if frame.fault or not hl7v2.is_batch(frame.payload):
        return Received((receive_frame(frame, directory, at=at, peer=peer),))
    if hl7v2.parts_in(frame.payload) > MOST_IN_BATCH:
        whole = Arrival(raw=frame.payload, received_at=at)
        return Received((Reception(_refused(whole, TOO_MANY), read_header(frame.payload), "AR"),))
    batch = hl7v2.read_batch(frame.payload)
    receptions = [receive_frame(Frame(one), directory, at=at, peer=peer) for one in batch.messages]
    if receptions and batch.findings:
        last = receptions[-1]
        told = (*last.arrival.findings, *batch.findings)
        receptions[-1] = replace(last, arrival=replace(last.arrival, findings=told))
    whole = Arrival(raw=frame.payload, received_at=at)
    is_leaky = any(finding.code == OUTSIDE_MESSAGE.code for finding in batch.findings)
    leftover = [OUTSIDE_MESSAGE] if is_leaky else [] if receptions else [EMPTY_BATCH]
    return Received(tuple(receptions), tuple(_refused(whole, one) for one in leftover), batch)


def receive_frame(frame: Frame, directory: Directory, *, at: dt.datetime, peer: Collection[str] = ()) -> Reception:
    """Read as much of one message as the answer needs, and say whether it is taken."""
    header = read_header(frame.payload)
    if header is None:
        arrival = Arrival(raw=frame.payload, received_at=at)
        return Reception(_refused(arrival, REFUSED_FRAMES.get(frame.fault, NO_HEADER)), None, "AR")
    sender = directory.find(header)
    if is_acknowledgment(header, frame.payload):
        known = sender if sender and _is_proved(sender, peer) else None
        return Reception(_refused(_arrival(frame.payload, header, known, at=at), ACKNOWLEDGED), header, None)
    if sender is None or frame.fault:
        finding = REFUSED_FRAMES[frame.fault] if frame.fault else UNKNOWN_SENDER
        return Reception(_refused(_arrival(frame.payload, header, sender, at=at), finding), header, "AE")
    if not _is_proved(sender, peer):
        return Reception(_refused(_arrival(frame.payload, header, None, at=at), NO_CERTIFICATE), header, "AR")
    return _read_further(frame.payload, header, sender, at=at)


def answer(reception: Reception, *, control_id: str, at: dt.datetime, not_kept: Finding | None = None) -> bytes | None:
    """Write the acknowledgment; None where MSH-15 and MSH-16 ask for none, or it is one itself.

    `not_kept` says that nothing was stored.
    """
    if reception.code is None:
        return None
    findings = (not_kept,) if not_kept else reception.arrival.findings
    is_good = reception.is_accepted and not_kept is None
    refusal: Acknowledgment = "AE" if reception.is_accepted else reception.code
    code = choose_code(reception.header, "AA" if is_good else refusal)
    if code is None:
        return None
    header = reception.header
    if header and header.charset and hl7v2.find_codec(header.charset) is None:
        header = structs.replace(header, charset="")  # the answer must not name a character set that nobody can read
    return hl7v2.acknowledge(
        header, code=code, findings=findings, control_id=control_id, at=at, severity="W" if is_good else "E"
    )


def _is_proved(sender: Sender, peer: Collection[str]) -> bool:
    return not sender.certificate or sender.certificate in peer


def _read_further(payload: bytes, header: Header, sender: Sender, *, at: dt.datetime) -> Reception:
    """A message of a known sender: its characters must be readable, and its kind one that is taken."""
    if sender.default_charset != "utf-8" and not header.charset:
        header = read_header(payload, default_charset=sender.default_charset) or header
    text = None
    if not is_readable(payload, header):
        decoded, findings = hl7v2.decode(payload, default=sender.default_charset)
        if decoded is None:
            arrival = _arrival(payload, header, sender, at=at)
            return Reception(replace(arrival, state="rejected", reason="charset", findings=findings), header, "AE")
        text = decoded.text
        header = hl7v2.header(payload, default_charset=sender.default_charset) or header
    if not is_taken(header):
        return Reception(_refused(_arrival(payload, header, sender, at=at), NOT_TAKEN), header, "AR")
    return Reception(_arrival(payload, header, sender, at=at, text=text), header, "AA")


def _arrival(
    payload: bytes, header: Header, sender: Sender | None, *, at: dt.datetime, text: str | None = None
) -> Arrival:
    label = sender_label(header)
    code = sender.code if sender else ""
    return Arrival(
        raw=payload,
        received_at=at,
        source=code,
        sender=label,
        lane=lane(code or f"?{label}", payload, text, header),
        control_id=header.control_id,
        message_type=_type_of(header),
    )


def _type_of(header: Header) -> str:
    """Return MSH-9.1 and 2. What is longer than an event is none, and could be taken for a kind of the house's own."""
    event = header.trigger_event if len(header.trigger_event) <= LONGEST_EVENT else ""
    return "^".join(part for part in (header.message_code, event) if part)


def _refused(arrival: Arrival, finding: Finding) -> Arrival:
    return replace(arrival, state="rejected", reason=finding.code, findings=(finding,))
