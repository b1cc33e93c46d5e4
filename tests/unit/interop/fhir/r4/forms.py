"""When two trees are the same resource: same members in any order, same values, numbers with the same digits."""

from __future__ import annotations

import json
from typing import Any

from lienthong.interop.fhir.r4 import write_json


def content(tree: dict[str, Any]) -> str:
    """Return the resource with sorted members, numbers as text, and no null at the end of what goes with an array.

    R4 lets the array of extensions end before that of the values; XML can't tell the two.
    """
    return json.dumps(_plain(json.loads(write_json(tree), parse_float=_Digits, parse_int=_Digits)), sort_keys=True)


class _Digits(str):
    """The digits of a number, which are not those of a text."""

    __slots__ = ()


def _plain(value: Any) -> Any:
    if isinstance(value, _Digits):
        return {"number": str(value)}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _plain(_without_nulls_at_end(one) if name[0:1] == "_" else one) for name, one in value.items()}


def _without_nulls_at_end(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    length = max((at + 1 for at, one in enumerate(value) if one is not None), default=0)
    return value[:length]
