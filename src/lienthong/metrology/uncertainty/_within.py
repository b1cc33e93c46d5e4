"""Within-laboratory imprecision u_Rw, from control results of the long term."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import FloatArray, IntArray, codes, flat, labels
from lienthong.metrology._cells import Cells, cells, ratio


@dataclass(frozen=True, slots=True, eq=False)
class WithinLaboratory:
    """For each group: results, degrees of freedom, their mean, u_Rw in their unit and in percent.

    All arrays have shape (g,), in the sorted order of the labels `groups`; `lots` counts the lots of control material
    that were pooled.
    """

    groups: NDArray[np.generic]
    n: IntArray
    lots: IntArray
    df: IntArray
    mean: FloatArray
    u_rw: FloatArray
    u_rw_percent: FloatArray


def u_rw(
    values: ArrayLike,
    *,
    control_lots: ArrayLike,
    groups: ArrayLike | None = None,
    reagent_lots: ArrayLike | None = None,
) -> WithinLaboratory:
    """Return the within-laboratory imprecision u_Rw of each level, pooled over lots of control material.

    Parameters
    ----------
    values : shape (n,)
        Control results in one unit, of six months or more so that reagent lots, calibrations and operators change; nan
        is a missing result and is left out.
    control_lots : shape (n,), integers or strings
        Lot of control material: a shift of the mean from one to the next is the material's and isn't counted.
    groups : shape (n,), integers or strings
        Level of each result. Without it all are one.
    reagent_lots : shape (n,), integers or strings
        Give it only where a change of reagent lot shifts the control material and not patients' results: then those
        shifts aren't counted either. Left out, they are.

    Returns
    -------
    WithinLaboratory
        ``u_rw`` is nan where no lot has two results; ``u_rw_percent`` also where the mean isn't above 0.

    Raises
    ------
    ValueError
        If a value is infinite, a label is missing or the lengths differ.

    Notes
    -----
    u_Rw = √(ΣΣ(x − x̄_lot)²/Σ(n_lot − 1)), which is the pooled standard deviation of the lots; in percent, by the mean
    of all results of the level. From standard deviations of lots, without their results: `control.pooled_sd`.

    References
    ----------
    ISO/TS 20914:2019 (u_Rw from IQC, lots of control material and of reagents).

    Examples
    --------
    Two lots of control material, the second of a higher target.

    >>> from lienthong.metrology import uncertainty
    >>> found = uncertainty.u_rw([5.0, 5.2, 5.1, 6.0, 6.2, 6.1], control_lots=[1, 1, 1, 2, 2, 2])
    >>> found.u_rw.round(6).tolist(), found.df.tolist(), found.u_rw_percent.round(4).tolist()
    ([0.1], [4], [1.7857])
    """
    array = flat("values", values)
    there = ~np.isnan(array)
    own, by = array[there], cells(array.size, groups).only(there)
    series = [by.code, labels("control_lots", control_lots, array.size)[there]]
    first_of_lot = codes(*series)[1]
    if reagent_lots is not None:
        series.append(labels("reagent_lots", reagent_lots, array.size)[there])
    code, first = codes(*series)
    n, mean = by.count(), by.means(own)
    df = n - np.bincount(by.code[first], minlength=n.size)
    u = np.sqrt(ratio(by.sums(Cells(first, code).deviations(own) ** 2), df))
    return WithinLaboratory(
        groups=by.labels,
        n=n,
        lots=np.bincount(by.code[first_of_lot], minlength=n.size),
        df=df,
        mean=mean,
        u_rw=u,
        u_rw_percent=100 * ratio(u, np.where(mean > 0, mean, np.nan)),
    )
