"""OBX-5 by OBX-2 to Observation.value[x] (map "Segment OBX to Observation"): what is no value says why."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

from lienthong.interop.fhir._bundle import Build
from lienthong.interop.fhir._datatypes import concept, quantity, table_concept, unit_of
from lienthong.interop.fhir._json import Element
from lienthong.interop.fhir._parts import Parts, clean
from lienthong.interop.fhir._systems import ABSENT, as_sent
from lienthong.interop.fhir._times import fhir_time
from lienthong.interop.hl7v2 import Segment, is_placeholder, read_value

# R5's Observation.value[x] of type Attachment, as the guide asks for in ED and RP.
ATTACHMENT = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.valueAttachment"
_COMPARATORS = frozenset(("<", "<=", ">", ">="))
_CODED = frozenset(("CE", "CWE", "CNE", "CF"))
_TEXTS = frozenset(("ST", "TX", "FT", ""))
_URL = re.compile(r"\S[^\s:]*:\S+")
_MIME_TYPES = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "tiff": "image/tiff",
    "html": "text/html",
    "xml": "text/xml",
    "rtf": "text/rtf",
    "plain": "text/plain",
}


def put_value(found: Element, segment: Segment, sent: str, unit: Parts, build: Build) -> None:
    """Set the value of an Observation, or of a component of one, from one repetition of OBX-5 as sent."""
    kind = segment.value(2).strip().upper()
    parts = Parts(segment, sent.split(segment.delimiters.component))
    text = clean(segment, sent)
    if kind in ("NM", "SN") and is_placeholder(text):
        if text:
            found["dataAbsentReason"] = no_value("unknown", text)
        return
    if not text or not parts:
        return
    if kind in _TEXTS:
        found["valueString"] = text
        return
    read = _BY_TYPE.get(kind)
    value = read(segment, parts, unit, build) if read else {}
    found.update(value or {"valueString": text})
    if not value and kind == "NM":
        build.report("OBX-5", "number", "OBX-5 of type NM is not a number with a decimal point; it was kept as text.")


def no_value(reason: str, text: str = "") -> Element:
    """Return a dataAbsentReason; `text` is what was sent in place of a value."""
    found: Element = {"coding": [{"system": ABSENT, "code": reason}]}
    return {**found, "text": text} if text else found


def _number(segment: Segment, parts: Parts, unit: Parts, build: Build) -> Element:
    text = parts.text(1)
    if found := quantity(text, unit, build):
        return {"valueQuantity": found}
    reading = read_value("NM", (text,))
    if reading.number is None or reading.comparator not in _COMPARATORS:
        return {}
    return {"valueQuantity": {"value": reading.number, "comparator": reading.comparator, **unit_of(unit, build)}}


def _structured(segment: Segment, parts: Parts, unit: Parts, build: Build) -> Element:
    """SN: Quantity with comparator, Range (`-`) or Ratio (`:`, `/`); `+`, `<>` and what is no number are text.

    A comparator that the FHIR type has no place for, or that HL7 does not know, is kept as it was sent.
    """
    comparator, low, separator, high = (parts.text(place) for place in (1, 2, 3, 4))
    first, second = quantity(low, unit, build), quantity(high, unit, build)
    is_known = comparator in ("", "=", *_COMPARATORS)
    kept: Element = {} if is_known else {"extension": [as_sent(_joined(parts))]}
    compared: Element = {"comparator": comparator} if comparator in _COMPARATORS else {}
    if comparator != "<>" and first:
        if separator in (":", "/") and second:
            return {"valueRatio": {**kept, "numerator": {**first, **compared}, "denominator": second}}
        if separator == "-" and second and not compared:
            return {"valueRange": {**kept, "low": first, "high": second}}
        if not separator and not high:
            return {"valueQuantity": {**kept, **first, **compared}}
    shown = " ".join(part for part in (comparator, low, separator, high) if part)
    return {"valueString": shown, "_valueString": {"extension": [as_sent(_joined(parts))]}}


def _joined(parts: Parts) -> str:
    return "^".join(parts.text(place) for place in (1, 2, 3, 4)).rstrip("^")


def _numeric_range(segment: Segment, parts: Parts, unit: Parts, build: Build) -> Element:
    sides = (("low", quantity(parts.text(1), unit, build)), ("high", quantity(parts.text(2), unit, build)))
    found = {key: side for key, side in sides if side}
    sent = [parts.text(place) for place in (1, 2) if parts.text(place)]
    return {"valueRange": found} if found and len(found) == len(sent) else {}


def _coded(segment: Segment, parts: Parts, unit: Parts, build: Build) -> Element:
    found = concept(parts, build)
    return {"valueCodeableConcept": found} if found else {}


def _user_table(segment: Segment, parts: Parts, unit: Parts, build: Build) -> Element:
    code = parts.code(1)
    return {"valueCodeableConcept": {"coding": [{"code": code}]}} if code and not parts.text(2) else {}


def _identified(segment: Segment, parts: Parts, unit: Parts, build: Build) -> Element:
    found = table_concept(parts, "0136", build)
    return {"valueCodeableConcept": found} if parts.code(1) in ("Y", "N") else _user_table(segment, parts, unit, build)


def _date_time(segment: Segment, parts: Parts, unit: Parts, build: Build) -> Element:
    found: Element = {}
    build.time(found, "valueDateTime", parts.text(1), "OBX-5")
    return found


def _time(segment: Segment, parts: Parts, unit: Parts, build: Build) -> Element:
    sent = parts.text(1)
    found = fhir_time(sent)
    if not found:
        return {}
    exact = found.replace(":", "") == sent
    return {"valueTime": found} if exact else {"valueTime": found, "_valueTime": {"extension": [as_sent(sent)]}}


def _period(segment: Segment, parts: Parts, unit: Parts, build: Build) -> Element:
    period: Element = {}
    build.time(period, "start", parts.text(1), "OBX-5.1")
    build.time(period, "end", parts.text(2), "OBX-5.2")
    return {"valuePeriod": period} if period else {}


def _value_range(segment: Segment, parts: Parts, unit: Parts, build: Build) -> Element:
    sides = [parts.text(place) for place in (1, 2)]
    return {"valueString": "-".join(sides)} if all(sides) else {}


def _data(segment: Segment, parts: Parts, unit: Parts, build: Build) -> Element:
    """Map "Datatype ED to Attachment": Base64 as it is, text (A) and Hex as the bytes that they mean."""
    encoding, sent = parts.text(4).casefold(), "".join(parts.text(5).split())
    data = sent
    try:
        if encoding == "hex":
            data = base64.b64encode(bytes.fromhex(sent)).decode()
        elif encoding == "a":
            data = base64.b64encode(parts.text(5).encode()).decode()
        else:
            base64.b64decode(sent, validate=True)
    except (ValueError, binascii.Error):
        return {}
    if not data:
        return {}
    kind = _mime_type(parts.text(2), parts.text(3))
    attachment: Element = {"contentType": kind} if kind else {}
    return {"extension": [{"url": ATTACHMENT, "valueAttachment": {**attachment, "data": data}}]}


def _pointer(segment: Segment, parts: Parts, unit: Parts, build: Build) -> Element:
    """Map "Datatype RP to Attachment"."""
    if not _URL.fullmatch(url := parts.text(1)):
        return {}
    kind = _mime_type(parts.text(3), parts.text(4))
    attachment: Element = {"contentType": kind} if kind else {}
    return {"extension": [{"url": ATTACHMENT, "valueAttachment": {**attachment, "url": url}}]}


def _mime_type(kind: str, subtype: str) -> str:
    """Return the MIME type of tables 0834 and 0291; empty where the pair names none."""
    if known := _MIME_TYPES.get(subtype.casefold()):
        return known
    whole = f"{kind}/{subtype}".casefold()
    return whole if re.fullmatch(r"(application|audio|image|model|text|video)/[\w.+-]+", whole, re.ASCII) else ""


_BY_TYPE: dict[str, Callable[[Segment, Parts, Parts, Build], Element]] = {
    "NM": _number,
    "SN": _structured,
    "NR": _numeric_range,
    **dict.fromkeys(_CODED, _coded),
    "IS": _user_table,
    "ID": _identified,
    **dict.fromkeys(("DT", "DTM", "TS"), _date_time),
    "TM": _time,
    "DR": _period,
    "VR": _value_range,
    "ED": _data,
    "RP": _pointer,
}
