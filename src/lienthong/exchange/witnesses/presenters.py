"""What the page of witnesses shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.core.export import Cell
from lienthong.core.log.witnesses import WitnessFacts
from lienthong.exchange.witnesses.answers import LOUD
from lienthong.exchange.witnesses.wording import STATES, fault_words


@dataclass(frozen=True, slots=True)
class Status:
    tone: str
    symbol: str
    words: str


@dataclass(frozen=True, slots=True)
class WitnessRow:
    """A witness in the list."""

    facts: WitnessFacts
    status: Status
    fault: str

    @property
    def disagrees(self) -> bool:
        return self.facts.error_code in LOUD

    def cells(self) -> list[Cell]:
        """Return the row of the Excel file."""
        one = self.facts
        return [
            *(one.name, one.url, one.key, self.status.words, one.size, one.cosigned_at, one.added_at),
            *(one.error_code, self.fault, one.error, one.error_at),
        ]


def witness_rows(found: Iterable[WitnessFacts]) -> list[WitnessRow]:
    """Lay out witnesses, those that need someone first."""
    order = list(STATES)
    return [_row(one) for one in sorted(found, key=lambda one: order.index(_state(one)))]


def header() -> list[str]:
    return [
        *(_("Name"), _("Address"), _("Key"), _("State"), _("Leaves cosigned"), _("Cosigned"), _("Added")),
        *(_("Fault"), _("What it means"), _("What was found"), _("Time of the fault")),
    ]


def _row(one: WitnessFacts) -> WitnessRow:
    tone, symbol, words = STATES[_state(one)]
    return WitnessRow(one, Status(tone, symbol, str(words)), fault_words(one.error_code) if one.error_code else "")


def _state(one: WitnessFacts) -> str:
    if one.error_code:
        return "disagrees" if one.error_code in LOUD else "failing"
    return "new" if one.size is None else "cosigns"
