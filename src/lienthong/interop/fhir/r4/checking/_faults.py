"""Faults while an object is checked: their places are those below the object, until the containers add their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lienthong.interop.fhir._issues import Issue, IssueCode
from lienthong.interop.fhir.r4._json_form import shown


def fault(place: str, code: IssueCode, message: str, rule: str) -> Issue:
    return Issue("error", code, place, message, rule)


def below(place: str, issues: Iterable[Issue]) -> list[Issue]:
    return [issue.below(place) for issue in issues]


class Places:
    """Where the objects of a resource stand, found out once when the first is asked for."""

    def __init__(self, root: object) -> None:
        self._root = root
        self._places: dict[int, str] = {}

    def of(self, node: object) -> str:
        if not self._places:
            self._places = dict(self._found())
        return self._places.get(id(node), "")

    def _found(self) -> Iterator[tuple[int, str]]:
        waiting: list[tuple[str, object]] = [("", self._root)]
        while waiting:
            place, value = waiting.pop()
            yield id(value), place
            if isinstance(value, dict):
                waiting += [
                    (f"{place}.{shown(key)}", one) for key, one in value.items() if isinstance(one, dict | list)
                ]
            elif isinstance(value, list):
                waiting += [(f"{place}[{at}]", one) for at, one in enumerate(value) if isinstance(one, dict | list)]
