"""The content tree of a structured report (PS3.3, section C.17.3): items, their names, values and relations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lienthong.findings import Finding
from lienthong.interop.dicom._dataset import Elements
from lienthong.interop.dicom._person_name import PersonName, name_of

DEEPEST, MOST_ITEMS = 60, 20_000
# PS3.3, table C.17.3-1: the element that holds the value of each simple value type.
TEXT_VALUES = {
    "TEXT": "TextValue",
    "DATE": "Date",
    "TIME": "Time",
    "DATETIME": "DateTime",
    "UIDREF": "UID",
}
COORDINATES = {
    "SCOORD": ("GraphicType", "GraphicData"),
    "SCOORD3D": ("GraphicType", "GraphicData"),
    "TCOORD": ("TemporalRangeType", "ReferencedSamplePositions", "ReferencedTimeOffsets", "ReferencedDateTime"),
}
REFERENCED = frozenset({"COMPOSITE", "IMAGE", "WAVEFORM"})


@dataclass(frozen=True, slots=True)
class Code:
    """A coded entry (PS3.3, section 8): the code, the scheme that it is of, and its meaning in words."""

    value: str
    scheme: str
    meaning: str

    @property
    def display(self) -> str:
        return self.meaning or self.value


@dataclass(frozen=True, slots=True)
class Reference:
    """An instance that is referred to; study and series where the document lists its evidence. Frames are from 1."""

    sop_class_uid: str
    sop_instance_uid: str
    study_uid: str = ""
    series_uid: str = ""
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ContentItem:
    """A node of the tree. `text` is the value as sent: of a number its digits (1.50 stays 1.50).

    `place` counts from the root, as the document's own references do: 1.2.3 is the third child of the second.
    `refers_to` is the place of the item that stands for one given by reference. Of coordinates, `text` is the kind and
    the numbers as sent.
    """

    place: str
    value_type: str
    relationship: str = ""
    concept: Code | None = None
    text: str = ""
    code: Code | None = None
    number: Decimal | None = None
    unit: Code | None = None
    person: PersonName | None = None
    references: tuple[Reference, ...] = ()
    refers_to: str = ""
    children: tuple[ContentItem, ...] = ()

    def walk(self) -> Iterator[ContentItem]:
        """Yield the item and all below it, in the order of the document."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def display(self) -> str:
        """The value in words."""
        if self.code:
            return self.code.display
        if self.person:
            return self.person.display
        unit = self.unit.value if self.unit and self.unit.value != "1" else ""
        return f"{self.text} {unit}".strip()


class TreeReader:
    """Reads a tree, up to a depth and a number of items; more is told and left out."""

    __slots__ = ("count", "findings")

    def __init__(self, findings: list[Finding]) -> None:
        self.findings, self.count = findings, 0

    def read(self, elements: Elements, place: str = "1", depth: int = 1) -> ContentItem:
        """Read an item with all below it."""
        self.count += 1
        kind = elements.text("ValueType").upper()
        return ContentItem(
            place=place,
            value_type=kind,
            relationship=elements.text("RelationshipType").upper(),
            concept=code_of(elements, "ConceptNameCodeSequence"),
            refers_to=".".join(elements.texts("ReferencedContentItemIdentifier")),
            children=self._children(elements, place, depth),
            **_value(elements, kind),  # type: ignore[arg-type]  # keywords of the dataclass, each of its own type
        )

    def _children(self, elements: Elements, place: str, depth: int) -> tuple[ContentItem, ...]:
        below = elements.items("ContentSequence")
        if below and depth >= DEEPEST:
            elements.tell("ContentSequence", "too-deep", f"lies deeper than {DEEPEST} levels and is left out")
            return ()
        found: list[ContentItem] = []
        for number, one in enumerate(below, start=1):
            if self.count >= MOST_ITEMS:
                elements.tell("ContentSequence", "too-many", f"has more than {MOST_ITEMS} items; the rest is left out")
                break
            found.append(self.read(one, f"{place}.{number}", depth + 1))
        return tuple(found)


def code_of(elements: Elements, keyword: str) -> Code | None:
    """Return the first code of a sequence; of a long or a URN code its own element (PS3.3, table 8.8-1)."""
    for item in elements.items(keyword):
        value = next((text for name in ("CodeValue", "LongCodeValue", "URNCodeValue") if (text := item.text(name))), "")
        code = Code(value, item.text("CodingSchemeDesignator"), item.text("CodeMeaning"))
        if code.value or code.meaning:
            return code
    return None


def references_of(elements: Elements) -> tuple[Reference, ...]:
    """Return the instances that an item refers to."""
    found = []
    for item in elements.items("ReferencedSOPSequence"):
        instance = item.uid("ReferencedSOPInstanceUID")
        if instance:
            frames = tuple(int(one) for one in item.texts("ReferencedFrameNumber") if one.isdecimal())
            found.append(Reference(item.uid("ReferencedSOPClassUID"), instance, frames=frames))
    return tuple(found)


def _value(elements: Elements, kind: str) -> dict[str, object]:
    if kind in TEXT_VALUES:
        return {"text": elements.text(TEXT_VALUES[kind])}
    if kind == "CODE":
        return {"code": code_of(elements, "ConceptCodeSequence")}
    if kind == "PNAME":
        return {"person": name_of(elements, "PersonName")}
    if kind == "NUM":
        return _number(elements)
    if kind in COORDINATES:
        return {"text": " ".join(text for name in COORDINATES[kind] for text in elements.texts(name) if text)}
    if kind in REFERENCED:
        return {"references": references_of(elements)}
    return {}


def _number(elements: Elements) -> dict[str, object]:
    for item in elements.items("MeasuredValueSequence"):
        text = item.text("NumericValue")
        try:
            number = Decimal(text) if text else None
        except InvalidOperation:
            number = None
            item.tell("NumericValue", "not-a-number", "must be a number")
        return {"text": text, "number": number, "unit": code_of(item, "MeasurementUnitsCodeSequence")}
    return {}
