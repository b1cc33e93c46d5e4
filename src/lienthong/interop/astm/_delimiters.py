"""The delimiters of an ASTM message, as its header names them, and the escapes that stand for them in texts."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")


@dataclass(frozen=True, slots=True)
class Delimiters:
    """Field, repeat, component and escape delimiter; usually `|\\^&`."""

    field: str = "|"
    repeat: str = "\\"
    component: str = "^"
    escape: str = "&"

    @property
    def all(self) -> str:
        return self.field + self.repeat + self.component + self.escape


STANDARD = Delimiters()


def delimiters_of(header: str) -> Delimiters | None:
    """Read the delimiters that follow the H of a header record; None where they can't be told apart."""
    signs = header[1:5]
    is_usable = len(set(signs)) == 4 and not any(sign.isalnum() or sign.isspace() for sign in signs)
    return Delimiters(*signs) if is_usable and signs.isprintable() else None


def escape(text: str, delimiters: Delimiters) -> str:
    """Replace delimiters and control characters of a text by escapes."""
    names = {delimiters.field: "F", delimiters.component: "S", delimiters.repeat: "R", delimiters.escape: "E"}
    mark = delimiters.escape
    signs = (
        f"{mark}{names[sign]}{mark}" if sign in names else f"{mark}X{ord(sign):02X}{mark}" if sign < " " else sign
        for sign in text
    )
    return "".join(signs)


def unescape(text: str, delimiters: Delimiters) -> str:
    """Put back what escapes stand for. Highlighting (&H&, &N&) is dropped; what is no escape stays as it was sent."""
    if delimiters.escape not in text:
        return text
    signs = {"F": delimiters.field, "S": delimiters.component, "R": delimiters.repeat, "E": delimiters.escape}
    known: dict[str, str] = {**signs, "H": "", "N": ""}

    def replaced(match: re.Match[str]) -> str:
        name = match[1]
        if name in known:
            return known[name]
        if name.startswith("X") and _HEX.fullmatch(name[1:]):
            return bytes.fromhex(name[1:]).decode("latin-1")
        return match[0]

    mark = re.escape(delimiters.escape)
    return re.sub(f"{mark}([FSREHN]|X[0-9A-Fa-f]*){mark}", replaced, text)
