"""Bias against a reference, and its standard uncertainty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import FloatArray, not_negative, present, whole


@dataclass(frozen=True, slots=True)
class BiasEstimate:
    """Bias against a reference and its standard uncertainty, in the unit of the results and in percent of it."""

    n: int
    bias: float
    u_bias: float
    bias_percent: float
    u_bias_percent: float


def bias(values: ArrayLike, *, reference: float, u_ref: float = 0.0) -> BiasEstimate:
    """Return the bias of repeated results against a reference value, with its standard uncertainty.

    Parameters
    ----------
    values : shape (n,)
        Results for the reference material, at least two; nan is a missing result and is left out.
    reference, u_ref : float, in the unit of `values`
        Reference value and its standard uncertainty (the certificate's U divided by its k).

    Returns
    -------
    BiasEstimate
        The percentages are nan if `reference` is 0.

    Raises
    ------
    ValueError
        If fewer than two results are there, `u_ref` is negative, or `reference` is nan.

    Notes
    -----
    b = x̄ − x_ref and u_bias = √(u_ref² + s²/n). A bias that matters is removed or corrected, after which u_bias enters
    the combined uncertainty; an uncorrected bias doesn't become an uncertainty.

    References
    ----------
    ISO/TS 20914:2019 (medically relevant bias, u_bias). JCGM 100:2008, 3.2.4 (correction of systematic effects).
    https://www.bipm.org/en/committees/jc/jcgm/publications

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> found = uncertainty.bias([5.1, 5.3, 5.2, 5.2], reference=5.0, u_ref=0.03)
    >>> round(found.bias, 4), round(found.u_bias, 4), round(found.bias_percent, 4)
    (0.2, 0.0507, 4.0)
    """
    there = present("values", values, at_least=2)
    if not np.isfinite(reference):
        raise ValueError(f"reference must be known, but got {reference}")
    found = float(there.mean()) - float(reference)
    u = float(u_bias(u_ref, there.std(ddof=1), there.size))
    scale = 100 / abs(reference) if reference else float("nan")
    return BiasEstimate(n=there.size, bias=found, u_bias=u, bias_percent=found * scale, u_bias_percent=u * scale)


def u_bias(u_ref: ArrayLike, s: ArrayLike, n: ArrayLike) -> FloatArray:
    """Return the standard uncertainty of a bias.

    Parameters
    ----------
    u_ref, s : numbers, or arrays that broadcast; both in one unit, or both in percent
        Standard uncertainty of the reference value, standard deviation of the results.
    n : whole numbers
        Results behind the mean.

    Returns
    -------
    array of the broadcast shape, in the unit of `u_ref`
        nan where any argument is nan.

    Raises
    ------
    ValueError
        If `u_ref` or `s` is negative, or `n` not a whole number of 1 or more.

    Notes
    -----
    √(u_ref² + s_mean²), s_mean = s/√n.

    References
    ----------
    ISO/TS 20914:2019 (u_bias).

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> round(float(uncertainty.u_bias(0.3, 1.2, 9)), 10)
    0.5
    """
    of_mean = not_negative("s", s) / np.sqrt(whole("n", n, at_least=1))
    u: FloatArray = np.hypot(not_negative("u_ref", u_ref), of_mean)
    return u
