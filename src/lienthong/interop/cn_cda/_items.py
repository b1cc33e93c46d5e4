"""The items of a report, from entries in any of the forms that templates give them.

An item is a cluster (`organizer`) of observations that data elements name: the code of the item with its specimen, the
quantity with its unit, the code of the result. The same observations may stand as entries one after the other: then
the code of an item begins it. Or an item is one observation of its own code with a value, as CDA itself has it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lienthong.findings import Finding
from lienthong.interop.cn_cda._document import Item
from lienthong.interop.cn_cda._elements import DATA_ELEMENTS, NAMES, SUBJECTIVE
from lienthong.interop.cn_cda._values import instant_of, interval_text, text_of, type_of, unit_of
from lienthong.interop.hl7v2 import Instant
from lienthong.interop.sent_xml import Node

# What the document says as a whole; all else belongs to an item.
TEXTS = frozenset(
    {"method", "category", "laboratory_text", "findings", "conclusion", "remark", "institution", "department"}
)
OF_ITEM = frozenset({"method"})
DIAGNOSES = "29548-5"


@dataclass(slots=True)
class _Open:
    """An item whose observations are still coming."""

    ordinal: int
    said: dict[str, str] = field(default_factory=dict)
    times: dict[str, Instant | None] = field(default_factory=dict)
    interpretations: tuple[str, ...] = ()

    def close(self) -> Item:
        return Item(ordinal=self.ordinal, interpretations=self.interpretations, **self.said, **self.times)  # type: ignore[arg-type]  # by the names of the fields


@dataclass(slots=True)
class ItemReader:
    """Takes sections in turn. `texts` are what the document says as a whole."""

    findings: list[Finding]
    texts: dict[str, str] = field(default_factory=dict)
    _items: list[_Open] = field(default_factory=list)
    _current: _Open | None = None

    def take(self, section: Node) -> None:
        """Read the entries of a section; diagnoses are of no concern here."""
        code = section.find("code")
        if code and code.get("code") == DIAGNOSES:
            return
        self._current = None
        for entry in section.all("entry"):
            for one in entry.children:
                if one.name == "organizer":
                    self._cluster(one)
                elif one.name == "observation":
                    self._observation(one)
        self._current = None

    def items(self) -> tuple[Item, ...]:
        return tuple(one.close() for one in self._items)

    def _cluster(self, organizer: Node) -> None:
        """Read a cluster: an item of its own, whatever comes first in it; clusters within it are read as well."""
        self._current = None
        observations = [one for part in organizer.all("component") for one in part.all("observation")]
        named = [one for one in observations if _name(one)]
        named.sort(key=lambda one: _name(one) != "item")
        for one in (*named, *(one for one in observations if not _name(one))):
            self._observation(one)
        self._current = None
        for part in organizer.all("component"):
            for inner in part.all("organizer"):
                self._cluster(inner)

    def _observation(self, one: Node) -> None:
        name = _name(one)
        if name == "item" or (name == "item_name" and self._current is None):
            self._begin(one, name)
        elif name in TEXTS and not (name in OF_ITEM and self._current is not None):
            self._text(name, one)
        elif name:
            self._detail(name, one)
        elif _is_direct(one):
            self._direct(one)
        elif one.find("value"):
            code = one.find("code")
            place = f"entry/observation[{code.get('displayName') or code.get('code')}]" if code else "entry/observation"
            told = f"{place} is a data element that is not read here."
            if Finding(place, "element-ignored", told) not in self.findings:
                self.findings.append(Finding(place, "element-ignored", told))

    def _open(self) -> _Open:
        self._items.append(_Open(len(self._items) + 1))
        return self._items[-1]

    def _begin(self, one: Node, name: str) -> None:
        """Begin an item by the observation that holds its code, or its name where that stands first."""
        last = self._current
        item = self._current = last if last and set(last.said) == {"name"} and name == "item" else self._open()
        value = one.find("value")
        if value and name == "item_name":
            item.said["name"] = text_of(value)
        elif value:
            item.said |= {"code": value.get("code") or value.whole_text, "code_system": value.get("codeSystem")}
            item.said.setdefault("name", value.get("displayName"))
        if name == "item" and not item.said.get("code"):
            place = f"item[{item.ordinal}]/code"
            self.findings.append(Finding(place, "required", f"{place} must hold the code of the item, but is blank."))
        place = f"item[{item.ordinal}]/effectiveTime"
        item.times["examined_at"] = instant_of(one.find("effectiveTime"), place, self.findings)
        self._within(one)

    def _within(self, one: Node) -> None:
        """Read what is related to an observation: unit, specimen, and whatever templates put below it."""
        for relation in one.all("entryRelationship"):
            for inner in relation.all("observation"):
                if _name(inner):
                    self._detail(_name(inner), inner)

    def _detail(self, name: str, one: Node) -> None:
        """Add an element to the item that it belongs to; without one, a result stands alone and is told."""
        item = self._current
        if item is None:
            place = f"entry/observation[{name}]"
            told = f"{place} stands before any item; it was not read."
            self.findings.append(Finding(place, "element-order", told))
            return
        value = one.find("value")
        if name == "specimen_kind":
            self._specimen(item, one)
        if name == "quantity":
            self._quantity(item, one, value)
        elif value and name in NAMES.values():
            field_name = {"item_name": "name"}.get(name, name)
            if field_name in Item.__dataclass_fields__:
                item.said[field_name] = text_of(value)
        self._within(one)

    def _quantity(self, item: _Open, one: Node, value: Node | None) -> None:
        if value:
            item.said |= {"value": text_of(value), "value_type": type_of(value)}
            if unit_of(value):
                item.said["unit"] = unit_of(value)
        self._judged(item, one)

    def _specimen(self, item: _Open, one: Node) -> None:
        """Read the specimen's times: low is its collection, high its receipt."""
        time = one.find("effectiveTime")
        place = f"item[{item.ordinal}]/specimen/effectiveTime"
        item.times["collected_at"] = instant_of(time, place, self.findings)
        if time:
            item.times["received_at"] = instant_of(time.find("high"), f"{place}/high", self.findings)

    def _direct(self, one: Node) -> None:
        """Read an observation of its own code and value."""
        item = self._open()
        code, value = one.find("code") or Node("code"), one.find("value") or Node("value")
        item.said = {
            "code": code.get("code"),
            "code_system": code.get("codeSystem"),
            "name": code.get("displayName"),
            "value": text_of(value),
            "value_type": type_of(value),
            "unit": unit_of(value),
            "method": _display(one.find("methodCode")),
            "body_site": _display(one.find("targetSiteCode")),
            "specimen_kind": _display(one.find("specimen", "specimenRole", "specimenPlayingEntity", "code")),
            "device": _display(one.find("participant", "participantRole", "playingDevice", "code")),
        }
        place = f"item[{item.ordinal}]/effectiveTime"
        item.times["effective_at"] = instant_of(one.find("effectiveTime"), place, self.findings)
        self._judged(item, one)
        self._current = item
        self._within(one)
        self._current = None

    def _judged(self, item: _Open, one: Node) -> None:
        """Read the interpretation and the reference range of an observation."""
        item.interpretations += tuple(found for code in one.all("interpretationCode") if (found := code.get("code")))
        ranges = [found for each in one.all("referenceRange") if (found := _range(each))]
        if ranges:
            item.said["reference_range"] = ranges[0]

    def _text(self, name: str, one: Node) -> None:
        value = one.find("value")
        text = text_of(value) if value else ""
        code = one.find("code")
        if name == "findings" and code and any(word in code.get("displayName") for word in SUBJECTIVE):
            name = "conclusion"
        if text:
            self.texts[name] = "\n".join(part for part in (self.texts.get(name, ""), text) if part)


def _name(one: Node) -> str:
    """Return the name of the data element that an observation holds; empty where it holds none that is known."""
    code = one.find("code")
    return NAMES.get(code.get("code").upper(), "") if code else ""


def _is_direct(one: Node) -> bool:
    code = one.find("code")
    return bool(code and code.get("code") and code.get("codeSystem") != DATA_ELEMENTS and one.find("value"))


def _display(code: Node | None) -> str:
    return (code.get("displayName") or code.get("code")) if code else ""


def _range(node: Node) -> str:
    value = node.find("observationRange", "value")
    if value:
        return interval_text(value)
    text = node.find("observationRange", "text")
    return text.whole_text if text else ""
