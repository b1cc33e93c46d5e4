"""Resources in XML: bytes to the tree that JSON has (FHIR R4, XML).

Expat reads without document types, so there are no entities to expand and nothing is fetched; it tells the bytes at
which a narrative begins and ends, which are kept. The types of the definitions say what is a list, a number or text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from lienthong.interop.fhir._issues import MOST_ISSUES, Issue, IssueCode, Unreadable
from lienthong.interop.fhir._json import Element
from lienthong.interop.fhir._numbers import number
from lienthong.interop.fhir.r4._definitions import resource_types
from lienthong.interop.fhir.r4._json_form import DEEPEST, shown
from lienthong.interop.fhir.r4._narrative import Div
from lienthong.interop.fhir.r4._xml_shapes import FHIR, XHTML, Field, XmlShape, xml_shape_of

_NUMBERS = frozenset(("decimal", "integer", "positiveInt", "unsignedInt"))
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance "
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_HOLDER = XmlShape({}, frozenset())
_ELEMENT = "Element"


def parse_xml(data: bytes) -> Element:
    """Read a resource. Raises Unreadable, with line and column or the places of the elements.

    Refused are: bytes that are not UTF-8 or no XML, document types, more than 100 levels, and what has no place in the
    tree: unknown or misplaced elements, unknown attributes, text between elements. What R4 allows once but is there
    twice becomes an array, for `check` to tell.
    """
    data = data.removeprefix(_BYTE_ORDER_MARK)
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise Unreadable(_fault("", "structure", f"byte {error.start} is not UTF-8")) from None
    reader = _Reader(data)
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        text = f"the text is not XML at line {error.lineno}, column {error.offset + 1}"
        raise Unreadable(_fault("", "structure", text)) from None
    if reader.issues:
        raise Unreadable(*reader.issues)
    return reader.root


@dataclass(slots=True)
class _Frame:
    """An element that is open: its object, what its children may be, and for what is no resource its kind."""

    place: str
    node: Element
    shape: XmlShape
    kind: Field | None = None
    value: object = None
    order: int = -1
    counts: dict[str, int] = field(default_factory=dict)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.root: Element = {}
        self.issues: list[Issue] = []
        self._data = data
        self._open: list[_Frame] = []
        self._skipped = 0
        self._div: Div | None = None
        self.parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.XmlDeclHandler = self._declaration

    def _doctype(self, *_: object) -> None:
        raise Unreadable(_fault("", "structure", "a document type is not allowed"))

    def _declaration(self, _: str, encoding: str | None, __: int) -> None:
        if encoding is not None and encoding.lower() not in ("utf-8", "utf8", "us-ascii"):
            raise Unreadable(_fault("", "structure", "the encoding must be UTF-8"))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) + self._skipped + (self._div.depth if self._div else 0) >= DEEPEST:
            raise Unreadable(_fault("", "too-long", f"the document has more than {DEEPEST} levels"))
        if self._skipped:
            self._skipped += 1
        elif self._div is not None:
            self._div.open(tag, attributes)
        elif not self._open or self._open[-1].shape is _HOLDER:
            self._start_resource(tag, attributes)
        else:
            self._start_element(tag, attributes)

    def _start_resource(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _, name = tag.rpartition(" ")
        place = self._open[-1].place if self._open else (name if name in resource_types() else "")
        if namespace != FHIR or name not in resource_types():
            self._skip(place, "structure", f"a resource of R4 in the namespace {FHIR} must be here")
            return
        node = self._open[-1].node if self._open else self.root
        if node:
            self._skip(place, "structure", "one resource must be here, and no more")
            return
        node["resourceType"] = name
        frame = _Frame(place, node, xml_shape_of(name))
        self._take_attributes(frame, attributes)
        self._open.append(frame)

    def _start_element(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _, name = tag.rpartition(" ")
        parent = self._open[-1]
        field = parent.shape.fields.get(name)
        if field is None or namespace != (XHTML if field.type_name == "xhtml" else FHIR):
            self._skip(f"{parent.place}.{shown(name)}", "structure", "the type has no such element")
            return
        count = parent.counts.get(name, 0)
        parent.counts[name] = count + 1
        place = f"{parent.place}.{name}[{count}]" if field.is_list else f"{parent.place}.{name}"
        if field.order < parent.order:
            self._note(_fault(place, "structure", "the element stands after others that it must precede"))
        parent.order = max(parent.order, field.order)
        if field.type_name == "xhtml":
            self._div = Div(self.parser.CurrentByteIndex)
            self._div.open(tag, attributes)
            return
        frame = _frame(place, field)
        self._take_attributes(frame, attributes)
        if not field.is_primitive:
            _put(parent.node, field, frame.node)
        self._open.append(frame)

    def _take_attributes(self, frame: _Frame, attributes: dict[str, str]) -> None:
        for name, text in attributes.items():
            if name in frame.shape.attributes:
                frame.node[name] = text
            elif name == "value" and frame.kind is not None and frame.kind.is_primitive:
                frame.value = _value(frame.kind.type_name, text)
            elif not name.startswith(_SCHEMA_INSTANCE):
                self._note(_fault(f"{frame.place}.{shown(name)}", "structure", "the type has no such attribute"))

    def _end(self, tag: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        if self._div is not None:
            self._div.close(tag)
            if self._div.depth == 0:
                _put(self._open[-1].node, xml_shape_of("Narrative").fields["div"], self._text_of_div(self._div))
                self._div = None
            return
        frame = self._open.pop()
        if frame.kind is not None and frame.kind.is_primitive:
            _put_primitive(self._open[-1], frame)

    def _text_of_div(self, div: Div) -> str:
        return div.text(self._data, self.parser.CurrentByteIndex)

    def _text(self, text: str) -> None:
        if self._div is not None:
            self._div.write(text)
        elif not self._skipped and not text.isspace() and self._open:
            self._note(_fault(self._open[-1].place, "structure", "text must stand in a value attribute"))

    def _note(self, issue: Issue) -> None:
        if len(self.issues) < MOST_ISSUES:
            self.issues.append(issue)

    def _skip(self, place: str, code: IssueCode, message: str) -> None:
        self._note(_fault(place, code, message))
        self._skipped = 1


def _frame(place: str, field: Field) -> _Frame:
    if field.is_primitive:
        return _Frame(place, {}, xml_shape_of(_ELEMENT), field)
    return _Frame(place, {}, _HOLDER if field.type_name == "Resource" else xml_shape_of(field.type_name), field)


def _put(node: Element, field: Field, value: object) -> None:
    """Add an object or text; what is there twice without being a list becomes one, for the check to see."""
    before = node.get(field.name)
    if field.is_list and before is None:
        node[field.name] = [value]
    elif isinstance(before, list):
        before.append(value)
    else:
        node[field.name] = value if before is None else [before, value]


def _put_primitive(parent: _Frame, frame: _Frame) -> None:
    """Add value and extensions; in arrays null stands where there is one without the other (FHIR R4, JSON, arrays)."""
    field, node = frame.kind, parent.node
    if field is None:
        return
    count = parent.counts[field.name]
    name, companion = field.name, f"_{field.name}"
    extended = frame.node if frame.node or frame.value is None else None
    if not field.is_list and count == 1:
        if frame.value is not None:
            node[name] = frame.value
        if extended is not None:
            node[companion] = extended
        return
    for key, one in ((name, frame.value), (companion, extended)):
        before = node.get(key, [])
        held = before if isinstance(before, list) else [before]
        if one is not None or held:
            held += [None] * (count - 1 - len(held)) + [one]
            node[key] = held


def _value(type_name: str, text: str) -> object:
    """Return the text as the value that JSON has; what is no number or boolean stays text, for the check to tell."""
    if type_name == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if type_name in _NUMBERS and _NUMBER.fullmatch(text):
        try:
            return number(text)
        except ValueError:
            return text
    return text


def _fault(place: str, code: IssueCode, message: str) -> Issue:
    return Issue("fatal", code, place, message, "unreadable")
