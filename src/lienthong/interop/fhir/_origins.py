"""Where in a Bundle the fields of a written message come from: of each segment, the resources it was made of.

The table is HL7's map read backwards, as the writers follow it (`_v2_patient`, `_v2_results`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lienthong.interop.fhir._index import Resource
from lienthong.interop.fhir._json import element_at, elements_at, text_at
from lienthong.interop.hl7v2 import Segment

_PLACE = re.compile(r"([A-Z][A-Z0-9]{2})(?:\((\d+)\))?(?:-(\d+))?", re.ASCII)
# The kind of a segment of which the message has none.
_KINDS = {
    **dict.fromkeys(("MSH", "EVN"), "Bundle"),
    **dict.fromkeys(("PID", "PD1", "MRG"), "Patient"),
    **dict.fromkeys(("PV1", "PV2"), "Encounter"),
    **{"NK1": "RelatedPerson", "AL1": "AllergyIntolerance", "DG1": "Condition", "ORC": "ServiceRequest"},
    **{"OBR": "DiagnosticReport", "OBX": "Observation", "SPM": "Specimen"},
}
_ELEMENTS: Mapping[str, Mapping[int, str]] = {
    "PID": {3: "identifier", 5: "name", 6: "extension", 7: "birthDate", 8: "gender", 11: "address", 13: "telecom",
            14: "telecom", 15: "communication", 16: "maritalStatus", 29: "deceased[x]", 30: "deceased[x]"},
    "PD1": {3: "generalPractitioner", 4: "generalPractitioner"},
    "MRG": {1: "link", 7: "link"},
    "PV1": {2: "class", 3: "location", 4: "type", 19: "identifier", 44: "period.start", 45: "period.end"},
    "PV2": {3: "reasonCode", 25: "priority"},
    "AL1": {2: "category", 3: "code", 4: "criticality", 5: "reaction", 6: "onset[x]"},
    "DG1": {3: "code", 4: "code.text", 5: "onset[x]", 19: "recordedDate", 20: "identifier"},
    "ORC": {1: "status", 2: "identifier", 3: "identifier", 4: "identifier", 5: "status", 9: "authoredOn",
            12: "requester", 16: "extension", 21: "requester"},
    "OBR": {2: "identifier", 3: "identifier", 4: "code", 5: "priority", 6: "occurrence[x]", 7: "effective[x]",
            8: "effectivePeriod.end", 11: "intent", 16: "requester", 22: "issued", 24: "category", 25: "status",
            31: "reasonCode"},
    "OBX": {2: "value[x]", 3: "code", 4: "extension", 5: "value[x]", 6: "value[x].unit", 7: "referenceRange",
            8: "interpretation", 10: "extension", 11: "status", 14: "effective[x]", 15: "performer", 16: "performer",
            17: "method", 18: "device", 19: "extension", 20: "bodySite", 21: "identifier", 23: "performer",
            25: "performer", 29: "category", 33: "specimen"},
    "SPM": {2: "identifier", 3: "parent", 4: "type", 6: "container", 7: "collection.method", 8: "collection.bodySite",
            12: "collection.quantity", 14: "note", 17: "collection.collected[x]", 18: "receivedTime", 20: "status",
            24: "condition", 27: "container", 30: "accessionIdentifier", 31: "identifier"},
}  # fmt: skip
# What a component of an Observation has of its own; the rest is the Observation's.
_OF_COMPONENT = frozenset((2, 3, 5, 6, 7, 8))
_ASKED_FOR = 4  # OBR-4 is the order's code before the report's


@dataclass(frozen=True, slots=True)
class Origin:
    """An element: the number of its entry in the Bundle, -1 where it has none; its type; the path below that."""

    entry: int
    kind: str
    path: str = ""

    def __str__(self) -> str:
        return f"{self.kind}.{self.path}" if self.path else self.kind


@dataclass(slots=True)
class Origins:
    """What the segments of a message were made of; `entries` are the resources of its Bundle."""

    entries: Sequence[Resource] = ()
    _segments: dict[str, list[tuple[int, tuple[Resource, ...]]]] = field(default_factory=dict)

    def note(self, made_of: Mapping[int, tuple[int, tuple[Resource, ...]]], segments: Sequence[Segment]) -> None:
        """Keep for each segment of the message, in order, the component it is and the resources it was made of."""
        for one in segments:
            self._segments.setdefault(one.name, []).append(made_of.get(id(one), (-1, ())))

    def find(self, where: str) -> Origin | None:
        """Return the element that a place such as `OBX(2)-3` was made of; None where it names no known segment."""
        match = _PLACE.match(where)
        if match is None or match[1] not in _KINDS:
            return None
        name, number = match[1], int(match[3] or 0)
        those = self._segments.get(name, [])
        at = int(match[2] or 1) - 1
        component, resources = those[at] if at < len(those) else (-1, ())
        path = _ELEMENTS.get(name, {}).get(number, "")
        if (name, number) == ("OBR", _ASKED_FOR):
            resources = (*resources[1::-1], *resources[2:])
        resource = _holder(resources, path)
        if resource is None:
            return Origin(-1, _KINDS[name], _written(path, {}))
        entry = next((at for at, one in enumerate(self.entries) if one is resource), -1)
        return Origin(entry, text_at(resource, "resourceType"), _path(resource, path, number, component))


def _holder(resources: Sequence[Resource], path: str) -> Resource | None:
    """Return of several resources the first that has the element, else the first."""
    known = [one for one in resources if text_at(one, "resourceType")]
    return next((one for one in known if path and _has(one, path)), known[0] if known else None)


def _has(resource: Resource, path: str) -> bool:
    return _written(path, resource).partition(".")[0] in resource


def _path(resource: Resource, path: str, number: int, component: int) -> str:
    if component < 0 or number not in _OF_COMPONENT:
        return _written(path, resource)
    parts = elements_at(resource, "component")
    inner = _written(path, parts[component] if component < len(parts) else {})
    return f"component[{component}].{inner}"


def _written(path: str, holder: Resource) -> str:
    """Return a path with its choice of types as the holder has it: valueQuantity for value[x]."""
    stem, choice, rest = path.partition("[x]")
    if not choice:
        return path
    above, dot, name = stem.rpartition(".")
    inside = element_at(holder, *above.split(".")) if above else holder
    chosen = next((key for key in inside if key.startswith(name) and key[len(name) :][:1].isupper()), name)
    return f"{above}{dot}{chosen}{rest if not rest or chosen == 'valueQuantity' else ''}"
