"""Whether a material stays the same until its round closes, or through transport."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import BoolArray, FloatArray, flags, flat, floats, like, not_negative, positive
from lienthong.metrology._cells import cells


@dataclass(frozen=True, slots=True, eq=False)
class StabilityVerdicts:
    """For each material: change, what it may be, and whether it is; by the basic and by the relaxed criterion.

    `change` is the later mean less the earlier, in the unit of the results. Where something is unknown the verdict is
    False.
    """

    change: FloatArray
    limit: FloatArray
    stable: BoolArray
    relaxed_limit: FloatArray
    stable_relaxed: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class Stability:
    """Means before and after, and their standard uncertainties, for each material; in the unit of the results.

    All arrays have shape (g,), in the sorted order of the labels `groups`, which is [0] where none were given.
    """

    groups: NDArray[np.generic]
    before: FloatArray
    after: FloatArray
    u_before: FloatArray
    u_after: FloatArray


def stability(values: ArrayLike, *, later: ArrayLike, groups: ArrayLike | None = None) -> Stability:
    """Return the means of a material on two occasions, with their standard uncertainties from the scatter.

    Parameters
    ----------
    values : shape (n,)
        Results, or better the mean of each sample's replicates; nan is left out.
    later : shape (n,), booleans
        Which were measured on the later occasion, or after transport.
    groups : shape (n,), integers or strings
        Material and analyte of each value; all belong to one if None.

    Returns
    -------
    Stability
        nan for an occasion without values; its uncertainty is nan with fewer than two.

    Raises
    ------
    ValueError
        If `later` holds anything but booleans, a value is infinite or the lengths differ.

    Notes
    -----
    u(ȳ) = s/√n, for values that scatter independently. Replicates of one sample do not: give their mean.

    References
    ----------
    ISO 13528:2022, B.5.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.stability([5.0, 5.2, 5.3, 5.5], later=[False, False, True, True])
    >>> found.before.tolist(), found.after.tolist(), found.u_after.round(2).tolist()
    ([5.1], [5.4], [0.1])
    """
    array = flat("values", values)
    is_later = flags("later", later, array.size)
    by, there = cells(array.size, groups), ~np.isnan(array)
    first, second = there & ~is_later, there & is_later
    before, after = by.only(first), by.only(second)
    return Stability(
        groups=by.labels,
        before=before.means(array[first]),
        after=after.means(array[second]),
        u_before=before.u_of_means(array[first]),
        u_after=after.u_of_means(array[second]),
    )


def stability_verdicts(
    found: Stability, *, sigma_pt: ArrayLike, fraction: float = 0.3, k: float = 2.0
) -> StabilityVerdicts:
    """Return whether materials are stable enough for their round.

    Parameters
    ----------
    found : Stability
        Of g materials.
    sigma_pt : one number, or shape (g,), in the unit of the results
        Standard deviation for proficiency assessment. Where results are judged by an allowable limit δ_E, give that,
        and a `fraction` of 0.1.
    fraction : float
        Of `sigma_pt`: what the change may be.
    k : float
        Coverage factor of the relaxed criterion.

    Returns
    -------
    StabilityVerdicts, with arrays of shape (g,)

    Raises
    ------
    ValueError
        If `sigma_pt` or `fraction` is not above 0, or `k` is negative.

    Notes
    -----
    Basic: |ȳ₁ − ȳ₂| ≤ 0.3·σ_pt. Relaxed: |ȳ₁ − ȳ₂| ≤ 0.3·σ_pt + 2·√(u²(ȳ₁) + u²(ȳ₂)). The same holds for transport.
    No difference between the editions of 2015 and 2022 is known here; their texts have not been compared.

    References
    ----------
    ISO 13528:2022, B.5 and B.6.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.stability([5.0, 5.2, 5.3, 5.5], later=[False, False, True, True])
    >>> verdicts = iso13528.stability_verdicts(found, sigma_pt=0.5)
    >>> verdicts.change.round(2).tolist(), verdicts.stable.tolist(), verdicts.stable_relaxed.tolist()
    ([0.3], [False], [True])
    """
    sigma = like("sigma_pt", positive("sigma_pt", sigma_pt), found.before.shape)
    limit = float(positive("fraction", fraction)) * sigma
    relaxed = limit + float(not_negative("k", k)) * np.hypot(found.u_before, found.u_after)
    change = floats("found", found.after - found.before)
    size = np.abs(change)
    return StabilityVerdicts(
        change=change, limit=limit, stable=size <= limit, relaxed_limit=relaxed, stable_relaxed=size <= relaxed
    )
