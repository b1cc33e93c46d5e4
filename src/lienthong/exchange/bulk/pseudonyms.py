"""What a quality control centre is told of a resource: codes, numbers, times, and names that mean nothing elsewhere.

Only what stands in the tables below is told; all else is left out, whatever it is: texts, numbers of people and of
reports, contained resources, extensions of senders. A resource with a modifier extension is left out altogether, since
without that it says something else (R4, extensibility). Who is told of is named by a keyed digest, which is one and the
same for a centre whenever it asks, and another for each other centre. The decision is docs/adr/0008.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from lienthong.core.secrets import pseudonym_secret
from lienthong.exchange.fhir import systems
from lienthong.exchange.fhir.shown import Shown
from lienthong.interop.fhir import Element
from lienthong.registry.reads import FacilityFacts

# Security label of HL7 (v3 ObservationValue): names are replaced by pseudonyms.
LABEL: Element = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "PSEUDED"}


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """The names that things have for one centre; `facilities` are those of its region, by key."""

    key: bytes
    facilities: Mapping[int, FacilityFacts]

    @classmethod
    def of_centre(cls, code: str, facilities: Mapping[int, FacilityFacts]) -> Pseudonyms:
        """Return the names for the centre that has a facility code."""
        return cls(hmac.digest(pseudonym_secret(), f"centre/{code}".encode(), "sha256"), facilities)

    def name(self, kind: str, id_: str) -> str:
        """Return the id of a thing: 128 bits of a digest that nobody can make without the installation's secret."""
        return hmac.digest(self.key, f"{kind}/{id_}".encode(), "sha256")[:16].hex()

    def resource(self, one: Shown) -> Element | None:
        """Return what is told of a resource; None where something in it would change what the rest means."""
        if one.kind in _AS_REGISTERED:
            return one.element if one.name is None else None
        if one.name is not None and ("implicitRules" in one.element or _has_modifier(one.element)):
            return None
        found: Element = {"resourceType": one.kind, "id": self.name(one.kind, str(one.name or one.id))}
        found["meta"] = _meta(one.element.get("meta"))
        for name, rule in _TOLD[one.kind].items():
            if name in one.element and (value := rule(one.element[name], _Telling(self, one))) is not None:
                found[name] = value
        place = self.facilities.get(one.facility_id or 0)
        if place and (owner := _OWNERS.get(one.kind)):
            organization = {"reference": f"Organization/{place.code}"}
            found[owner] = organization if owner == "managingOrganization" else [organization]
        return found


@dataclass(frozen=True, slots=True)
class _Telling:
    names: Pseudonyms
    of: Shown


Rule: TypeAlias = Callable[[object, _Telling], object]


def _plain(value: object, _telling: _Telling) -> object:
    """A code, a number, an instant, which is all that R4 allows in the elements that have this rule."""
    return None if isinstance(value, dict | list) else value


def _year(value: object, _telling: _Telling) -> object:
    return value[:4] if isinstance(value, str) and value[:4].isdecimal() else None


def _coded(value: object, _telling: _Telling) -> object:
    """The codes with their systems; what they are called is a text of the sender."""
    listed = value.get("coding") if isinstance(value, dict) else None
    codings = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    kept = [{key: one[key] for key in ("system", "code") if isinstance(one.get(key), str)} for one in codings]
    return {"coding": [one for one in kept if "code" in one]} if any("code" in one for one in kept) else None


def _reference(value: object, telling: _Telling) -> object:
    """Of the house's own rows each reference is the house's; of what was received only those that were found here."""
    text = value.get("reference") if isinstance(value, dict) else None
    kind, slash, id_ = text.partition("/") if isinstance(text, str) else ("", "", "")
    is_known = slash and kind in _TOLD and (telling.of.name is None or _is_name(id_))
    return {"reference": f"{kind}/{telling.names.name(kind, id_)}"} if is_known else None


def _parts(rules: Mapping[str, Rule]) -> Rule:
    """Return the rule of an element that has further ones."""

    def rule(value: object, telling: _Telling) -> object:
        if not isinstance(value, dict):
            return None
        found = {
            key: kept for key, one in rules.items() if key in value and (kept := one(value[key], telling)) is not None
        }
        return found or None

    return rule


