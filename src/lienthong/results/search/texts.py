"""Texts as searches compare them: without case and marks, and any word may begin what is asked for.

Names are one text here as often as they are in parts, and a code's name has the word that is looked for where it likes.
"""

from __future__ import annotations

from lienthong.results.identity import fold_name
from lienthong.results.search.branches import NO, Part, any_of
from lienthong.results.search.conditions import Condition, HasText

# As `fold_name` does it, of a text that is kept as it was told only.
_FOLDED = (
    "lower(translate(normalize(regexp_replace(normalize({}, NFD), '[\\u0300-\\u036f]', '', 'g'), NFC), 'đĐ', 'dd'))"
)


def starts(column: str, text: str) -> Part:
    """Whether a word of a folded text begins with another text, in which there must be a letter at least."""
    folded = _escaped(text)
    patterns = (f"{folded}%", f"% {folded}%") if folded else ()
    return any_of([Part(f"{column} LIKE %s", (one,)) for one in patterns])


def contains(column: str, text: str) -> Part:
    """Whether a folded text contains another, in which there must be a letter at least."""
    folded = _escaped(text)
    return Part(f"{column} LIKE %s", (f"%{folded}%",)) if folded else NO


def named(condition: Condition, *expressions: str) -> Part:
    """Whether one of some texts of a row is what is looked for (:text); NULL is none."""
    if not isinstance(condition, HasText):
        return NO
    return any_of([starts(_FOLDED.format(one), text) for text in condition.texts for one in expressions])


def either_named(condition: Condition, test: str, *, yes: str, no: str) -> Part:
    """Answer where every row has one of two names: `yes` where an expression over it is true, else `no`."""
    parts = [Part(f"({test})")] if says(condition, yes) else []
    return any_of([*parts, *([Part(f"NOT ({test})")] if says(condition, no) else [])])


def says(condition: Condition, text: str) -> bool:
    """Whether a text that every row has is what is looked for."""
    folded = f" {fold_name(text)}"
    wanted = condition.texts if isinstance(condition, HasText) else ()
    return any(f" {fold_name(one)}" in folded for one in wanted if fold_name(one))


def _escaped(text: str) -> str:
    return fold_name(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
