"""Coordinates of the method decision chart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import FloatArray, flat, floats, known, not_negative, positive


@dataclass(frozen=True, slots=True, eq=False)
class DecisionChart:
    """Points and lines of a normalised method decision chart, percent of the allowable total error.

    ``x`` imprecision and ``y`` bias of each method; ``sigma`` of each line, which runs from (0, 100) to
    (``line_x``, 0).
    """

    x: FloatArray
    y: FloatArray
    sigma: FloatArray
    line_x: FloatArray


def decision_chart(
    tea: ArrayLike, bias: ArrayLike, cv: ArrayLike, *, sigmas: ArrayLike = (2.0, 3.0, 4.0, 5.0, 6.0)
) -> DecisionChart:
    """Return the coordinates of methods in the normalised method decision chart, and its lines.

    Parameters
    ----------
    tea, bias, cv : numbers, or arrays that broadcast; percent, at the same concentration
        Allowable total error, bias of either sign, coefficient of variation; nan gives nan.
    sigmas : shape (s,)
        Sigma metrics for which there is a line.

    Returns
    -------
    DecisionChart
        ``x`` and ``y`` of the broadcast shape, ``sigma`` and ``line_x`` of shape (s,).

    Raises
    ------
    ValueError
        If `tea` or one of `sigmas` is not above 0, or `cv` is negative.

    Notes
    -----
    x = 100·CV/TEa, y = 100·|bias|/TEa. The line of a sigma metric is y = 100 − σ·x: below it are the methods that
    have more.

    References
    ----------
    J. O. Westgard, "A method evaluation decision chart (MEDx chart) for judging method performance", Clin. Lab. Sci.
    8 (1995) 277–283. https://westgard.com

    Examples
    --------
    >>> from lienthong.metrology import capability
    >>> found = capability.decision_chart(10.0, [1.0, -4.0], [1.5, 3.0])
    >>> found.x.tolist(), found.y.tolist(), found.line_x.round(2).tolist()
    ([15.0, 30.0], [10.0, 40.0], [50.0, 33.33, 25.0, 20.0, 16.67])
    """
    allowed = positive("tea", tea)
    x, y = np.broadcast_arrays(100 * not_negative("cv", cv) / allowed, 100 * np.abs(floats("bias", bias)) / allowed)
    sigma = positive("sigmas", known("sigmas", flat("sigmas", sigmas)))
    return DecisionChart(x=x, y=y, sigma=sigma, line_x=100 / sigma)
