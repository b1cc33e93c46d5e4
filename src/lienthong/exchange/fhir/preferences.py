"""What a caller prefers of its answer: the header Prefer (RFC 7240; R4, http, ops, and Search, errors).

A preference that is not known here, or that has a value which is not, is ignored, as RFC 7240 asks.
"""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from django.http import HttpRequest

Returned: TypeAlias = Literal["", "minimal", "representation", "OperationOutcome"]
APPLIED = "Preference-Applied"
_RETURNED: dict[str, Returned] = {
    "minimal": "minimal",
    "representation": "representation",
    "operationoutcome": "OperationOutcome",
}
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
# No blank is tried twice: what can't be read must not take the square of its length.
_PREFERENCE = re.compile(
    rf'\s*+({_WORD})(?:\s*+=\s*+("(?:[^"\\]|\\.)*+"|{_WORD})?+)?+\s*+(?:;[^,]*+)?+(?:,|$)', re.ASCII
)


def preferences_of(header: str) -> dict[str, str]:
    """Return the preferences of a header by their names, all in small letters; of one that comes twice the first.

    Where it can't be read it ends.
    """
    found: dict[str, str] = {}
    at = 0
    while match := _PREFERENCE.match(header, at) if at < len(header) else None:
        found.setdefault(match[1].lower(), (match[2] or "").strip('"').lower())
        at = match.end()
    return found


def returned(request: HttpRequest) -> Returned:
    """Return what is to be told of what was written; empty where nothing is preferred."""
    return _RETURNED.get(_preferred(request).get("return", ""), "")


def handling(request: HttpRequest) -> str:
    """Return how what is not understood of a search is to be taken: `strict`, `lenient`, empty if nothing is said."""
    asked = _preferred(request).get("handling", "")
    return asked if asked in ("strict", "lenient") else ""


def _preferred(request: HttpRequest) -> dict[str, str]:
    return preferences_of(request.headers.get("Prefer", ""))
