"""An export's piece or a document as people see it: one line an element, the patient's data hidden until asked for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from lienthong.exchange.raw_line import Line
from lienthong.findings import Finding
from lienthong.interop.sent_xml import Node, parse

# Elements within which everything is of the patient, and those of other rows that may hold what was written of one.
OF_PATIENT = frozenset({"TONG_HOP", "recordTarget", "title", "text"})
FREE_TEXT = frozenset({"MO_TA", "KET_LUAN", "GIA_TRI", "value", "name"})
ROWS = re.compile(r"CHI_?TIET_(?:CLS|DVKT)")
LONGEST_FIELD = 400
_NUMBER = re.compile(r"[<>≤≥=]*+\s*+[+-]?\d*+[.,]?\d*+")  # never tried twice: a text may have megabytes


def is_markup(data: bytes) -> bool:
    """Whether bytes begin as XML does."""
    start = data[:200].removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(b"\xff\xfe \t\r\n")
    return start.startswith(b"<")


def lay_out_markup(
    data: bytes, findings: Collection[Finding], *, with_patient: bool, codes: Collection[str]
) -> tuple[Line, ...]:
    """Lay out a document element by element; nothing where it can't be parsed."""
    root, _ = parse(data)
    if root is None:
        return ()
    laying = _Laying(frozenset(one.where for one in findings), frozenset(codes), with_patient)
    return tuple(laying.lines(root, depth=0, place="", is_hidden=False))


class _Laying:
    """What lines are laid out by: the places that findings name, codes that wait, and whether all is shown."""

    def __init__(self, faulty: frozenset[str], codes: frozenset[str], with_patient: bool) -> None:
        self.faulty, self.codes, self.with_patient = faulty, codes, with_patient
        self.counts: dict[str, int] = {}

    def lines(self, node: Node, *, depth: int, place: str, is_hidden: bool) -> Iterator[Line]:
        """Yield the lines of an element; `place` is that of the row that it stands in."""
        indent = "  " * depth
        here = self._place(node, place)
        hidden = is_hidden or (node.name in OF_PATIENT and not self.with_patient)
        if node.children:
            yield self._opened(node, indent, hidden)
            for one in node.children:
                yield from self.lines(one, depth=depth + 1, place=here, is_hidden=hidden)
            yield ((f"{indent}</{node.name}>", False, False),)
        else:
            yield self._leaf(node, indent, here, hidden)

    def _place(self, node: Node, place: str) -> str:
        if ROWS.fullmatch(node.name):
            self.counts[node.name] = self.counts.get(node.name, 0) + 1
            table = "XML4" if node.name.endswith("CLS") else "XML3"
            return f"{table}/{node.name}[{self.counts[node.name]}]"
        return "XML1/TONG_HOP" if node.name == "TONG_HOP" else place

    def _opened(self, node: Node, indent: str, hidden: bool) -> Line:
        pieces = [(f"{indent}<{node.name}", False, False), *self._attributes(node, hidden), (">", False, False)]
        return tuple(piece for piece in pieces if piece[0] or piece[2])

    def _leaf(self, node: Node, indent: str, place: str, hidden: bool) -> Line:
        pieces = [(f"{indent}<{node.name}", False, False), *self._attributes(node, hidden)]
        if not node.text:
            pieces.append(("/>", False, False))
        else:
            is_secret = hidden or (
                node.name in FREE_TEXT and not self.with_patient and not _NUMBER.fullmatch(node.text)
            )
            is_faulty = f"{place}/{node.name}" in self.faulty or node.text in self.codes
            text = ("", False, True) if is_secret else (_cut(node.text), is_faulty, False)
            pieces += [(">", False, False), text, (f"</{node.name}>", False, False)]
        return tuple(piece for piece in pieces if piece[0] or piece[2])

    def _attributes(self, node: Node, hidden: bool) -> Iterator[tuple[str, bool, bool]]:
        for name, value in node.attributes.items():
            yield f' {name}="', False, False
            is_secret = hidden and name not in ("root", "classCode", "determinerCode", "codeSystem", "typeCode")
            yield ("", False, True) if is_secret and value else (_cut(value), value in self.codes, False)
            yield '"', False, False


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_FIELD else f"{text[:LONGEST_FIELD]}…"
