"""Power of control rules: how often they find an error, and how often they reject where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import BoolArray, FloatArray, count, floats, known, positive
from lienthong.metrology.capability._runs import Design, design, rejected_runs
from lienthong.metrology.capability._zones import outcomes

Seed = int | np.random.Generator


@dataclass(frozen=True, slots=True, eq=False)
class Power:
    """Probability of rejection at each shift and SD, its standard error (0 where it is exact), and whether it is exact.

    Both arrays have the broadcast shape of shift and SD.
    """

    rejection: FloatArray
    standard_error: FloatArray
    exact: bool


@dataclass(frozen=True, slots=True)
class FalseRejection:
    """Probability that a run in control is rejected, the first one and one of a long series, with standard errors.

    They differ for rules that look at runs before. A standard error of 0 says that the probability is exact.
    """

    first_run: float
    long_run: float
    first_run_standard_error: float
    long_run_standard_error: float


def power(
    rules: Iterable[str],
    *,
    n: int,
    levels: int | None = None,
    runs: int = 1,
    shift: ArrayLike = 0.0,
    sd_ratio: ArrayLike = 1.0,
    simulations: int = 20_000,
    seed: Seed | None = None,
) -> Power:
    """Return the probability that at least one of the first `runs` runs is rejected.

    Parameters
    ----------
    rules : names, as for `westgard.evaluate`
        Each rule rejects, even ``1_2s``, which `westgard.evaluate` takes for a warning.
    n : int
        Control results a run, N.
    levels : int
        Levels of control material among these, each measured n/levels times; None for n levels, each once.
    runs : int
        Runs, R, the first of which sees no run before it.
    shift : a number, or an array
        Systematic error, in SD: all results have their mean moved so far.
    sd_ratio : a number, or an array that broadcasts with `shift`
        Random error: the SD in parts of the usual one.
    simulations : int
        How many series of runs are simulated where the probability can't be told exactly.
    seed : int or numpy.random.Generator
        Of the simulation. None: only exact answers are given.

    Returns
    -------
    Power
        At no error, `shift` 0 and `sd_ratio` 1, it is the probability of false rejection, P_fr; else that of error
        detection, P_ed.

    Raises
    ------
    ValueError
        For an unknown rule, an `n` that `levels` don't share out, a nan, an `sd_ratio` not above 0, or rules that must
        be simulated without a `seed`.

    Notes
    -----
    Control results are independent and normal, with the mean and SD of the target when in control. Exact where all
    rules only ask between which limits results lie (not trends, ranges, or jumps from one result to the next) and the
    outcomes are not too many, up to 20 million results; each way the results can fall between the limits is then
    put before `westgard.evaluate` once. Else simulated, with the same random numbers at each error;
    the standard error is binomial, √(p(1 − p)/m) of p = (x + 1/2)/(m + 1), x rejected of m simulated, never 0.

    References
    ----------
    J. O. Westgard, T. Groth, "Power functions for statistical control rules", Clin. Chem. 25 (1979) 863–869.
    https://westgard.com

    Examples
    --------
    >>> from lienthong.metrology import capability
    >>> [round(100 * float(capability.power(["1_2s"], n=n).rejection), 2) for n in (1, 2, 3, 4)]
    [4.55, 8.89, 13.04, 17.0]
    >>> found = capability.power(["1_3s", "2_2s_across", "R_4s"], n=2, shift=[0.0, 2.0, 4.0])
    >>> found.rejection.round(4).tolist(), found.exact
    ([0.0072, 0.4087, 0.9933], True)
    """
    asked = design(_names(rules), n, levels)
    return _power(
        asked,
        _pairs(shift, sd_ratio),
        runs=count("runs", runs, at_least=1),
        before=0,
        simulations=simulations,
        seed=seed,
    )


def long_run_power(
    rules: Iterable[str],
    *,
    n: int,
    levels: int | None = None,
    shift: ArrayLike = 0.0,
    sd_ratio: ArrayLike = 1.0,
    simulations: int = 20_000,
    seed: Seed | None = None,
) -> Power:
    """Return the probability that a run is rejected in a long series of runs with the same error.

    Parameters
    ----------
    rules, n, levels, shift, sd_ratio, simulations, seed
        As for `power`.

    Returns
    -------
    Power
        At no error it is the rate of false rejections per run.

    Raises
    ------
    ValueError
        As for `power`.

    Notes
    -----
    As many runs go before, with the same error, as the rules look back at; nothing begins anew after a rejection, as
    in `westgard.evaluate` without `segment`. For rules within a run it is the same as `power` with one run.

    References
    ----------
    J. O. Westgard, T. Groth, "Power functions for statistical control rules", Clin. Chem. 25 (1979) 863–869.

    Examples
    --------
    >>> from lienthong.metrology import capability
    >>> first = capability.power(["1_3s", "2_2s"], n=2).rejection
    >>> later = capability.long_run_power(["1_3s", "2_2s"], n=2).rejection
    >>> round(float(first), 5), round(float(later), 5)
    (0.00539, 0.00733)
    """
    asked = design(_names(rules), n, levels)
    pairs = _pairs(shift, sd_ratio)
    return _power(asked, pairs, runs=1, before=asked.memory, simulations=simulations, seed=seed)


def false_rejection(
    rules: Iterable[str],
    *,
    n: int,
    levels: int | None = None,
    simulations: int = 20_000,
    seed: Seed | None = None,
) -> FalseRejection:
    """Return how often a run in control is rejected: the first, and one of a long series.

    Parameters
    ----------
    rules, n, levels, simulations, seed
        As for `power`.

    Returns
    -------
    FalseRejection

    Raises
    ------
    ValueError
        As for `power`.

    Notes
    -----
    `power` and `long_run_power` at no error.

    References
    ----------
    J. O. Westgard, T. Groth, "Power functions for statistical control rules", Clin. Chem. 25 (1979) 863–869.

    Examples
    --------
    >>> from lienthong.metrology import capability
    >>> found = capability.false_rejection(["2_2s"], n=1)
    >>> found.first_run, round(found.long_run, 6)
    (0.0, 0.001035)
    """
    names = _names(rules)
    first = power(names, n=n, levels=levels, simulations=simulations, seed=seed)
    later = long_run_power(names, n=n, levels=levels, simulations=simulations, seed=seed)
    return FalseRejection(
        first_run=float(first.rejection),
        long_run=float(later.rejection),
        first_run_standard_error=float(first.standard_error),
        long_run_standard_error=float(later.standard_error),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    shift: FloatArray
    sd_ratio: FloatArray

    def each(self, of_one: Callable[[float, float], float]) -> FloatArray:
        found = [
            of_one(float(shift), float(ratio)) for shift, ratio in zip(self.shift.flat, self.sd_ratio.flat, strict=True)
        ]
        return np.array(found).reshape(self.shift.shape)


def _power(asked: Design, pairs: _Pairs, *, runs: int, before: int, simulations: int, seed: Seed | None) -> Power:
    found = outcomes(asked, runs=runs, before=before)
    if found is not None:
        rejection = pairs.each(found.rejection)
        return Power(rejection=rejection, standard_error=np.zeros(rejection.shape), exact=True)
    if seed is None:
        raise ValueError(f"seed must be given: {', '.join(asked.names)} can't be told exactly for n = {asked.n}")
    m = count("simulations", simulations, at_least=1)
    noise = np.random.default_rng(seed).standard_normal((m, asked.n * (before + runs)))

    def rejections(shift: float, sd_ratio: float) -> float:
        judged: BoolArray = rejected_runs(asked, shift + sd_ratio * noise)[:, before:]
        return float(np.count_nonzero(judged.any(axis=1)))

    counted = pairs.each(rejections)
    smoothed = (counted + 0.5) / (m + 1)
    return Power(rejection=counted / m, standard_error=np.sqrt(smoothed * (1 - smoothed) / m), exact=False)


def _names(rules: Iterable[str]) -> tuple[str, ...]:
    if isinstance(rules, str):
        raise ValueError(f"rules must be several names, but got one string, {rules!r}")
    return tuple(rules)


def _pairs(shift: ArrayLike, sd_ratio: ArrayLike) -> _Pairs:
    moved, ratio = np.broadcast_arrays(
        known("shift", floats("shift", shift)), positive("sd_ratio", known("sd_ratio", sd_ratio))
    )
    return _Pairs(shift=moved, sd_ratio=ratio)
