"""Messages and Bundles that other projects published beside each other, and where ours differ from theirs.

A difference is a pair, the element that differs, and how often it does.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lienthong.interop import fhir, hl7v2

SHARED = Path(__file__).parents[5] / "shared/data/hl7v2"
Differences = Counter[tuple[str, str]]


def pairs_to_fhir() -> list[tuple[Path, Path]]:
    """Return the pairs of a message and the Bundle that its authors expect."""
    cdc = [(path, path.with_suffix(".fhir")) for path in sorted((SHARED / "reportstream/v2_to_fhir").rglob("*.hl7"))]
    microsoft = [
        (path, path.with_name(f"{path.stem}-expected.json")) for path in sorted((SHARED / "microsoft").glob("*.hl7"))
    ]
    return [(message, bundle) for message, bundle in (*cdc, *microsoft) if bundle.exists()]


def pairs_to_hl7v2() -> list[tuple[Path, Path]]:
    """Return the pairs of a Bundle and the message that its authors expect."""
    return [(path, path.with_suffix(".hl7")) for path in sorted((SHARED / "reportstream/fhir_to_v2").glob("*.fhir"))]


def differences_to_fhir() -> Differences:
    found: Differences = Counter()
    for message_file, bundle_file in pairs_to_fhir():
        message, _ = hl7v2.parse(message_file.read_bytes())
        assert message is not None, message_file
        ours = json.loads(fhir.dumps(fhir.to_bundle(message).bundle))
        theirs = json.loads(bundle_file.read_text("utf-8-sig"))
        for element in _compare(_Read(ours), _Read(theirs)):
            found[message_file.stem, element] += 1
    return found


def differences_to_hl7v2() -> Differences:
    found: Differences = Counter()
    for bundle_file, message_file in pairs_to_hl7v2():
        ours = fhir.from_bundle(fhir.loads(bundle_file.read_bytes())).message
        theirs, _ = hl7v2.parse(message_file.read_bytes())
        assert ours is not None, bundle_file
        assert theirs is not None, message_file
        for element in _compare_messages(ours, theirs):
            found[bundle_file.stem, element] += 1
    return found


class _Read:
    """What is compared of a Bundle."""

    def __init__(self, bundle: dict[str, Any]) -> None:
        self._index: dict[str, Any] = {}
        self._every = [entry["resource"] for entry in bundle["entry"]]
        for entry in bundle["entry"]:
            resource = entry["resource"]
            self._index[entry.get("fullUrl", "")] = resource
            self._index[f"{resource['resourceType']}/{resource.get('id')}"] = resource

    def observations(self) -> list[dict[str, Any]]:
        return [
            {
                "code": _code(one.get("code")),
                "value": _value(one),
                "status": one.get("status"),
                "time": one.get("effectiveDateTime"),
                "interpretation": [_code(flag) for flag in one.get("interpretation", [])],
                "reference range": [limits.get("text") for limits in one.get("referenceRange", [])],
                "reason without value": _code(one.get("dataAbsentReason")),
                "specimen": self._specimen(one),
            }
            for one in self._of("Observation")
        ]

    def patients(self) -> list[dict[str, Any]]:
        return [
            {
                "identifiers": sorted((str(i.get("value")), _type_code(i)) for i in one.get("identifier", [])),
                "names": [(name.get("family"), name.get("given"), name.get("use")) for name in one.get("name", [])],
                "birth date": one.get("birthDate"),
                "sex": one.get("gender"),
            }
            for one in self._of("Patient")
        ]

    def encounters(self) -> list[dict[str, Any]]:
        return [
            {
                "class": one.get("class", {}).get("code"),
                "identifiers": sorted(str(number.get("value")) for number in one.get("identifier", [])),
                "period": [one.get("period", {}).get(side) for side in ("start", "end")],
                "status": one.get("status"),
            }
            for one in self._of("Encounter")
        ]

    def _of(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self._every if one["resourceType"] == kind]

    def _specimen(self, observation: dict[str, Any]) -> Any:
        found = self._index.get(observation.get("specimen", {}).get("reference", ""))
        if found is None:
            return None
        collection = found.get("collection", {})
        numbers = sorted(str(number.get("value")) for number in found.get("identifier", []))
        period = collection.get("collectedPeriod", {})
        return _code(found.get("type")), numbers, collection.get("collectedDateTime") or period.get("start")


def _code(concept: dict[str, Any] | None) -> Any:
    codings = (concept or {}).get("coding", [])
    return (codings[0].get("system"), codings[0].get("code")) if codings else (concept or {}).get("text")


def _type_code(identifier: dict[str, Any]) -> str:
    codings = identifier.get("type", {}).get("coding", [{}])
    return str(codings[0].get("code", ""))


def _value(holder: dict[str, Any]) -> Any:
    for key, value in holder.items():
        if key == "valueQuantity":
            return key, str(value.get("value")), value.get("comparator"), value.get("unit") or value.get("code")
        if key in ("valueRange", "valueRatio"):
            sides = ("low", "high", "numerator", "denominator")
            return key, [
                (side, str(value[side].get("value")), value[side].get("unit")) for side in sides if side in value
            ]
        if key.startswith("value"):
            return key, _code(value) if key == "valueCodeableConcept" else value
    if "component" in holder:
        return [_value(component) for component in holder["component"]]
    return "attachment" if any("valueAttachment" in one for one in holder.get("extension", [])) else None


def _compare(ours: _Read, theirs: _Read) -> Iterator[str]:
    yield from _compare_observations(ours.observations(), theirs.observations())
    for kind, own, other in (
        ("patient", ours.patients(), theirs.patients()),
        ("encounter", ours.encounters(), theirs.encounters()),
    ):
        if len(own) != len(other):
            yield f"number of {kind}s"
        for one, same in zip(own, other, strict=False):
            yield from (f"{kind}: {element}" for element in one if one[element] != same[element])


def _compare_observations(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> Iterator[str]:
    """Observations are the same where their codes are, whatever their systems; equal codes stand in order."""
    left = list(theirs)
    for one in ours:
        same = next((other for other in left if _bare(other["code"]) == _bare(one["code"])), None)
        if same is None:
            yield "observation: only ours"
            continue
        left.remove(same)
        yield from (f"observation: {element}" for element in one if one[element] != same[element])
    yield from ("observation: only theirs" for _ in left)


def _bare(code: Any) -> Any:
    return code[1] if isinstance(code, tuple) else code


def _compare_messages(ours: hl7v2.Message, theirs: hl7v2.Message) -> Iterator[str]:
    if ours.get("MSH-9.1") != theirs.get("MSH-9.1"):
        yield "MSH-9"
    for name, fields in (("PID", (3, 5, 7, 8)), ("OBR", (4, 7, 22, 25)), ("SPM", (4, 17, 18)), ("PV1", (2,))):
        own, other = ours.all(name), theirs.all(name)
        if len(own) != len(other):
            yield f"number of {name}"
        for one, same in zip(own, other, strict=False):
            yield from (f"{name}-{field}" for field in fields if _field(one, field) != _field(same, field))
    yield from _compare_obx(ours, theirs)


def _compare_obx(ours: hl7v2.Message, theirs: hl7v2.Message) -> Iterator[str]:
    left = list(theirs.all("OBX"))
    for one in ours.all("OBX"):
        same = next((other for other in left if other.value(3) == one.value(3)), None)
        if same is None:
            yield "OBX only ours"
            continue
        left.remove(same)
        fields = (3, 5, 6, 7, 8, 11, 14)
        yield from (f"OBX-{field}" for field in fields if _field(one, field) != _field(same, field))
    yield from ("OBX only theirs" for _ in left)


# Components that are compared of a field; of the others the first.
_COMPONENTS = {"PID-3": (1, 5), "PID-5": (1, 2, 3), "OBX-3": (1, 3), "OBX-6": (1, 3)}


def _field(segment: hl7v2.Segment, number: int) -> list[tuple[str, ...]]:
    places = _COMPONENTS.get(f"{segment.name}-{number}", (1,))
    if segment.name == "OBX" and number == 5:
        places = (1, 3) if segment.value(2) in ("CWE", "CE") else (1, 2, 3, 4)
    count = len(segment.repetitions(number))
    found = [tuple(segment.value(number, place, repetition=one + 1) for place in places) for one in range(count)]
    return [one for one in found if any(one)]
