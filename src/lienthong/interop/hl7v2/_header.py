"""MSH alone, read tolerantly: what an answer needs even where the message itself can't be read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lienthong.interop.hl7v2._charset import Decoded, decode
from lienthong.interop.hl7v2._delimiters import STANDARD, Delimiters
from lienthong.interop.hl7v2._message import Message, Segment, read_message


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The elements of MSH that the platform reads. Applications and facilities are kept as sent, with their parts."""

    sending_application: str = ""
    sending_facility: str = ""
    receiving_application: str = ""
    receiving_facility: str = ""
    message_at: str = ""
    message_code: str = ""
    trigger_event: str = ""
    message_structure: str = ""
    control_id: str = ""
    processing_id: str = ""
    version: str = ""
    accept_acknowledgment: str = ""
    application_acknowledgment: str = ""
    charset: str = ""
    control_id_as_sent: str = field(default="", compare=False, repr=False)
    delimiters: Delimiters = STANDARD
    codec: str = "utf-8"

    @property
    def is_enhanced(self) -> bool:
        """Whether the sender asks for enhanced mode (CA, CE, CR) by valuing MSH-15 or MSH-16."""
        return bool(self.accept_acknowledgment or self.application_acknowledgment)

    @property
    def sender(self) -> str:
        """The namespace of MSH-4, or of MSH-3 where MSH-4 is blank."""
        first = self.sending_facility or self.sending_application
        return first.split(self.delimiters.component)[0]


def header(data: bytes, *, default_charset: str = "utf-8") -> Header | None:
    """Read MSH from bytes of which the rest may be broken; None where there is no MSH.

    Where MSH does not decode either, each byte stands for itself, so that an answer returns the sender's names and
    control id unchanged.
    """
    line = data if b"\0" in data[:4] or data[:2] in (b"\xff\xfe", b"\xfe\xff") else _first_line(data)
    decoded, _ = decode(line, default=default_charset)
    if decoded is None:
        decoded = Decoded(line.decode("latin-1"), "latin-1")
    message, _ = read_message(decoded)
    return header_of(message) if message else None


def header_of(message: Message) -> Header:
    """Take the header out of a parsed message."""
    segment = message.segments[0]
    return Header(
        sending_application=_as_sent(segment, 3),
        sending_facility=_as_sent(segment, 4),
        receiving_application=_as_sent(segment, 5),
        receiving_facility=_as_sent(segment, 6),
        message_at=segment.value(7),
        message_code=segment.value(9, 1),
        trigger_event=segment.value(9, 2),
        message_structure=segment.value(9, 3),
        control_id=segment.value(10),
        control_id_as_sent=segment.sent(10),
        processing_id=segment.value(11),
        version=segment.value(12),
        accept_acknowledgment=segment.value(15),
        application_acknowledgment=segment.value(16),
        charset=segment.value(18),
        delimiters=message.delimiters,
        codec=message.codec,
    )


def _first_line(data: bytes) -> bytes:
    return re.split(rb"[\r\n]", data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n \t"), maxsplit=1)[0]


def _as_sent(segment: Segment, number: int) -> str:
    return next(iter(segment.repetitions(number)), "")
