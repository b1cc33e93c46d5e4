r"""The signs that separate values, and their escapes: \, \| \$ \\ (FHIR R4, Search, escaping search parameters)."""

from __future__ import annotations

import re

_ESCAPED = re.compile(r"\\([,|$\\])")


def split(text: str, sign: str) -> list[str]:
    """Return the parts of a text between the signs that are not escaped; escapes stay in the parts."""
    parts = [""]
    escaped = False
    for letter in text:
        if letter == sign and not escaped:
            parts.append("")
            continue
        parts[-1] += letter
        escaped = letter == "\\" and not escaped
    return parts


def unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def alternatives(text: str) -> list[str]:
    """Return the values of `a,b`, any of which may be met; escapes stay, for `parse_query_value` to read."""
    return split(text, ",")
