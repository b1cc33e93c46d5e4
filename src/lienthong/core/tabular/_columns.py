"""What a column of a table is called and may hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lienthong.interop.cells import fold

Value = str | int | Decimal | dt.date | dt.datetime | bool | None


class Kind(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"
    YES_NO = "yes_no"
    CHOICE = "choice"


KIND_WORDS: dict[Kind, str | Promise] = {
    Kind.TEXT: _("text"),
    Kind.INTEGER: _("whole number"),
    Kind.NUMBER: _("number, with a decimal point or comma"),
    Kind.DAY: _("day, as 31/12/2026 or 2026-12-31"),
    Kind.MOMENT: _("day and time, as 31/12/2026 07:30 or 2026-12-31 07:30"),
    Kind.YES_NO: _("yes or no"),
    Kind.CHOICE: _("one of the codes listed"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key, the label that people read, and what its cells may hold.

    A required column must be there and each of its cells filled. `choices` gives for each code of a CHOICE the other
    words that are accepted for it. `longest` is for text; `least`, `most` and `decimals` are for numbers. Of text that
    `refuses_numbers`, a cell that Excel keeps as a number is refused: its leading zeros are lost; of one that
    `keeps_decimals`, such as a measured value, 1.50 stays 1.50.
    """

    key: str
    label: str | Promise
    kind: Kind = Kind.TEXT
    is_required: bool = True
    aliases: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    longest: int = 200
    least: Decimal | int | None = None
    most: Decimal | int | None = None
    decimals: int | None = None
    refuses_numbers: bool = False
    keeps_decimals: bool = False

    def titles(self) -> frozenset[str]:
        """Return every header that is accepted, folded."""
        names = {self.key, *self.aliases}
        for code, _name in settings.LANGUAGES:
            with translation.override(code):
                names.add(str(self.label))
        return frozenset(fold(name) for name in names)
