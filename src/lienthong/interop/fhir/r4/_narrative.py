"""The div of a narrative on its way between XML and JSON: its text stays as it was written."""

from __future__ import annotations

import re
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from lienthong.interop.fhir.r4._xml_shapes import XHTML

_START_TAG = re.compile(rb"""<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")
_XML = "http://www.w3.org/XML/1998/namespace"


class Div:
    """A div while it is read: `start` is the byte at which it begins; `text` is its form without prefixes."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.depth = 0
        self._parts: list[str] = []

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _, name = tag.rpartition(" ")
        declared = f" xmlns={quoteattr(namespace)}" if self.depth == 0 or namespace != XHTML else ""
        written = "".join(f" {_prefixed(key)}={quoteattr(value)}" for key, value in attributes.items())
        self._parts.append(f"<{name}{declared}{written}>")
        self.depth += 1

    def write(self, text: str) -> None:
        self._parts.append(escape(text))

    def close(self, tag: str) -> None:
        self.depth -= 1
        self._parts.append(f"</{tag.rpartition(' ')[2]}>")

    def text(self, data: bytes, end: int) -> str:
        """Return the bytes of the div where they can stand alone, else the same content with its namespace declared."""
        tag = _START_TAG.match(data, self.start)
        is_empty = tag is not None and tag[0].endswith(b"/>")
        raw = tag[0] if tag is not None and is_empty else data[self.start : data.index(b">", end) + 1]
        return raw.decode() if is_div(raw) else "".join(self._parts)


def is_div(data: bytes) -> bool:
    """Tell whether the bytes are one well-formed div of XHTML, with nothing declared outside of it."""
    roots: list[str] = []
    parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")

    def started(tag: str, _: dict[str, str]) -> None:
        roots.append(tag)

    def declared(*_: object) -> None:
        roots.insert(0, "")

    parser.StartElementHandler = started
    parser.StartDoctypeDeclHandler = declared
    parser.XmlDeclHandler = declared
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        return False
    return bool(roots) and roots[0] == f"{XHTML} div"


def _prefixed(name: str) -> str:
    namespace, _, bare = name.rpartition(" ")
    return f"xml:{bare}" if namespace == _XML else bare
