"""The bytes of a file inside a message (ED; HL7 table 0299), and what kind of file they are by their own beginning."""

from __future__ import annotations

import binascii
from base64 import b64decode

from lienthong.interop.hl7v2._datatypes import Document

# What a browser may show; whatever else a sender calls its file, it is a file to keep.
_BEGINNINGS = ((b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))
UNKNOWN_TYPE = "application/octet-stream"


def document_bytes(document: Document) -> bytes | None:
    """Return the decoded bytes; None where they are not as ED-4 says, or there are none."""
    text = "".join(document.data.split())
    try:
        match document.encoding.strip().upper():
            case "BASE64":
                found = b64decode(text, validate=True)
            case "HEX":
                found = bytes.fromhex(text)
            case "A" | "":
                found = document.data.encode()
            case _:
                return None
    except (binascii.Error, ValueError):
        return None
    return found or None


def media_type(content: bytes) -> str:
    """Return the media type that the bytes themselves show; that of unknown bytes where they show none."""
    return next((kind for beginning, kind in _BEGINNINGS if content.startswith(beginning)), UNKNOWN_TYPE)
