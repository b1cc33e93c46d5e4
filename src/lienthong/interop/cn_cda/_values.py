"""CDA's data types as texts: PQ, REAL, INT, IVL_PQ, ST, CD, TS and their like; a null flavor is no value."""

from __future__ import annotations

from lienthong.findings import Finding
from lienthong.interop.hl7v2 import Instant, read_instant
from lienthong.interop.sent_xml import Node

CODED = frozenset({"CD", "CE", "CV", "CO", "CS"})
INTERVALS = frozenset({"IVL_PQ", "IVL_REAL", "IVL_INT"})


def type_of(value: Node) -> str:
    """Return the data type without its prefix; where none is told, what the attributes say."""
    told = value.get("xsi:type").rpartition(":")[2].upper()
    if told:
        return told
    if value.get("value"):
        return "PQ" if value.get("unit") else "REAL"
    if value.find("low") or value.find("high"):
        return "IVL_PQ"
    return "CD" if value.get("code") else "ST"


def text_of(value: Node) -> str:
    """Return a value as a person reads it; the code of a coded value without a display name is none."""
    if value.get("nullFlavor"):
        return ""
    kind = type_of(value)
    if kind in INTERVALS:
        return interval_text(value)
    if kind in CODED:
        return value.get("displayName") or _original(value)
    return value.get("value") or value.whole_text


def unit_of(value: Node) -> str:
    """Return the unit of a quantity, or of the limits of an interval."""
    limits = (value, value.find("low"), value.find("high"))
    return next((one.get("unit") for one in limits if one and one.get("unit")), "")


def interval_text(value: Node) -> str:
    """Write an interval as laboratories do: 3.9-6.4, <5.0, >=40; its own text where it has no limits."""
    low, high = value.find("low"), value.find("high")
    low_text, high_text = (one.get("value") if one else "" for one in (low, high))
    if low_text and high_text:
        return f"{low_text}-{high_text}"
    if high_text:
        return f"{'<' if high and high.get('inclusive') == 'false' else '<='}{high_text}"
    if low_text:
        return f"{'>' if low and low.get('inclusive') == 'false' else '>='}{low_text}"
    return value.get("value") or value.whole_text


def instant_of(node: Node | None, where: str, findings: list[Finding]) -> Instant | None:
    """Read a time: TS, or the begin of an interval of times. What is none is told."""
    if node is None:
        return None
    low = node.find("low")
    text = node.get("value") or (low.get("value") if low else "")
    found = read_instant(text) if text else None
    if text and found is None:
        findings.append(Finding(where, "date", f"{where} is not a time; write YYYYMMDDHHMMSS."))
    return found


def _original(value: Node) -> str:
    original = value.find("originalText")
    return original.whole_text if original else value.text
