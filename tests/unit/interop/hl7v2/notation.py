"""Messages about patients and orders in HL7's own notation."""

from __future__ import annotations

from collections.abc import Sequence

from lienthong.interop.hl7v2 import Identifier, Message, escape, parse


def adt(*segments: str, event: str = "A08") -> bytes:
    """Return the bytes of an ADT message in UTF-8."""
    return _message(f"ADT^{event}" if event else "ADT", *segments)


def order_message(*segments: str, kind: str = "OML^O21^OML_O21") -> bytes:
    """Return the bytes of an order message in UTF-8."""
    return _message(kind, *segments)


def parsed(data: bytes) -> Message:
    """Parse a message that has no fault of form."""
    message, findings = parse(data)
    assert message is not None
    assert findings == ()
    return message


def written(values: Sequence[Identifier] | Sequence[str]) -> str:
    """Write identifiers as repetitions of CX, texts as components."""
    if all(isinstance(one, str) for one in values):
        return "^".join(escape(str(one)) for one in values)
    return "~".join(
        f"{escape(one.value)}^^^{escape(one.system)}^{escape(one.type_code)}"
        for one in values
        if isinstance(one, Identifier)
    )


def _message(kind: str, *segments: str) -> bytes:
    msh = rf"MSH|^~\&|HIS|BV|LT|HD|20261120090000||{kind}|M1|P|2.5.1||||||UNICODE UTF-8"
    return "".join(segment + "\r" for segment in (msh, *segments)).encode()
