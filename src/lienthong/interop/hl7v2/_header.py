"""MSH alone, read tolerantly: what an answer needs even where the message itself can't be read."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from lienthong.interop.hl7v2._charset import Decoded, decode
from lienthong.interop.hl7v2._delimiters import STANDARD, Delimiters
from lienthong.interop.hl7v2._fields import Fields, fields_of, remember
from lienthong.interop.hl7v2._message import Message, read_message


class Header(Struct, frozen=True, gc=False):
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
    delimiters: Delimiters = STANDARD
    codec: str = "utf-8"
    control_id_as_sent: str = ""

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
    msh = message.segments[0]
    fields = fields_of(message.delimiters, message.codec)
    return header_from(message.delimiters.field.join(("MSH", *msh.fields[1:])), fields)


def header_from(line: str, fields: Fields) -> Header:
    """Read the line of MSH. What stands behind the control id is the same in all messages of a sender."""
    sent = line.split(fields.delimiters.field, 10)
    if len(sent) < 11:
        sent += [""] * (11 - len(sent))
    kind, end = sent[8], sent[10]
    texts: tuple[Any, ...] = (
        *map(fields.first_sent, sent[2:6]),
        fields.as_text(sent[6]),
        *(fields.kinds.get(kind) or remember(fields.kinds, kind, _kind(kind, fields))),
        fields.as_text(sent[9]),
        *(fields.protocols.get(end) or remember(fields.protocols, end, _end(end, fields))),
        fields.delimiters,
        fields.codec,
        sent[9],
    )
    return Header(*texts)


def _kind(sent: str, fields: Fields) -> tuple[str, ...]:
    return (*map(fields.as_text, fields.components_sent(sent)), "", "", "")[:3]


def _end(sent: str, fields: Fields) -> tuple[str, ...]:
    """MSH-11, 12, 15, 16 and 18."""
    end = sent.split(fields.delimiters.field) + [""] * 8
    return tuple(fields.as_text(end[number - 11]) for number in (11, 12, 15, 16, 18))


def _first_line(data: bytes) -> bytes:
    return re.split(rb"[\r\n]", data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n \t"), maxsplit=1)[0]
