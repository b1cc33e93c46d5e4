"""What a command wants of a table, and which heading of a file is meant by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lienthong.findings import Finding
from lienthong.interop.cells import fold


class Kind(StrEnum):
    """What the cells of a column hold, and the array they become.

    NUMBER: float64, blank is nan. INTEGER: int64, never blank. FLAG: bool, blank is False. TEXT: strings, blank is "".
    LABEL: `Labels`. INSTANT: datetime64[us], in UTC where the file gives offsets, blank is NaT.
    """

    NUMBER = "number"
    INTEGER = "integer"
    FLAG = "flag"
    TEXT = "text"
    LABEL = "label"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Column:
    """The headings by which a column is known, the first of them its usual one, and what it holds."""

    headings: tuple[str, ...]
    kind: Kind
    is_required: bool = False
    may_be_blank: bool = True


def known_headings(wanted: Mapping[str, Column], mapping: Mapping[str, str]) -> frozenset[str]:
    """Return every heading that may be met, folded."""
    usual = (heading for column in wanted.values() for heading in column.headings)
    return frozenset(fold(heading) for heading in (*usual, *mapping.values()))


def find_columns(
    name: str, headings: Sequence[str], wanted: Mapping[str, Column], mapping: Mapping[str, str]
) -> tuple[dict[str, int], list[Finding]]:
    """Return at which position of `headings` each wanted column stands, and what is missing or ambiguous."""
    unknown = set(mapping) - set(wanted)
    if unknown:
        raise ValueError(f"no column is called {', '.join(sorted(unknown))}; columns are {', '.join(wanted)}")
    folded = [fold(heading) for heading in headings]
    positions: dict[str, int] = {}
    findings = []
    for key, column in wanted.items():
        accepted = [mapping[key]] if key in mapping else column.headings
        at = _positions(folded, accepted)
        if len(at) == 1:
            positions[key] = at[0]
        elif at:
            findings.append(_ambiguous(name, key, [headings[i] for i in at]))
        elif column.is_required or key in mapping:
            findings.append(_missing(name, key, accepted, headings))
    return positions, findings


def _positions(folded: Sequence[str], accepted: Sequence[str]) -> list[int]:
    names = {fold(heading) for heading in accepted}
    return [position for position, heading in enumerate(folded) if heading in names]


def _ambiguous(name: str, key: str, headings: Sequence[str]) -> Finding:
    found = ", ".join(f"“{heading}”" for heading in headings)
    return Finding(name, "doubled-column", f"{found} may each be the column {key}; keep one, or name one for {key}")


def _missing(name: str, key: str, accepted: Sequence[str], headings: Sequence[str]) -> Finding:
    wanted = " or ".join(f"“{heading}”" for heading in accepted)
    there = ", ".join(f"“{heading}”" for heading in headings if heading) or "none"
    return Finding(name, "missing-column", f"the column {key} is missing; it is headed {wanted}; headings are {there}")
