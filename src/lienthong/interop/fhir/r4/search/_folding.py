"""Text as string searches compare it: no case, accents, punctuation, repeated white space (FHIR R4, Search, string)."""

from __future__ import annotations

import unicodedata

from lienthong.normal_forms import normalize

# Letters that Unicode doesn't decompose into a letter and a mark.
_LETTERS = str.maketrans({"đ": "d", "ð": "d", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ı": "i"})


def folded(text: str) -> str:
    """Return the text for comparison: Nguyễn Thị-Đào becomes `nguyen thidao`."""
    kept = [
        letter
        for letter in normalize("NFKD", text.casefold())
        if unicodedata.category(letter)[0] not in "MPC" or letter.isspace()
    ]
    return " ".join("".join(kept).translate(_LETTERS).split())
