"""Robust consensus of participants' results, for every group at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lienthong.cli.eqa.reading import FloatArray, IntArray
from lienthong.cli.eqa.settings import Assignment
from lienthong.metrology import iso13528

BoolArray = NDArray[np.bool_]
Estimator = Callable[[FloatArray, IntArray], iso13528.Estimates]


@dataclass(frozen=True, slots=True, eq=False)
class Consensus:
    """Arrays of one entry a group: robust mean and SD of `p` results, and how they were found."""

    x_star: FloatArray
    s_star: FloatArray
    p: IntArray
    iterations: IntArray
    converged: BoolArray

    def at(self, groups: IntArray) -> Consensus:
        """Return the consensus of some groups."""
        return Consensus(
            self.x_star[groups], self.s_star[groups], self.p[groups], self.iterations[groups], self.converged[groups]
        )

    def replaced(self, which: BoolArray, other: Consensus, at: IntArray) -> Consensus:
        """Return this consensus with that of `other` at the places `at` for the groups `which`."""
        return Consensus(
            x_star=np.where(which, other.x_star[at], self.x_star),
            s_star=np.where(which, other.s_star[at], self.s_star),
            p=np.where(which, other.p[at], self.p),
            iterations=np.where(which, other.iterations[at], self.iterations),
            converged=np.where(which, other.converged[at], self.converged),
        )


def consensus_of(values: FloatArray, groups: IntArray, method: Assignment) -> Consensus:
    """Return the consensus of each group, numbered from 0 on; nan is no result."""
    found = ESTIMATORS[method](values, groups)
    return Consensus(found.x_star, found.s_star, found.p, found.iterations, found.converged)


def _algorithm_a(values: FloatArray, groups: IntArray) -> iso13528.Estimates:
    return iso13528.algorithm_a(values, groups=groups)


def _median(values: FloatArray, groups: IntArray) -> iso13528.Estimates:
    """Median and MADe; nIQR where half of the results are equal, so that MADe is 0."""
    found = iso13528.made(values, groups=groups)
    if not np.any(found.s_star == 0):
        return found
    s_star = np.where(found.s_star == 0, iso13528.niqr(values, groups=groups).s_star, found.s_star)
    return iso13528.Estimates(found.groups, found.x_star, s_star, found.p, found.iterations, found.converged)


def _q_hampel(values: FloatArray, groups: IntArray) -> iso13528.Estimates:
    return iso13528.hampel(values, iso13528.q_method(values, groups=groups).s_star, groups=groups)


ESTIMATORS: dict[Assignment, Estimator] = {
    Assignment.ALGORITHM_A: _algorithm_a,
    Assignment.FIXED: _algorithm_a,  # the robust SD stands beside a value from elsewhere
    Assignment.MEDIAN: _median,
    Assignment.Q_HAMPEL: _q_hampel,
}
