"""What the pages of control materials show: mappings, and lots to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from lienthong.core.export import Cell
from lienthong.exchange.control_lookups import WaitingMaterial
from lienthong.exchange.models import ControlMapping
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
        confirmed = (row.confirmed_by.full_name, row.confirmed_at) if row.confirmed_by else ("", None)
        return [
            *(self.sender, row.material, row.lot, row.level),
            *(row.control_lot.material, row.control_lot.lot, row.control_lot.level),
            *(row.valid_from, row.valid_to, row.proposed_by.full_name, row.proposed_at, *confirmed),
        ]


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A material that waits, and where its proposal is made."""

    material: WaitingMaterial
    query: str


def control_mapping_rows(mappings: Iterable[ControlMapping], *, user_id: int) -> list[ControlMappingRow]:
    return [
        ControlMappingRow(row, row.source.facility.name, _lot_words(row.control_lot), row.proposed_by_id == user_id)
        for row in mappings
    ]


def control_mapping_header() -> list[str]:
    return [
        *(_("Sender"), _("Control material as sent"), _("Lot as sent"), _("Level as sent")),
        *(_("Control material"), _("Control lot"), _("Control level"), _("Holds from"), _("Until")),
        *(_("Proposed by"), _("Proposed"), _("Confirmed by"), _("Confirmed")),
    ]


def waiting_rows(materials: Iterable[WaitingMaterial], *, but: Iterable[ControlMappingRow]) -> list[WaitingRow]:
    """Return the materials for which no open proposal is among the rows."""
    proposed = {_told(row.mapping) for row in but if row.is_open}
    return [WaitingRow(one, material_query(one)) for one in materials if _told(one) not in proposed]


def material_query(one: WaitingMaterial) -> str:
    """Return the query that names a waiting material on the page of its proposal."""
    return urlencode({"source": one.source.code, "material": one.material, "lot": one.lot, "level": one.level})


def lot_choices(lots: Iterable[ControlLotFacts]) -> list[tuple[int, str]]:
    return [(one.id, _lot_words(one)) for one in lots]


def _told(one: WaitingMaterial | ControlMapping) -> tuple[object, ...]:
    return one.source.pk, one.material, one.lot, one.level


def _lot_words(lot: ControlLotFacts | object) -> str:
    words = _("%(material)s, lot %(lot)s, level %(level)s")
    names = ("material", "lot", "level")
    return words % {name: getattr(lot, name) for name in names}
