"""Bias in percent, from EQA rounds, from a peer group, or from certified values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import FloatArray, IntArray, flat, floats, like
from lienthong.metrology._cells import cells


@dataclass(frozen=True, slots=True, eq=False)
class Bias:
    """Bias of each group; all arrays have shape (g,), in the sorted order of the labels `groups`.

    ``bias``, percent, is the mean of `n` differences; ``sd``, percent, their standard deviation; ``rms``, percent, the
    root of their mean square, which doesn't fall to 0 where they are large and of both signs.
    """

    groups: NDArray[np.generic]
    bias: FloatArray
    sd: FloatArray
    rms: FloatArray
    n: IntArray


def bias_from_eqa(values: ArrayLike, x_pt: ArrayLike, *, groups: ArrayLike | None = None) -> Bias:
    """Return the bias that EQA rounds show: the mean difference from the assigned values.

    Parameters
    ----------
    values : shape (n,)
        A participant's results; nan is a missing result and is left out.
    x_pt : one number, or shape (n,), in the unit of the values
        Assigned value of each sample; nan: left out.
    groups : shape (n,), integers or strings
        Participant, analyte, level. Without it all are one.

    Returns
    -------
    Bias
        A group without any has nan; ``sd`` is nan if n < 2.

    Raises
    ------
    ValueError
        If lengths differ, a number is infinite, or an assigned value is 0.

    Notes
    -----
    Mean of 100·(x − x_pt)/|x_pt|. Take samples near the concentration of interest only, of at least several rounds:
    the imprecision of single results is in each difference.

    References
    ----------
    ISO 13528:2022, 9.3 (D%). Nordtest TR 537, 4th edition, 2017 (bias from several rounds),
    http://www.nordtest.info

    Examples
    --------
    >>> from lienthong.metrology import capability
    >>> found = capability.bias_from_eqa([5.1, 10.1, 7.8], [5.0, 10.0, 8.0])
    >>> found.bias.round(4).tolist(), found.rms.round(4).tolist(), found.n.tolist()
    ([0.1667], [1.9365], [3])
    """
    return _mean_difference("x_pt", values, x_pt, groups)


def bias_from_peer_group(means: ArrayLike, peer_means: ArrayLike, *, groups: ArrayLike | None = None) -> Bias:
    """Return the bias against a peer group: the mean difference of the laboratory's means from those of its peers.

    Parameters
    ----------
    means : shape (n,)
        The laboratory's means of control results, one for each lot, level or month; nan is left out.
    peer_means : one number, or shape (n,), in the unit of the means
        The peer group's mean of the same; nan: left out.
    groups : shape (n,), integers or strings
        Analyte, level. Without it all are one.

    Returns
    -------
    Bias
        A group without any has nan; ``sd`` is nan if n < 2.

    Raises
    ------
    ValueError
        If lengths differ, a number is infinite, or a peer group's mean is 0.

    Notes
    -----
    Mean of 100·(x̄ − x̄_peers)/|x̄_peers|, each counting the same. A bias that all peers have isn't seen.

    References
    ----------
    CLSI C24-Ed4, 2016 (interlaboratory comparison of control results).

    Examples
    --------
    >>> from lienthong.metrology import capability
    >>> capability.bias_from_peer_group([5.1, 12.6], [5.0, 12.0]).bias.round(2).tolist()
    [3.5]
    """
    return _mean_difference("peer_means", means, peer_means, groups)


def bias_from_certified(values: ArrayLike, certified: ArrayLike, *, groups: ArrayLike | None = None) -> Bias:
    """Return the bias that certified reference materials show: the mean difference from their values.

    Parameters
    ----------
    values : shape (n,)
        Results of the materials, replicates one by one; nan is a missing result and is left out.
    certified : one number, or shape (n,), in the unit of the values
        Certified value of each; nan: left out.
    groups : shape (n,), integers or strings
        Analyte, material. Without it all are one.

    Returns
    -------
    Bias
        A group without any has nan; ``sd`` is nan if n < 2.

    Raises
    ------
    ValueError
        If lengths differ, a number is infinite, or a certified value is 0.

    Notes
    -----
    Mean of 100·(x − x_ref)/|x_ref|; the uncertainty of the certified value is not in it. The material must be
    commutable.

    References
    ----------
    JCGM 200:2012, 2.18 (bias). Nordtest TR 537, 4th edition, 2017 (bias from a certified reference material),
    http://www.nordtest.info

    Examples
    --------
    >>> from lienthong.metrology import capability
    >>> found = capability.bias_from_certified([5.1, 5.2, 5.0], 5.0)
    >>> found.bias.round(2).tolist(), found.sd.round(2).tolist()
    ([2.0], [2.0])
    """
    return _mean_difference("certified", values, certified, groups)


def _mean_difference(name: str, values: ArrayLike, reference: ArrayLike, groups: ArrayLike | None) -> Bias:
    found = flat("values", values)
    against = like(name, floats(name, reference), found.shape)
    if np.any(against == 0):
        raise ValueError(f"{name} must not be 0, for a bias in percent of it")
    percent = 100 * (found - against) / np.abs(against)
    there = ~np.isnan(percent)
    by = cells(found.size, groups).only(there)
    own = percent[there]
    return Bias(
        groups=by.labels,
        bias=by.means(own),
        sd=by.sds(own),
        rms=np.sqrt(by.means(own**2)),
        n=by.count(),
    )
