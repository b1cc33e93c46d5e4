"""The answer to a message: MSH, MSA, and an ERR for each finding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from lienthong.findings import Finding
from lienthong.interop.hl7v2._charset import encode
from lienthong.interop.hl7v2._delimiters import escape
from lienthong.interop.hl7v2._header import Header
from lienthong.interop.hl7v2._instant import write_instant

Acknowledgment = Literal["AA", "AE", "AR", "CA", "CE", "CR"]

_DEFAULT_VERSION = "2.5.1"
_FIRST_WITH_ERL = (2, 5)
_PLACE = re.compile(
    r"(?P<segment>[A-Z][A-Z0-9]{2})(?:\((?P<sequence>\d+)\))?(?:-(?P<field>\d+)(?:\[(?P<repetition>\d+)\])?"
    r"(?:\.(?P<component>\d+)(?:\.(?P<subcomponent>\d+))?)?)?"
)
# HL7 table 0357, message error condition codes, for the findings that have one; the others are 207.
_CONDITIONS = {
    "segment-name": ("100", "Segment sequence error"),
    "segment-order": ("100", "Segment sequence error"),
    "segment-missing": ("100", "Segment sequence error"),
    "header-missing": ("100", "Segment sequence error"),
    "required": ("101", "Required field missing"),
    "date": ("102", "Data type error"),
    "number": ("102", "Data type error"),
    "delimiters": ("102", "Data type error"),
    "charset-mismatch": ("102", "Data type error"),
    "charset-unknown": ("103", "Table value not found"),
    "status": ("103", "Table value not found"),
    "message-type": ("200", "Unsupported message type"),
    "version": ("203", "Unsupported version id"),
}
_OTHER_CONDITION = ("207", "Application internal error")


def acknowledge(
    header: Header | None,
    *,
    code: Acknowledgment,
    findings: Sequence[Finding] = (),
    control_id: str,
    at: datetime,
    severity: Literal["E", "W"] = "E",
) -> bytes:
    """Write the answer to the message with `header`; without one (nothing was readable) MSA-2 is empty.

    MSA-2 is MSH-10 as sent, character by character; `severity` is ERR-4 (HL7 table 0516). The answer uses the sender's
    delimiters, version and character set, and swaps sender and receiver.
    """
    about = header or Header(version=_DEFAULT_VERSION)
    segments = [
        _msh(about, control_id=control_id, at=at),
        ("MSA", code, about.control_id_as_sent or escape(about.control_id, about.delimiters)),
        *(_err(finding, about, severity) for finding in findings),
    ]
    text = "".join(about.delimiters.field.join(segment).rstrip(about.delimiters.field) + "\r" for segment in segments)
    return encode(text, about.codec)


def _msh(about: Header, *, control_id: str, at: datetime) -> tuple[str, ...]:
    delimiters = about.delimiters
    kind = [part for part in ("ACK", about.trigger_event, "ACK" if about.message_structure else "") if part]
    return (
        "MSH",
        delimiters.encoding_characters,
        about.receiving_application,
        about.receiving_facility,
        about.sending_application,
        about.sending_facility,
        write_instant(at),
        "",
        delimiters.component.join(kind),
        escape(control_id, delimiters),
        about.processing_id or "P",
        about.version or _DEFAULT_VERSION,
        *([""] * 5),
        about.charset,
    )


def _err(finding: Finding, about: Header, severity: str) -> tuple[str, ...]:
    number, text = _CONDITIONS.get(finding.code, _OTHER_CONDITION)
    place = _PLACE.match(finding.where)
    parts = [place[name] or "" for name in ("segment", "sequence", "field")] if place else ["", "", ""]
    if place and not parts[1]:
        parts[1] = "1"
    component = about.delimiters.component
    if _version(about.version) < _FIRST_WITH_ERL:
        return ("ERR", component.join((*parts, f"{number}{about.delimiters.subcomponent}{text}")))
    tail = [place[name] or "" for name in ("repetition", "component", "subcomponent")] if place else []
    location = component.join((*parts, *tail)).rstrip(component)
    condition = component.join((number, text, "HL70357"))
    own_code = _text(finding.code, about)
    words = (_text(finding.where, about), _text(finding.message, about))
    return ("ERR", "", location, condition, severity, own_code, "", *words)


def _text(text: str, about: Header) -> str:
    """Write the finding's words so that any sender's character set and delimiters can carry them."""
    delimiters = about.delimiters
    if not delimiters.escape:
        text = "".join(" " if one in delimiters.field + delimiters.encoding_characters else one for one in text)
    return escape(_plain(text, about.codec), delimiters)


def _plain(text: str, codec: str) -> str:
    return text.replace("…", "...").encode(codec, errors="replace").decode(codec)


def _version(text: str) -> tuple[int, ...]:
    numbers = re.findall(r"\d+", text.split("^")[0])
    return tuple(int(number) for number in numbers[:3]) or (2, 5)
