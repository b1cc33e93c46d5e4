"""Target mean and standard deviation that are given: fixed ones, and those of the manufacturer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import FloatArray, IntArray, flat, floats, known, labels, positive


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """Target `mean` and `sd` of each result, shape (n,), and how many of the laboratory's results they rest on, `n`.

    ``sd`` is nan, so that nothing is judged by it, where the results it rests on are fewer than 2 or all equal.
    """

    mean: FloatArray
    sd: FloatArray
    n: IntArray


def fixed(lots: ArrayLike, *, of: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> Targets:
    """Return the fixed target of each result, looked up by its lot.

    Parameters
    ----------
    lots : shape (n,), integers or strings
        What the target of each result hangs on: its lot of control material, or series, lot and level in one label.
    of : shape (g,), like `lots`
        The labels for which targets are given, each once.
    mean, sd : shape (g,), in the unit of the results
        Target mean and standard deviation of each label; nan is not known.

    Returns
    -------
    Targets
        ``n`` is 0.

    Raises
    ------
    ValueError
        If a label of `lots` isn't in `of`, one is in `of` twice, lengths differ, or an SD is not above 0.

    Notes
    -----
    A label that stands in `of` and not in `lots` does no harm; nothing is interpolated between lots.

    References
    ----------
    ISO 15189:2022, 7.3.7.2 (internal quality control).

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> found = control.fixed(["A", "B", "A"], of=["A", "B"], mean=[5.0, 12.0], sd=[0.2, 0.5])
    >>> found.mean.tolist(), found.sd.tolist()
    ([5.0, 12.0, 5.0], [0.2, 0.5, 0.2])
    """
    asked = labels("lots", lots, np.size(lots))
    means, sds = flat("mean", mean), positive("sd", flat("sd", sd))
    given = labels("of", of, means.size)
    if sds.shape != means.shape:
        raise ValueError(f"sd must have one entry per label {means.shape}, but has shape {sds.shape}")
    order = np.argsort(given)
    ordered = given[order]
    if np.any(ordered[1:] == ordered[:-1]):
        raise ValueError(f"of must name each label once, but has {ordered[1:][ordered[1:] == ordered[:-1]][0]} again")
    place = np.minimum(np.searchsorted(ordered, asked), max(ordered.size - 1, 0))
    lacking = ordered[place] != asked if ordered.size else np.ones(asked.size, dtype=np.bool_)
    if np.any(lacking):
        raise ValueError(f"of must have the label of each result, but lacks {asked[lacking][0]}")
    at = order[place]
    return Targets(mean=means[at], sd=sds[at], n=np.zeros(asked.size, dtype=np.intp))


def manufacturer_range(lower: ArrayLike, upper: ArrayLike, *, k: float) -> Targets:
    """Return the target that a manufacturer's range implies.

    Parameters
    ----------
    lower, upper : numbers, or arrays that broadcast; same unit
        Ends of the range in the package insert: assigned value ∓ k·SD. nan is not known.
    k : float
        How many standard deviations each end lies from the assigned value, as the insert says; often 2 or 3.

    Returns
    -------
    Targets
        Arrays of the broadcast shape; ``n`` is 0.

    Raises
    ------
    ValueError
        If `lower` is not below `upper`, or `k` not above 0.

    Notes
    -----
    Mean = (lower + upper)/2, SD = (upper − lower)/(2k). Such ranges cover many laboratories, instruments and reagent
    lots and are wider than the spread in one laboratory: limits drawn from them hide errors. They serve until the
    laboratory has results of its own.

    References
    ----------
    CLSI C24-Ed4, 2016 (the laboratory's own mean and standard deviation are to be preferred to assigned ones).

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> found = control.manufacturer_range([4.5, 10.0], [5.5, 14.0], k=2)
    >>> found.mean.tolist(), found.sd.tolist()
    ([5.0, 12.0], [0.25, 1.0])
    """
    low, high = np.broadcast_arrays(floats("lower", lower), floats("upper", upper))
    if np.any(low >= high):
        where = np.argwhere(low >= high)[0].tolist()
        raise ValueError(f"lower must be below upper, but is not at position {where}")
    sd: FloatArray = (high - low) / (2 * positive("k", known("k", k)))
    return Targets(mean=low + (high - low) / 2, sd=sd, n=np.zeros(low.shape, dtype=np.intp))
