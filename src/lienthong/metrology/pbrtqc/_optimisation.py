"""Choice of an algorithm by how soon it detects errors at a fixed rate of false alarms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import FloatArray
from lienthong.metrology.pbrtqc._algorithm import Algorithm
from lienthong.metrology.pbrtqc._detection import BiasDetection, BiasKind, bias_detection
from lienthong.metrology.pbrtqc._evaluation import statistics
from lienthong.metrology.pbrtqc._limits import FalseAlarmLimits, Side, limits_by_false_alarms


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Algorithms at one rate of false alarms, in the order given.

    Attributes
    ----------
    algorithms : tuple of Algorithm
    limits : tuple of FalseAlarmLimits, with the rate that each does have
    curves : tuple of BiasDetection
    anped : shape (algorithms, biases), mean number of results to detection
    best : index of the algorithm with the least mean of `anped` over the biases; the first of equals
    """

    algorithms: tuple[Algorithm, ...]
    limits: tuple[FalseAlarmLimits, ...]
    curves: tuple[BiasDetection, ...]
    anped: FloatArray
    best: int


def compare(
    values: ArrayLike,
    algorithms: Iterable[Algorithm],
    *,
    biases: ArrayLike,
    rate: float,
    seed: int,
    period: int | ArrayLike = 1_000,
    side: Side = "both",
    kind: BiasKind = "percent",
    injections: int = 1_000,
    most: int = 1_000,
    segment: ArrayLike | None = None,
) -> Comparison:
    """Return the bias detection curves of algorithms whose limits are set for one rate of false alarms.

    Parameters
    ----------
    values : shape (n,)
        In-control patients' results of one channel, in time order; nan is skipped.
    algorithms : Algorithms
        Candidates: windows, weights, truncations, transformations.
    biases, seed, kind, injections, most, segment
        As in `bias_detection`. The biases that matter are those near the allowable one.
    rate, period, side
        As in `limits_by_false_alarms`.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If there is no algorithm; as `limits_by_false_alarms` and `bias_detection`.

    Notes
    -----
    For each algorithm: statistics, limits for the rate, simulated errors. Limits are found on the same results as the
    errors are simulated on, so the one chosen is confirmed on results of other months: its false alarms by
    ``flags``, its curve by `bias_detection`.

    References
    ----------
    D. Ng, F. A. Polito, M. A. Cervinski, "Optimization of a moving averages program using a simulated annealing
    algorithm: the goal is to monitor the process not the patients", Clin. Chem. 62 (2016) 1361–1371.

    Examples
    --------
    A window of 5 notices a bias of 1 % later than one of 50, at the same rate of false alarms.

    >>> import numpy as np
    >>> from lienthong.metrology import pbrtqc
    >>> sodium = np.random.default_rng(7).normal(140.0, 3.0, 50_000)
    >>> windows = [pbrtqc.Algorithm(statistic="mean", window=w) for w in (5, 50)]
    >>> found = pbrtqc.compare(sodium, windows, biases=[-1.0, 1.0], rate=0.04, seed=1)
    >>> found.algorithms[found.best].window
    50
    """
    candidates = tuple(algorithms)
    if not candidates:
        raise ValueError("algorithms must hold at least one, but holds none")
    limits, curves = [], []
    for algorithm in candidates:
        found = limits_by_false_alarms(
            statistics(values, algorithm, segment=segment), rate=rate, period=period, side=side
        )
        curve = bias_detection(
            values,
            algorithm,
            found.limits,
            biases=biases,
            seed=seed,
            kind=kind,
            injections=injections,
            most=most,
            segment=segment,
        )
        limits.append(found)
        curves.append(curve)
    anped = np.stack([curve.mean for curve in curves])
    best = int(np.argmin(anped.mean(axis=1)))
    return Comparison(algorithms=candidates, limits=tuple(limits), curves=tuple(curves), anped=anped, best=best)
