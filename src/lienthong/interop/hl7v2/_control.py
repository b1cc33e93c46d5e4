"""What control material a result is of: what internal quality control needs to find its material, lot and level.

IHE LAW (LAB-29) names it in SPM, SAC and INV; analysers that send ORU^R01 name it in OBR-4 and in observations of
their own. What the message does not tell is blank, nothing is guessed from a number.
"""

from __future__ import annotations

from msgspec import Struct

from lienthong.interop.hl7v2._instant import Instant
from lienthong.interop.hl7v2._observation import Observation
from lienthong.interop.hl7v2._order import OruOrder
from lienthong.interop.hl7v2._specimen import Material, Specimen

_CONTROL_KINDS = ("CO", "C")  # INV-3: HL7 table 0384 has CO; some analysers shorten it
_LEVEL_WORDS = ("QC LEVEL", "CONTROL LEVEL", "LEVEL")
_LOT_WORDS = ("QC LOT", "LOT NO", "LOT NUMBER", "LOT")
_MATERIAL_WORDS = ("QC MATERIAL", "CONTROL MATERIAL", "CONTROL NAME", "QC NAME", "QC FILE")


class ControlMaterial(Struct, frozen=True, gc=False):
    """A control material as a message names it. `identifier` is the number of the specimen or container."""

    name: str = ""
    lot: str = ""
    level: str = ""
    identifier: str = ""
    expires_at: Instant | None = None
    instruments: tuple[str, ...] = ()


def control_material(order: OruOrder) -> ControlMaterial:
    """Return what an order of control material says about it."""
    specimen = order.specimen
    material = _material(specimen)
    told = [*order.observations, *order.specimen_observations]
    return ControlMaterial(
        name=_told(told, _MATERIAL_WORDS) or _name(specimen, material) or order.service.display,
        lot=(material.lot if material else "") or _told(told, _LOT_WORDS),
        level=_told(told, _LEVEL_WORDS),
        identifier=_identifier(specimen),
        expires_at=(material.expires_at if material else None) or (specimen.expires_at if specimen else None),
        instruments=next((one.equipment for one in order.observations if one.equipment), ()),
    )


def _material(specimen: Specimen | None) -> Material | None:
    materials = specimen.materials if specimen else ()
    controls = (one for one in materials if one.kind and one.kind.code in _CONTROL_KINDS)
    return next(controls, materials[0] if len(materials) == 1 else None)


def _name(specimen: Specimen | None, material: Material | None) -> str:
    if material and material.identifier:
        return material.identifier.display
    if specimen is None:
        return ""
    return next(iter(specimen.descriptions), "") or (specimen.type.display if specimen.type else "")


def _identifier(specimen: Specimen | None) -> str:
    if specimen is None:
        return ""
    containers = (one.identifier or one.primary for one in specimen.containers)
    return specimen.identifier or next((one.value for one in containers if one), "")


def _told(observations: list[Observation], words: tuple[str, ...]) -> str:
    """The value of the first observation that is named so."""
    for word in words:
        for one in observations:
            if word in (one.code.text.upper().strip(), one.code.alt_text.upper().strip()):
                return one.text
    return ""