def _each(of: Rule) -> Rule:
    """Return the rule of a list."""

    def rule(value: object, telling: _Telling) -> object:
        if not isinstance(value, list):
            return None
        return [kept for one in value if (kept := of(one, telling)) is not None] or None

    return rule


def _compared(value: object, telling: _Telling) -> object:
    """The house's own extension alone: the value in the unit in which laboratories are compared."""
    if not isinstance(value, dict) or value.get("url") != systems.COMPARED_VALUE or telling.of.name is not None:
        return None
    return {"url": systems.COMPARED_VALUE, "valueQuantity": _quantity(value.get("valueQuantity"), telling)}


# `unit` is a text of the sender; where it is known its code says the same.
_quantity = _parts(dict.fromkeys(("value", "comparator", "system", "code"), _plain))
_period = _parts({"start": _plain, "end": _plain})
_range = _parts({"low": _quantity, "high": _quantity})
_limits = _parts({"low": _quantity, "high": _quantity, "type": _coded, "appliesTo": _each(_coded)})
_VALUES: Mapping[str, Rule] = {
    "valueQuantity": _quantity,
    "valueCodeableConcept": _coded,
    "valueBoolean": _plain,
    "valueInteger": _plain,
    "valueRange": _range,
    "valueRatio": _parts({"numerator": _quantity, "denominator": _quantity}),
    "dataAbsentReason": _coded,
    "interpretation": _each(_coded),
    "referenceRange": _each(_limits),
}
_TIMES: Mapping[str, Rule] = {
    "effectiveDateTime": _plain,
    "effectiveInstant": _plain,
    "effectivePeriod": _period,
    "issued": _plain,
}
_TOLD: Mapping[str, Mapping[str, Rule]] = {
    "Observation": {
        **{"extension": _each(_compared), "status": _plain, "category": _each(_coded), "code": _coded},
        **{"subject": _reference, **_TIMES, **_VALUES, "bodySite": _coded, "method": _coded, "specimen": _reference},
        **{"hasMember": _each(_reference), "component": _each(_parts({"code": _coded, **_VALUES}))},
    },
    "DiagnosticReport": {
        **{"status": _plain, "category": _each(_coded), "code": _coded, "subject": _reference, **_TIMES},
        **{"basedOn": _each(_reference), "specimen": _each(_reference), "result": _each(_reference)},
    },
    "Specimen": {
        **{"status": _plain, "type": _coded, "subject": _reference, "receivedTime": _plain},
        "collection": _parts({"collectedDateTime": _plain, "collectedPeriod": _period, "method": _coded}),
    },
    "ServiceRequest": {
        **{"status": _plain, "intent": _plain, "priority": _plain, "category": _each(_coded), "code": _coded},
        **{"subject": _reference, "occurrenceDateTime": _plain, "authoredOn": _plain},
    },
    "Patient": {"active": _plain, "gender": _plain, "birthDate": _year},
}
_AS_REGISTERED = frozenset(("Location", "Organization"))
# The element in which a resource says of which facility it is, whatever its sender wrote there.
_OWNERS = {
    **dict.fromkeys(("DiagnosticReport", "Observation", "ServiceRequest"), "performer"),
    "Patient": "managingOrganization",
}


def _meta(said: object) -> Element:
    """Version and time, the house's marks, and the label that names are replaced."""
    meta = said if isinstance(said, dict) else {}
    found: Element = {key: meta[key] for key in ("versionId", "lastUpdated") if key in meta}
    if extensions := [one for one in _dicts(meta.get("extension")) if one.get("url") == systems.MARK_EXTENSION]:
        found = {"extension": extensions, **found}
    found["security"] = [LABEL]
    if tags := [one for one in _dicts(meta.get("tag")) if one.get("system") == systems.MARK]:
        found["tag"] = tags
    return found


def _dicts(value: object) -> list[Element]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _has_modifier(value: object) -> bool:
    if isinstance(value, dict):
        return "modifierExtension" in value or any(_has_modifier(one) for one in value.values())
    return isinstance(value, list) and any(_has_modifier(one) for one in value)


def _is_name(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
