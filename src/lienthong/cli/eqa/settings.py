"""How a round is scored: what the user chose, and what follows from the columns of the file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from lienthong.cli.eqa.reading import Results
from lienthong.errors import BadInput
from lienthong.findings import Finding

FEWEST_FOR_CONSENSUS = 3  # of two results nobody can say which is wrong
MINIMUM = 12  # Algorithm A is meant for about 12 results and more
AMOUNT = re.compile(r"(\d+(?:[.,]\d+)?)\s*(%?)")


class Assignment(StrEnum):
    """Where assigned values come from."""

    ALGORITHM_A = "algorithm-a"
    Q_HAMPEL = "q-hampel"
    MEDIAN = "median"
    FIXED = "fixed"


class Sigma(StrEnum):
    """Where the standard deviation for proficiency assessment comes from."""

    FIXED = "fixed"
    S_STAR = "s-star"
    PERCENT = "percent"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount above 0, in the unit of the results or in percent of the assigned value."""

    number: float
    is_percent: bool

    @classmethod
    def parse(cls, text: str) -> Amount:
        """Read 10% or 0.3; raise ValueError with what is allowed."""
        found = AMOUNT.fullmatch(text.strip())
        if found is None or not float(found[1].replace(",", ".")) > 0:
            raise ValueError(f"{text!r} must be a number above 0, such as 0.3, or a percentage, such as 10%")
        return cls(float(found[1].replace(",", ".")), bool(found[2]))

    def __str__(self) -> str:
        return f"{self.number:g}%" if self.is_percent else f"{self.number:g}"


@dataclass(frozen=True, slots=True)
class Settings:
    """What is scored by what. `percent` is for σ_pt in percent of x_pt; `limit` is δ_E where the file has none."""

    assigned: Assignment
    sigma: Sigma
    percent: float | None = None
    limit: Amount | None = None
    divisor: float = 3.0
    minimum: int = MINIMUM


def settings_for(
    results: Results,
    *,
    assigned: Assignment | None,
    sigma: str | None,
    limit: Amount | None,
    divisor: float,
    minimum: int,
) -> Settings:
    """Fill in what was not chosen from what the file gives; raise BadInput where a column is missing for it."""
    has = results.table.__contains__
    chosen = assigned or (Assignment.FIXED if has("x_pt") else Assignment.ALGORITHM_A)
    percent = float(Amount.parse(sigma).number) if sigma and sigma.strip().endswith("%") else None
    kind = Sigma.PERCENT if percent else Sigma(sigma) if sigma else _usual(results, limit)
    missing = []
    if chosen is Assignment.FIXED and not has("x_pt"):
        missing.append(_missing(results, "x_pt", "--assigned fixed"))
    if kind is Sigma.FIXED and not has("sigma_pt"):
        missing.append(_missing(results, "sigma_pt", "--sigma-pt fixed"))
    if kind is Sigma.LIMIT and limit is None and not has("delta_e"):
        missing.append(_missing(results, "delta_e", "--sigma-pt limit without --limit"))
    if missing:
        raise BadInput(missing)
    return Settings(chosen, kind, percent, limit, divisor, minimum)


def _usual(results: Results, limit: Amount | None) -> Sigma:
    if "sigma_pt" in results.table:
        return Sigma.FIXED
    return Sigma.LIMIT if limit or "delta_e" in results.table else Sigma.S_STAR


def _missing(results: Results, key: str, option: str) -> Finding:
    message = f"{option} needs the column {key}; add it, or name it by --column {key}=HEADING"
    return Finding(results.table.name, "missing-column", message)
