"""A reported value as OBX-2 and OBX-5: it is told as it was reported, so that 1.50 stays 1.50."""

from __future__ import annotations

import re

from lienthong.interop.hl7v2 import escape

_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_PLAIN = re.compile(_NUMBER, re.ASCII)
_COMPARED = re.compile(rf"(<=|>=|<|>)\s*({_NUMBER})", re.ASCII)
LONGEST_STRING = 199  # of ST (v2.5.1, chapter 2A.74)


def value_of(reported: str) -> tuple[str, tuple[str, ...]]:
    """Return type and repetitions of a value, those of SN in the notation of `^~\\&`: NM, SN with a comparator, ST, TX.

    A text of several lines has a repetition for each (TX). Nothing has no type.
    """
    if not reported:
        return "", ()
    if _PLAIN.fullmatch(reported):
        return "NM", (reported,)
    if match := _COMPARED.fullmatch(reported):
        return "SN", ("^".join(map(escape, match.groups())),)
    lines = tuple(reported.split("\n"))
    return ("ST", lines) if len(lines) == 1 and len(reported) <= LONGEST_STRING else ("TX", lines)
