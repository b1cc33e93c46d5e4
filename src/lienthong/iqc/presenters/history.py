"""Rows of the history of corrective actions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.core.export import Cell
from lienthong.core.templatetags.numbers import moment
from lienthong.iqc.history import Answered, PastAction
from lienthong.iqc.words import rule_name


@dataclass(frozen=True, slots=True)
class ActionRow:
    """An action, what it answers, and whether that is cleared."""

    done_at: dt.datetime
    recorded_at: dt.datetime
    cause: str
    action: str
    by: str
    answers: tuple[str, ...]
    tone: str
    symbol: str
    words: str

    def cells(self) -> tuple[Cell, ...]:
        return (
            *(self.done_at, self.recorded_at, self.cause, self.action),
            *(self.by, "; ".join(self.answers), self.words),
        )


def action_header() -> tuple[str, ...]:
    return (_("Done"), _("Recorded"), _("Cause"), _("Action"), _("By"), _("Answers"), _("State"))


def action_rows(actions: Iterable[PastAction], names: Mapping[int, str]) -> list[ActionRow]:
    """Return rows in the order given; `names` are those of the systems, by key."""
    return [_row(one, names) for one in actions]


def _row(one: PastAction, names: Mapping[int, str]) -> ActionRow:
    is_cleared = all(answered.cleared_at for answered in one.answered)
    tone, symbol, words = ("good", "in", _("Cleared")) if is_cleared else ("info", "wait", _("Not cleared yet"))
    return ActionRow(
        done_at=one.done_at,
        recorded_at=one.recorded_at,
        cause=one.cause,
        action=one.action,
        by=one.by,
        answers=tuple(_answer(answered, names.get(answered.procedure_id, "")) for answered in one.answered),
        tone=tone,
        symbol=symbol,
        words=words,
    )


def _answer(answered: Answered, name: str) -> str:
    parts = {
        "name": name,
        "rule": rule_name(answered.rule),
        "level": answered.level,
        "at": moment(answered.run_at),
    }
    return _("%(name)s: %(rule)s, level %(level)s, %(at)s") % parts
