"""Bull's moving average of red-cell indices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import BoolArray, FloatArray, flat, positive


@dataclass(frozen=True, slots=True, eq=False)
class BullAverages:
    """Bull's averages, all of shape (batches,).

    Attributes
    ----------
    x_b : average after each batch, in the unit of the results
    deviation : from the target, percent
    flagged : whether the deviation is beyond the limit
    """

    x_b: FloatArray
    deviation: FloatArray
    flagged: BoolArray


def bull(values: ArrayLike, *, target: float, batch: int = 20, limit: float = 3.0) -> BullAverages:
    """Return Bull's average X_B of each batch of a red-cell index (MCV, MCH, MCHC).

    Parameters
    ----------
    values : shape (n,)
        Patients' results in time order; nan is skipped.
    target : float, above 0, in the unit of `values`
        Mean of the analyser's patients; the average before the first batch.
    batch : int
        Number of results in a batch; an incomplete last one is left out.
    limit : float, percent
        A batch whose average is further from the target is flagged.

    Returns
    -------
    BullAverages

    Raises
    ------
    ValueError
        If a value is infinite; if `target`, `batch` or `limit` is not above 0.

    Notes
    -----
    With d_j = x_j − X_B,i−1 over the N results of batch i and S = Σ sgn(d_j)·√|d_j|:
    X_B,i = X_B,i−1 + sgn(S)·(S/N)².

    The square roots keep a few patients far from the rest from moving the average.

    References
    ----------
    B. S. Bull, R. M. Elashoff, D. C. Heilbron, J. Couperus, "A study of various estimators for the derivation of
    quality control procedures from patient erythrocyte indices", Am. J. Clin. Pathol. 61 (1974) 473–481.

    Examples
    --------
    >>> from lienthong.metrology import pbrtqc
    >>> found = pbrtqc.bull([91.0, 94.0, 89.0, 91.0, 86.0, 90.0], target=90.0, batch=3)
    >>> found.x_b.round(4).tolist()
    [90.4444, 89.9868]
    """
    given = flat("values", values)
    if batch < 1 or batch != int(batch):
        raise ValueError(f"batch must be an integer not less than 1, but got {batch}")
    centre, width = float(positive("target", target)), float(positive("limit", limit))
    known = given[~np.isnan(given)]
    x_b = np.empty(known.size // int(batch))
    average = centre
    for i, results in enumerate(known[: x_b.size * int(batch)].reshape(-1, int(batch))):
        average += _shift(results - average)
        x_b[i] = average
    deviation = 100 * (x_b - centre) / centre
    return BullAverages(x_b=x_b, deviation=deviation, flagged=np.abs(deviation) > width)


def _shift(d: FloatArray) -> float:
    mean_root = float(np.mean(np.sign(d) * np.sqrt(np.abs(d))))
    return mean_root * abs(mean_root)
