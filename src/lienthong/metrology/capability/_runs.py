"""Simulated or enumerated control runs, and which of them the rules reject."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lienthong.metrology import westgard
from lienthong.metrology._arrays import BoolArray, FloatArray, count


@dataclass(frozen=True, slots=True)
class Design:
    """Control rules, `n` control results a run of `levels` levels, each measured n/levels times."""

    rules: tuple[westgard.Rule, ...]
    n: int
    levels: int

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(rule.name for rule in self.rules)

    def runs_before(self, rule: westgard.Rule) -> int:
        """Return how many runs before a run `rule` looks at."""
        if rule.scope is westgard.Scope.RUN:
            return 0
        # m of n is also completed by the result that fills the first n, which a long series has behind it.
        looks_back = rule.n if rule.form == "some_beyond" else rule.n - 1
        per_run = self.n // self.levels if rule.scope is westgard.Scope.LEVEL else self.n
        return -(-looks_back // per_run)

    @property
    def memory(self) -> int:
        """How many runs before a run the rules look at."""
        return max(self.runs_before(rule) for rule in self.rules)


def design(rules: tuple[str, ...] | list[str], n: int, levels: int | None) -> Design:
    """Return the design asked for; ValueError if there is no rule, or `levels` don't share out `n`."""
    if isinstance(rules, str) or not rules:
        raise ValueError(f"rules must be several names, at least one, but got {rules!r}")
    of_each = n if levels is None else levels
    if count("n", n, at_least=1) % count("levels", of_each, at_least=1):
        raise ValueError(f"n must be a multiple of levels, but got {n} results of {of_each} levels")
    return Design(rules=tuple(westgard.parse(name) for name in dict.fromkeys(rules)), n=n, levels=of_each)


def rejected_runs(asked: Design, z: FloatArray) -> BoolArray:
    """Return which runs of each series are rejected, shape (s, runs), of `z`, shape (s, runs·n), SD from the mean.

    Results of a run stand by level. Every rule asked for rejects, even one that commonly warns.
    """
    series, places = z.shape
    runs = places // asked.n
    found = westgard.evaluate(
        z.ravel(),
        0.0,
        1.0,
        series=np.repeat(np.arange(series), places),
        run=np.tile(np.repeat(np.arange(runs), asked.n), series),
        level=np.tile(np.repeat(np.arange(asked.levels), asked.n // asked.levels), series * runs),
        rules=asked.names,
    )
    hit = np.zeros(z.size, dtype=np.bool_)
    for name in asked.names:
        hit = hit | found.hits[name]
    rejected: BoolArray = np.any(hit.reshape(series, runs, asked.n), axis=2)
    return rejected
