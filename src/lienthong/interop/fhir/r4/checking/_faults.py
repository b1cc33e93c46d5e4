"""Faults while an object is checked: their places are those below the object, until the containers add their own."""

from __future__ import annotations

from collections.abc import Iterable

from lienthong.interop.fhir._issues import Issue, IssueCode


def fault(place: str, code: IssueCode, message: str, rule: str) -> Issue:
    return Issue("error", code, place, message, rule)


def below(place: str, issues: Iterable[Issue]) -> list[Issue]:
    return [issue.below(place) for issue in issues]


def place_of(node: object, root: object) -> str:
    """Return where an object stands below the root, as it is told by `is`."""
    waiting = [("", root)]
    while waiting:
        place, value = waiting.pop()
        if value is node:
            return place
        if isinstance(value, dict):
            waiting += [(f"{place}.{name}", one) for name, one in value.items() if isinstance(one, dict | list)]
        elif isinstance(value, list):
            waiting += [(f"{place}[{index}]", one) for index, one in enumerate(value) if isinstance(one, dict | list)]
    return ""
