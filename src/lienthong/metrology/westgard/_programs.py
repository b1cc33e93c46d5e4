"""Control rules as tables that the compiled loops read, sixteen rules and seven limits at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lienthong.metrology._arrays import FloatArray
from lienthong.metrology.westgard import _judging
from lienthong.metrology.westgard._grammar import Rule, Scope

ON_LIMIT = 1e-10
MOST_RULES, MOST_LIMITS = 16, 7
_FORMS = {
    "beyond": _judging.BEYOND,
    "some_beyond": _judging.SOME_BEYOND,
    "one_side": _judging.ONE_SIDE,
    "trend": _judging.TREND,
    "opposite": _judging.OPPOSITE,
    "range": _judging.RANGE,
    "jump": _judging.JUMP,
}
_SCOPES = {
    Scope.LEVEL: _judging.WITHIN_LEVEL,
    Scope.SERIES: _judging.ACROSS_SERIES,
    Scope.RUN: _judging.ACROSS_RUN,
}


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """Rules by name in the order of their bits; ``cuts`` what a z score must exceed, ``table`` a row for each rule."""

    names: tuple[str, ...]
    cuts: FloatArray
    table: NDArray[np.int64]


def programs(rules: Mapping[str, Rule], *, inclusive: bool) -> list[Program]:
    """Return the rules in as few programs as hold them."""
    batches: list[list[Rule]] = [[]]
    for rule in rules.values():
        together = [*batches[-1], rule]
        if len(together) > MOST_RULES or len({cut_of(one, inclusive=inclusive) for one in together}) > MOST_LIMITS:
            batches.append([])
        batches[-1].append(rule)
    return [_program(batch, inclusive=inclusive) for batch in batches]


def cut_of(rule: Rule, *, inclusive: bool) -> float:
    """Return the number that a z score must exceed to be beyond the rule's limit.

    A score within `ON_LIMIT` SD of a limit is on it: binary floating point holds neither 5.3 nor 0.15, so
    (5.3 − 5.0)/0.15 is not exactly 2. A result exactly on the mean is on neither side, whatever is said of limits.
    """
    if inclusive and rule.form not in ("one_side", "trend"):
        return float(np.nextafter(rule.k - ON_LIMIT, -np.inf))
    return rule.k + ON_LIMIT


def _program(batch: list[Rule], *, inclusive: bool) -> Program:
    cuts = sorted({cut_of(rule, inclusive=inclusive) for rule in batch})
    table = [
        (_FORMS[rule.form], rule.n, rule.m, cuts.index(cut_of(rule, inclusive=inclusive)), _SCOPES[rule.scope])
        for rule in batch
    ]
    return Program(tuple(rule.name for rule in batch), np.array(cuts), np.array(table, dtype=np.int64))
