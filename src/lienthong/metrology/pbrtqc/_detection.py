"""Bias detection: how soon an algorithm notices an error, by simulation on real in-control results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import FloatArray, IntArray, flat, known
from lienthong.metrology._compiled import in_parts
from lienthong.metrology.pbrtqc._algorithm import Algorithm, plan_of
from lienthong.metrology.pbrtqc._injection import entered_before, results_until_flag
from lienthong.metrology.pbrtqc._limits import Limits
from lienthong.metrology.pbrtqc._running import EWMA, NO_ERROR, Plan, statistics_of
from lienthong.metrology.pbrtqc._streams import Streams, streams

BiasKind = Literal["percent", "absolute"]


@dataclass(frozen=True, slots=True, eq=False)
class BiasDetection:
    """The bias detection curve of an algorithm: results until detection, for each bias.

    Attributes
    ----------
    biases : shape (b,), as given
    passed : shape (b, injections), number of results from the first wrong one up to the flag, it included; inf where
        none was flagged among the `most` results looked at
    most : number of results looked at after each injection
    """

    biases: FloatArray
    passed: FloatArray
    most: int

    @property
    def mean(self) -> FloatArray:
        """ANPed, shape (b,): mean number of results to detection, an undetected error counted as `most`."""
        average: FloatArray = np.minimum(self.passed, self.most).mean(axis=1)
        return average

    @property
    def median(self) -> FloatArray:
        """MNPed, shape (b,): number of results within which half of the errors were detected; inf if fewer were."""
        return self.quantile(0.5)

    @property
    def p95(self) -> FloatArray:
        """Number of results within which 95 % of the errors were detected, shape (b,); inf if fewer were."""
        return self.quantile(0.95)

    def quantile(self, share: float) -> FloatArray:
        """Return the least number of results within which at least `share` of the errors were detected, shape (b,)."""
        if not 0 < share <= 1:
            raise ValueError(f"share must be above 0 and at most 1, but got {share}")
        at_least: FloatArray = np.quantile(self.passed, share, axis=1, method="inverted_cdf")
        return at_least

    def share_within(self, n: int) -> FloatArray:
        """Return the share of errors detected within `n` results, shape (b,)."""
        if not 1 <= n <= self.most:
            raise ValueError(f"n must be 1 to {self.most}, the number of results looked at, but got {n}")
        share: FloatArray = (self.passed <= n).mean(axis=1)
        return share


def bias_detection(
    values: ArrayLike,
    algorithm: Algorithm,
    limits: Limits,
    *,
    biases: ArrayLike,
    seed: int,
    kind: BiasKind = "percent",
    injections: int = 1_000,
    most: int = 1_000,
    segment: ArrayLike | None = None,
) -> BiasDetection:
    """Return how many results pass until `algorithm` flags a bias that begins amid in-control results.

    Parameters
    ----------
    values : shape (n,)
        In-control patients' results of one channel, in time order; nan is left out.
    algorithm : Algorithm
    limits : Limits
        One number on each side.
    biases : shape (b,), percent of each result, or in the unit of the results
        Errors to simulate; 0 shows what false alarms contribute.
    seed : int
        Of the places at which errors begin: they are the same for all biases, and for all algorithms whose first
        statistic stands equally early.
    kind : ``percent`` or ``absolute``
        Whether a bias b makes x·(1 + b/100) or x + b of a result x.
    injections : int
        How many places are drawn, with replacement.
    most : int
        How many results are looked at after each.
    segment : shape (n,)
        Reset events, as in `statistics`.

    Returns
    -------
    BiasDetection

    Raises
    ------
    ValueError
        If no place has a full window before it and `most` results behind it in its segment; if a result is
        infinite, or the bias makes one that has no logarithm where one is needed.

    Notes
    -----
    Before the error the algorithm has run on the true results since the last reset; from the error on every result
    is biased, before truncation and transformation. Results are counted whether or not they enter the statistic: they
    are the patients who would be told a wrong number. A false alarm in that stretch counts as detection, as it would
    in the laboratory.

    References
    ----------
    D. Ng, F. A. Polito, M. A. Cervinski, "Optimization of a moving averages program using a simulated annealing
    algorithm: the goal is to monitor the process not the patients", Clin. Chem. 62 (2016) 1361–1371.
    H. H. van Rossum, H. Kemperman, "Optimization and validation of moving average quality control procedures using
    bias detection curves and moving average validation charts", Clin. Chem. Lab. Med. 55 (2017) 218–224.
    T. Badrick et al., "Patient-based real-time quality control: review and recommendations", Clin. Chem. 65 (2019)
    962–971.

    Examples
    --------
    >>> import numpy as np
    >>> from lienthong.metrology import pbrtqc
    >>> sodium = np.random.default_rng(5).normal(140.0, 3.0, 20_000)
    >>> mean = pbrtqc.Algorithm(statistic="mean", window=20)
    >>> found = pbrtqc.bias_detection(sodium, mean, pbrtqc.Limits(137.5, 142.5), biases=[1.0, 3.0], seed=1)
    >>> bool(found.median[1] < found.median[0] < 200)
    True
    """
    plan, error = plan_of(algorithm), known("biases", np.atleast_1d(flat("biases", biases)))
    for name, count in (("injections", injections), ("most", most)):
        if count < 1:
            raise ValueError(f"{name} must be 1 or more, but got {count}")
    lower, upper = _one_number("lower", limits.lower), _one_number("upper", limits.upper)
    array = flat("values", values)
    by = _known_results(array, segment)
    before, wrong = entered_before(by.values, by.starts, by.ends, plan)
    if wrong != NO_ERROR:
        at = int(np.flatnonzero(~np.isnan(array))[wrong])
        raise ValueError(f"values must be greater than 0 to be transformed, but got {array[at]} at position {at}")
    points = _points(by, before, plan, injections=injections, most=most, seed=seed)
    passed = np.empty((error.size, points.size))
    factors, shifts = _in_numbers(error, kind)
    given = (by.values, points, before, _averages(by, plan), factors, shifts, plan, lower, upper, most, passed)
    if min(in_parts(results_until_flag, points.size, *given, at_least=50)) != NO_ERROR:
        raise ValueError("biases must leave results greater than 0 and finite, to be transformed")
    return BiasDetection(biases=error, passed=passed, most=most)


def _one_number(name: str, limit: float | FloatArray) -> float:
    if np.ndim(limit):
        raise ValueError(f"limits must be of one channel, but {name} has shape {np.shape(limit)}")
    return float(limit)


def _in_numbers(biases: FloatArray, kind: BiasKind) -> tuple[FloatArray, FloatArray]:
    if kind == "percent":
        return 1 + biases / 100, np.zeros(biases.size)
    if kind == "absolute":
        return np.ones(biases.size), biases
    raise ValueError(f"kind must be percent or absolute, but got {kind!r}")


def _known_results(given: FloatArray, segment: ArrayLike | None) -> Streams:
    there = ~np.isnan(given)
    if segment is None:
        return streams(given[there], series=None, segment=None)
    marks = np.asarray(segment)
    if marks.shape != given.shape:
        raise ValueError(f"segment must have one entry per value {given.shape}, but has shape {marks.shape}")
    return streams(given[there], series=None, segment=marks[there])


def _points(by: Streams, before: IntArray, plan: Plan, *, injections: int, most: int, seed: int) -> IntArray:
    """Draw places with a full window before them and `most` results from them on."""
    behind = np.repeat(by.ends, by.ends - by.starts) - np.arange(by.values.size)
    possible = np.flatnonzero((before >= plan.window) & (behind >= most))
    if not possible.size:
        raise ValueError(
            f"values must hold a stretch with {plan.window} results that enter and {most} after them, but hold none"
        )
    drawn: IntArray = possible[np.random.default_rng(seed).integers(possible.size, size=injections)]
    return drawn


def _averages(by: Streams, plan: Plan) -> FloatArray:
    """Return the EWMA after each result, also before its first statistic stands; nothing for other statistics."""
    averages = np.empty(by.values.size if plan.kind == EWMA else 0)
    if plan.kind == EWMA:
        statistics_of(0, by.starts.size, by.values, by.starts, by.ends, plan._replace(window=1, every=1), averages)
    return averages
