"""The status of a report or result in words and drawing."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class StatusWords:
    tone: str
    symbol: str
    words: str
    is_plain: bool


def status_words(status: str) -> StatusWords:
    """Return what a status is called; a final one needs no drawing."""
    return {
        "final": StatusWords("good", "in", _("final"), True),
        "corrected": StatusWords("info", "in", _("corrected"), False),
        "preliminary": StatusWords("warn", "wait", _("preliminary"), False),
        "withdrawn": StatusWords("bad", "out", _("withdrawn"), False),
    }[status]
