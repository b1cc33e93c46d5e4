"""What the pages of control materials show: mappings, and lots to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from lienthong.core.export import Cell
from lienthong.exchange.controls.book import fits_material
from lienthong.exchange.controls.lookups import WaitingMaterial
from lienthong.exchange.models import ControlMapping
from lienthong.exchange.presenters import reviewed_cells, reviewed_header
from lienthong.iqc.reads import ControlLotFacts


@dataclass(frozen=True, slots=True)
class ControlMappingRow:
    mapping: ControlMapping
    sender: str
    means: str
    is_own: bool

    @property
    def is_open(self) -> bool:
        return self.mapping.confirmed_at is None

    def cells(self) -> list[Cell]:
        """Return the row of the Excel file."""
        row = self.mapping
        return [
            *(self.sender, row.material, row.lot, row.level),
            *(row.control_lot.material, row.control_lot.lot, row.control_lot.level),
            *reviewed_cells(row),
        ]


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A material that waits, and where its proposal is made."""

    material: WaitingMaterial
    query: str

    def cells(self) -> list[Cell]:
        """Return the row of the Excel file."""
        one = self.material
        return [one.source.title, one.material, one.name, one.lot, one.level, one.messages, one.since]


def control_mapping_rows(mappings: Iterable[ControlMapping], *, user_id: int) -> list[ControlMappingRow]:
    return [
        ControlMappingRow(row, row.source.title, _lot_words(row.control_lot), row.proposed_by_id == user_id)
        for row in mappings
    ]


def control_mapping_header() -> list[str]:
    return [
        *(_("Sender"), _("Control material as sent"), _("Lot as sent"), _("Level as sent")),
        *(_("Control material"), _("Control lot"), _("Control level"), *reviewed_header()),
    ]


def waiting_header() -> list[str]:
    return [
        *(_("Sender"), _("Control material as sent"), _("Name"), _("Lot as sent"), _("Level as sent")),
        *(_("Messages"), _("Since")),
    ]


def waiting_rows(materials: Iterable[WaitingMaterial], *, but: Sequence[ControlMappingRow]) -> list[WaitingRow]:
    """Return the materials that no mapping of the rows tells, be it proposed, or confirmed and being replayed."""
    return [
        WaitingRow(one, material_query(one)) for one in materials if not any(_tells(row.mapping, one) for row in but)
    ]


def material_query(one: WaitingMaterial) -> str:
    """Return the query that names a waiting material on the page of its proposal."""
    return urlencode({"source": one.source.code, "material": one.material, "lot": one.lot, "level": one.level})


def lot_choices(lots: Iterable[ControlLotFacts]) -> list[tuple[int, str]]:
    return [(one.id, _lot_words(one)) for one in lots]


def _tells(mapping: ControlMapping, one: WaitingMaterial) -> bool:
    is_same = (mapping.source.pk, mapping.lot, mapping.level) == (one.source.pk, one.lot, one.level)
    day = one.first_asked_on
    is_in_force = mapping.valid_from <= day and (mapping.valid_to is None or day < mapping.valid_to)
    return is_same and fits_material(mapping.material, one.material) and (is_in_force or mapping.confirmed_at is None)


def _lot_words(lot: ControlLotFacts | object) -> str:
    words = _("%(material)s, lot %(lot)s, level %(level)s")
    names = ("material", "lot", "level")
    return words % {name: getattr(lot, name) for name in names}
