"""Which control lot and level a sender means, by what it tells of the material: mappings that two persons made."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from lienthong.exchange.models import ControlMapping
from lienthong.interop.hl7v2 import ControlMaterial


@dataclass(frozen=True, slots=True)
class _Mapped:
    material: str
    lot: str
    level: str
    control_lot_id: int
    valid_from: dt.date
    valid_to: dt.date | None

    def fits(self, told: ControlMaterial, on: dt.date) -> bool:
        is_in_force = self.valid_from <= on and (self.valid_to is None or on < self.valid_to)
        is_same = (self.lot, self.level) == (told.lot, told.level)
        return is_in_force and is_same and fits_material(self.material, told.material)


@dataclass(slots=True)
class ControlBook:
    """Confirmed mappings of control materials by sender, read for the senders that bring controls."""

    mappings: dict[str, list[_Mapped]] = field(default_factory=dict)

    def add(self, source: str) -> None:
        """Read what holds for a sender; nothing is asked for one that was added before."""
        if source in self.mappings:
            return
        rows = ControlMapping.objects.known_at(None).confirmed().filter(source__code=source)
        columns = ("material", "lot", "level", "control_lot_id", "valid_from", "valid_to")
        self.mappings[source] = [_Mapped(*mapped) for mapped in rows.values_list(*columns)]

    def control_lot(self, source: str, told: ControlMaterial, *, on: dt.date) -> int | None:
        """Return the key of the control lot and level; None where no mapping, or two different ones, tell it."""
        self.add(source)
        fitting = [one for one in self.mappings[source] if one.fits(told, on)]
        exact = [one for one in fitting if "*" not in one.material] or fitting
        lots = {one.control_lot_id for one in exact}
        return lots.pop() if len(lots) == 1 else None


def fits_material(pattern: str, material: str) -> bool:
    """Whether a mapping's material is what was told; `*` stands for any signs, all others for themselves."""
    if "*" not in pattern:
        return pattern == material
    return fnmatchcase(material, pattern.replace("[", "[[]").replace("?", "[?]"))
