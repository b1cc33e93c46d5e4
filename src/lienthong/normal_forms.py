"""Unicode's normal forms of text that anybody may have sent.

To put the marks after a letter in order takes the square of their number: one megabyte of marks would hold a process
for hours. So where more than thirty stand together they are separated, as in Unicode's stream-safe text (UAX #15,
section 13); no language writes so many.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Literal

MOST_MARKS = 30
_SHORT = 1_000  # marks of which the square is no burden
_BLOCKS_WITH_MARKS = range(0x300, 0x1F000)
_SEPARATOR = "\N{COMBINING GRAPHEME JOINER}"


def normalize(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """Do what `unicodedata.normalize` does, in a time that grows with the text and not with its square."""
    if len(text) > _SHORT and not text.isascii():
        text = _many_marks().sub(rf"\g<0>{_SEPARATOR}", text)
    return unicodedata.normalize(form, text)


@cache
def _many_marks() -> re.Pattern[str]:
    """Match as many marks as may stand together, where one more follows."""
    mark = "[" + "".join(chr(one) for one in _BLOCKS_WITH_MARKS if unicodedata.combining(chr(one))) + "]"
    return re.compile(f"{mark}{{{MOST_MARKS}}}(?={mark})")
