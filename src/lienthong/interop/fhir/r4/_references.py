"""References by their text: what a URL tells of the resource it names (FHIR R4, References, Literal References)."""

from __future__ import annotations

import re
from functools import lru_cache

from lienthong.interop.fhir.r4._definitions import resource_types

_LITERAL = re.compile(
    r"(?:(?P<base>\S*)/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?",
    re.ASCII,
)


def type_named_by(reference: str) -> str:
    """Return the type that a literal reference names (Patient/1, http://…/Patient/1/_history/2), or nothing."""
    return parts_of(reference)[0]


@lru_cache(maxsize=8192)
def parts_of(reference: str) -> tuple[str, str, str]:
    """Return type, id and base URL of a literal reference without its version; empty texts for any other."""
    match = _LITERAL.fullmatch(reference)
    if match is None or match["type"] not in resource_types():
        return "", "", ""
    return match["type"], match["id"], match["base"] or ""
