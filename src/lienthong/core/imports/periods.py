"""Where a new period goes among those that are stored: nothing overlaps, and the same words change nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from lienthong.core.imports.spec import Held
from lienthong.core.tabular import Value


class Effect(StrEnum):
    """What a row does to what is stored."""

    NONE = "none"
    NEW = "new"
    NEXT = "next"
    CORRECTED = "corrected"


class Overlap(Exception):
    """The period would reach into a later one that begins on a day."""

    def __init__(self, begins: dt.date) -> None:
        self.begins = begins
        super().__init__(f"a later period begins on {begins}")


def place(
    held: list[Held], *, valid_from: dt.date, valid_to: dt.date | None, values: Mapping[str, Value]
) -> tuple[list[Held], Effect]:
    """Return the periods with a new one among them, in order, and what that did.

    Without an end the new period lasts until the next one that is stored. It ends the one it begins in, for good; one
    that begins on the same day it replaces; with the values of the one it begins in, it is that one, lasting on.
    """
    before = _covering(held, valid_from)
    if before is not None and before.valid_from < valid_from and before.values == values:
        valid_from = before.valid_from
    later = min((one.valid_from for one in held if one.valid_from > valid_from), default=None)
    if valid_to is not None and later is not None and valid_to > later:
        raise Overlap(later)
    new = Held(None, valid_from, valid_to or later, values)
    same = next((one for one in held if one.valid_from == valid_from), None)
    if same is not None and (same.valid_to, same.values) == (new.valid_to, new.values):
        return held, Effect.NONE
    kept = [_cut(one, valid_from) for one in held if one is not same]
    effect = Effect.CORRECTED if same else Effect.NEXT if held else Effect.NEW
    return sorted([*kept, new], key=lambda one: one.valid_from), effect


def values_before(held: list[Held], day: dt.date) -> Mapping[str, Value]:
    """Return the values that hold on a day, which stand for the columns that a file doesn't have."""
    found = _covering(held, day)
    return found.values if found else {}


def _covering(held: list[Held], day: dt.date) -> Held | None:
    return next(
        (one for one in held if one.valid_from <= day and (one.valid_to is None or one.valid_to > day)),
        None,
    )


def _cut(one: Held, day: dt.date) -> Held:
    """End a period that reaches over a day on that day; what was stored then makes room for a new row."""
    reaches = one.valid_from < day and (one.valid_to is None or one.valid_to > day)
    return replace(one, pk=None, valid_to=day) if reaches else one
