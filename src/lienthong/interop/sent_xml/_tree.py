"""From UTF-8 to elements as plain values, whole or one after the other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from io import BytesIO
from typing import Any

from lxml import etree
from msgspec import Struct

from lienthong.findings import Finding
from lienthong.interop.sent_xml._charset import readable

_OPTIONS: Mapping[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "remove_comments": True,
    "remove_pis": True,
    "encoding": "utf-8",
}
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
DEEPEST = 100  # elements within one another; a form has about thirty


class Node(Struct, frozen=True):
    """An element by its local name. Attributes have their local names, but `xsi:type` keeps its prefix.

    `text` is what stands in the element itself, its blanks at both ends left out.
    """

    name: str
    attributes: dict[str, str] = {}
    text: str = ""
    children: tuple[Node, ...] = ()

    def all(self, name: str) -> tuple[Node, ...]:
        """Return the children of a name."""
        return tuple(one for one in self.children if one.name == name)

    def find(self, *path: str) -> Node | None:
        """Return the first element that a path of names leads to."""
        found: Node | None = self
        for name in path:
            found = next((one for one in found.children if one.name == name), None) if found else None
        return found

    def get(self, attribute: str) -> str:
        """Return an attribute, empty where there is none."""
        return self.attributes.get(attribute, "").strip()

    def walk(self) -> Iterator[Node]:
        """Yield the element and all within it, in the order of the document."""
        yield self
        for one in self.children:
            yield from one.walk()

    @property
    def whole_text(self) -> str:
        """All text of the element and of those within it, a line for each that has some."""
        return "\n".join(one.text for one in self.walk() if one.text)


def parse(data: bytes, where: str = "file") -> tuple[Node | None, tuple[Finding, ...]]:
    """Parse a document; None where it is no XML, and a finding says so."""
    decoded, findings = readable(data, where)
    if decoded is None:
        return None, findings
    try:
        root = etree.fromstring(decoded, etree.XMLParser(**_OPTIONS))
        node = _node(root, DEEPEST)
    except (etree.XMLSyntaxError, ValueError) as error:
        return None, (*findings, _fault(where, error))
    return node, findings


def elements(decoded: bytes, names: Collection[str], where: str, findings: list[Finding]) -> Iterator[Node]:
    """Yield the elements of some names as they end, from bytes that `readable` gave; each is forgotten after it.

    Elements within a yielded one are its children and are not yielded. Where the document breaks off, what came before
    was yielded, and a finding is added.
    """
    inside: list[object] = []
    events = etree.iterparse(BytesIO(decoded), events=("start", "end"), huge_tree=True, **_OPTIONS)
    try:
        for event, element in events:
            is_wanted = local_name(element) in names
            if event == "start":
                if is_wanted:
                    inside.append(element)
                continue
            if is_wanted:
                inside.pop()
            if not inside:
                if is_wanted:
                    yield _node(element, DEEPEST)
                _forget(element)
    except (etree.XMLSyntaxError, ValueError) as error:
        findings.append(_fault(where, error))


def root_name(data: bytes) -> str:
    """Return the local name of the first element of a document; empty where there is none."""
    decoded, _ = readable(data)
    if decoded is None:
        return ""
    events = etree.iterparse(BytesIO(decoded), events=("start",), recover=True, huge_tree=True, **_OPTIONS)
    try:
        return next((local_name(element) for _, element in events), "")
    except (etree.XMLSyntaxError, ValueError):
        return ""


def local_name(element: Any) -> str:
    """Return the name of an element without its namespace; empty for what is no element."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    return tag.rpartition("}")[2] if tag[:1] == "{" else tag


def _node(element: Any, deepest: int) -> Node:
    if deepest == 0:
        raise ValueError("elements are too deep within one another")
    attributes = _attributes(element)
    if len(element) == 0:
        return Node(local_name(element), attributes, (element.text or "").strip())
    children = tuple(_node(one, deepest - 1) for one in element if local_name(one))
    texts = [element.text or "", *(one.tail or "" for one in element)]
    return Node(local_name(element), attributes, "".join(texts).strip(), children)


def _attributes(element: Any) -> dict[str, str]:
    return {
        "xsi:type" if name == _TYPE else str(name).rpartition("}")[2]: str(value) for name, value in element.items()
    }


def _forget(element: Any) -> None:
    """Free an element and those before it, so that a long document needs no more memory than one part of it."""
    element.clear(keep_tail=False)
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _fault(where: str, error: Exception) -> Finding:
    line = getattr(error, "lineno", None)
    place = f" near line {line}" if line else ""
    told = f"{where} is not well-formed XML{place}; write it with a library for XML and send it again."
    return Finding(where, "xml", told)
