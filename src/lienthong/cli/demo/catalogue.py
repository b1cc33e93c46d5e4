"""The analytes of the demonstration, from tables/analytes.csv."""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).parent / "tables" / "analytes.csv"


@dataclass(frozen=True, slots=True)
class CatalogueAnalyte:
    """An analyte with what the generator needs: module of analyser, two control levels, imprecision, interval."""

    row: dict[str, str]
    key: str
    loinc: str
    module: str
    unit: str
    decimals: int
    level_1: float
    level_2: float
    cv_percent: float
    low: float | None
    high: float | None

    @property
    def is_quantitative(self) -> bool:
        return self.row["scale"] == "quantitative"

    def target(self, level: int) -> float:
        return self.level_1 if level == 1 else self.level_2

    def written(self, value: float, *, extra: int = 0) -> str:
        return f"{value:.{self.decimals + extra}f}"


@functools.cache
def catalogue() -> dict[str, CatalogueAnalyte]:
    """Return the analytes by key, in the order of the table."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return {row["key"]: _analyte(row) for row in csv.DictReader(stream)}


def _analyte(row: dict[str, str]) -> CatalogueAnalyte:
    def number(column: str) -> float:
        return float(row[column] or 0)

    return CatalogueAnalyte(
        row=row,
        key=row["key"],
        loinc=row["loinc"],
        module=row["module"],
        unit=row["unit"],
        decimals=int(row["decimals"]),
        level_1=number("level_1"),
        level_2=number("level_2"),
        cv_percent=number("cv"),
        low=float(row["low"]) if row["low"] else None,
        high=float(row["high"]) if row["high"] else None,
    )
