"""Observation.value[x] as OBX-2, OBX-5 and OBX-6."""

from __future__ import annotations

from lienthong.interop.fhir._index import Resource
from lienthong.interop.fhir._json import element_at, elements_at, number_at, text_at
from lienthong.interop.fhir._lines import components, encoded
from lienthong.interop.fhir._systems import AS_SENT
from lienthong.interop.fhir._times import time_back
from lienthong.interop.fhir._v2_types import cwe, extension_at, unit_back
from lienthong.interop.fhir._values import ATTACHMENT

Value = tuple[str, str, str]
_NONE: Value = ("", "", "")
_HL7_SUBTYPES = {
    "application/pdf": ("application", "pdf"),
    "image/jpeg": ("image", "jpeg"),
    "image/png": ("image", "png"),
}


def value_back(holder: Resource) -> Value:
    """Return value type, value and unit, encoded, of an Observation or of a component; empty where it has no value."""
    for key, read in _READERS.items():
        value = element_at(holder, key)
        if value:
            kind, written, unit = read(value)
            sent = text_at(extension_at(value, AS_SENT), "valueString")
            return ("SN", _as_sent(sent), unit) if sent else (kind, written, unit)
    return _plain(holder) or _attachment(holder) or _absent(holder)


def values_back(observation: Resource) -> tuple[str, list[str], str]:
    """Return value type, values and unit of an Observation, whose components are values of its own code."""
    parts = own_components(observation)
    if not parts:
        kind, value, unit = value_back(observation)
        return kind, [value] if value else [], unit
    read = [found for found in map(value_back, parts) if found[1]]
    kinds = {kind for kind, _, _ in read}
    return (
        kinds.pop() if len(kinds) == 1 else "ST",
        [value for _, value, _ in read],
        next((unit for _, _, unit in read if unit), ""),
    )


def _as_sent(sent: str) -> str:
    return components(*map(encoded, sent.split("^")))


def own_components(observation: Resource) -> tuple[Resource, ...]:
    """Return the components that repeat the observation's own code: OBX-5 that repeated."""
    parts = elements_at(observation, "component")
    code = observation.get("code")
    return parts if parts and all(part.get("code") == code for part in parts) else ()


def _quantity(value: Resource) -> Value:
    number, comparator = number_at(value, "value"), text_at(value, "comparator")
    if not number:
        return _NONE
    if comparator:
        return "SN", components(encoded(comparator), number), unit_back(value)
    return "NM", number, unit_back(value)


def _range(value: Resource) -> Value:
    low, high = element_at(value, "low"), element_at(value, "high")
    first, second = number_at(low, "value"), number_at(high, "value")
    unit = unit_back(low) or unit_back(high)
    if first and second:
        return "SN", components("", first, "-", second), unit
    return ("SN", components(">=" if first else "<=", first or second), unit) if first or second else _NONE


def _ratio(value: Resource) -> Value:
    above, below = element_at(value, "numerator"), element_at(value, "denominator")
    first, second = number_at(above, "value"), number_at(below, "value")
    if not (first and second):
        return _NONE
    comparator = encoded(text_at(above, "comparator") or text_at(below, "comparator"))
    return "SN", components(comparator, first, ":", second), unit_back(above) or unit_back(below)


def _period(value: Resource) -> Value:
    written = components(encoded(time_back(value, "start")), encoded(time_back(value, "end")))
    return ("DR", written, "") if written else _NONE


def _concept(value: Resource) -> Value:
    written = cwe(value)
    return ("CWE", written, "") if written else _NONE


_READERS = {
    "valueQuantity": _quantity,
    "valueCodeableConcept": _concept,
    "valueRange": _range,
    "valueRatio": _ratio,
    "valuePeriod": _period,
}


def _plain(holder: Resource) -> Value | None:
    """Return a value of a primitive type; SN that was text goes back as it was sent."""
    if text := text_at(holder, "valueString"):
        sent = text_at(extension_at(element_at(holder, "_valueString"), AS_SENT), "valueString")
        if sent:
            return "SN", _as_sent(sent), ""
        return ("TX" if "\n" in text else "ST"), encoded(text), ""
    if moment := time_back(holder, "valueDateTime"):
        return ("DT" if len(moment) <= 8 else "TS"), encoded(moment), ""
    if time := text_at(extension_at(element_at(holder, "_valueTime"), AS_SENT), "valueString"):
        return "TM", encoded(time), ""
    if time := text_at(holder, "valueTime"):
        return "TM", encoded(time.replace(":", "")), ""
    if number := number_at(holder, "valueInteger"):
        return "NM", number, ""
    if isinstance(truth := holder.get("valueBoolean"), bool):
        return "CWE", "Y^Yes^HL70136" if truth else "N^No^HL70136", ""
    return None


def _attachment(holder: Resource) -> Value | None:
    value = element_at(extension_at(holder, ATTACHMENT), "valueAttachment")
    kind, subtype = _HL7_SUBTYPES.get(text_at(value, "contentType"), ("", text_at(value, "contentType")))
    if data := text_at(value, "data"):
        return "ED", components("", encoded(kind), encoded(subtype), "Base64", encoded(data)), ""
    if url := text_at(value, "url"):
        return "RP", components(encoded(url), "", encoded(kind), encoded(subtype)), ""
    return None


def _absent(holder: Resource) -> Value:
    """A placeholder that was sent instead of a number goes back as it was."""
    text = text_at(holder, "dataAbsentReason", "text")
    return ("NM", encoded(text), "") if text else _NONE
