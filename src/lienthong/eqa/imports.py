"""What an import found and did: rows that were stored, unchanged or refused, and every finding with its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lienthong.findings import Finding


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """`is_written` is False where nothing was stored because of the findings."""

    rows: int
    stored: int
    changed: int
    unchanged: int
    findings: tuple[Finding, ...]
    is_written: bool

    @property
    def refused(self) -> int:
        """Rows with at least one finding."""
        return len({_row_of(finding.where) for finding in self.findings})


def refused(findings: Iterable[Finding], *, rows: int) -> ImportOutcome:
    """Return the outcome of an import that wrote nothing."""
    return ImportOutcome(rows=rows, stored=0, changed=0, unchanged=0, findings=tuple(findings), is_written=False)


def _row_of(where: str) -> str:
    name, _, cell = where.rpartition("!")
    return f"{name}!{cell.lstrip('ABCDEFGHIJKLMNOPQRSTUVWXYZ')}"
