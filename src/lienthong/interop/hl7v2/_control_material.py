"""What a message tells of the control material in a specimen: INV and SAC below SPM, or observations that name it.

IHE LAW sends INV with INV-3 CO for a control (HL7 table 0384). Older analysers code the control in OBR-4 and send level
and lot as observations beside the results.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lienthong.interop.hl7v2._message import Message, Segment

CONTROL = "CO"
_LEVEL = re.compile(r"\b(?:qc|control)\b.*\blevel\b|质控水平", re.IGNORECASE)
_LOT = re.compile(r"\b(?:qc|control)\b.*\blot\b|质控批号", re.IGNORECASE)
_LONGEST = 60
_LONGEST_NAME = 200  # characters of an observation's name that are looked at; longer ones name no level and no lot


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlMaterial:
    """The material as its sender calls it; lot and level are empty where they are not told.

    `material` is INV-1, else the specimen's number (SPM-2, SAC-3), else the code of OBR-4, else OBR-3.
    """

    material: str = ""
    lot: str = ""
    level: str = ""
    name: str = ""


def control_materials(message: Message) -> dict[str, ControlMaterial]:
    """Return what is told of the material of each order, by the order's position, such as `OBR(1)`."""
    found: dict[str, ControlMaterial] = {}
    specimen = ControlMaterial()
    place = ""
    for segment in message.segments:
        if segment.name == "SPM":
            specimen = ControlMaterial(material=_specimen_number(segment))
            if place and not found[place].material:
                found[place] = replace(found[place], material=specimen.material)
        elif segment.name in ("SAC", "INV") and not _is_reagent(segment):
            specimen = _with_container(specimen, segment)
        elif segment.name == "OBR":
            place = f"OBR({len(found) + 1})"
            found[place] = specimen
        elif segment.name == "OBX" and place:
            found[place] = _with_observation(found[place], segment)
        elif segment.name == "PID":
            specimen = ControlMaterial()
    return {
        place: _named(one, segment) for (place, one), segment in zip(found.items(), message.all("OBR"), strict=True)
    }


def _specimen_number(segment: Segment) -> str:
    return (segment.value(2, 2) or segment.value(2))[:100]


def _is_reagent(segment: Segment) -> bool:
    return segment.name == "INV" and segment.value(3) != CONTROL


def _with_container(known: ControlMaterial, segment: Segment) -> ControlMaterial:
    if segment.name == "SAC":
        return replace(known, material=known.material or segment.value(3) or segment.value(4))
    return replace(
        known,
        material=segment.value(1) or known.material,
        name=segment.value(1, 2),
        lot=segment.value(16)[:_LONGEST],
    )


def _with_observation(known: ControlMaterial, segment: Segment) -> ControlMaterial:
    text = segment.value(3, 2)[:_LONGEST_NAME]
    value = (segment.value(5, 2) or segment.value(5)) if segment.value(2) in ("CE", "CWE") else segment.value(5)
    if _LEVEL.search(text):
        return replace(known, level=value[:_LONGEST])
    return replace(known, lot=value[:_LONGEST]) if _LOT.search(text) else known


def _named(known: ControlMaterial, order: Segment) -> ControlMaterial:
    """Where neither INV nor the specimen names the material, the order does."""
    if known.material:
        return known
    return replace(known, material=order.value(4) or order.value(3), name=known.name or order.value(4, 2))
