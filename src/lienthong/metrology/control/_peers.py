"""Targets from what other laboratories found with the same lot of control material."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology import iso13528
from lienthong.metrology._arrays import FloatArray, IntArray, floats, like, not_negative
from lienthong.metrology.control._pooled import degrees, pooled
from lienthong.metrology.control._results import Results, results


@dataclass(frozen=True, slots=True, eq=False)
class PeerTargets:
    """A target for each peer group; all arrays have shape (g,), in the sorted order of the labels `groups`.

    ``mean`` of the laboratories' means; ``sd`` pooled over the laboratories, as it is within one of them;
    ``sd_between``, the standard deviation of their means; ``laboratories`` and their results together, ``n``.
    """

    groups: NDArray[np.generic]
    mean: FloatArray
    sd: FloatArray
    sd_between: FloatArray
    laboratories: IntArray
    n: IntArray


def peer_group(
    means: ArrayLike, sds: ArrayLike, n: ArrayLike, *, groups: ArrayLike | None = None, robust: bool = False
) -> PeerTargets:
    """Return the target mean and standard deviation of each peer group.

    Parameters
    ----------
    means, sds : shape (l,), one unit within a group
        Mean and standard deviation of each laboratory's results. A laboratory whose mean is nan is left out; one whose
        SD is nan is left out of the pooled SD only.
    n : shape (l,), whole numbers, or one number
        How many results each laboratory has.
    groups : shape (l,), integers or strings
        Peer group: lot, level and measuring system in one label. Without it all are one.
    robust : bool
        Take mean and SD of the laboratories' means by Algorithm A, so that a few laboratories that are far off hardly
        count; use it from about 12 laboratories on. The pooled SD stays as it is.

    Returns
    -------
    PeerTargets
        A group without laboratories has nan; ``sd_between`` is nan if there is one, ``sd`` if no laboratory has two
        results.

    Raises
    ------
    ValueError
        If lengths differ, an SD is negative, or an `n` is not a whole number.

    Notes
    -----
    Mean = Σx̄_j/l, each laboratory counting the same; sd = √(Σ(n_j − 1)s_j²/Σ(n_j − 1));
    sd_between = √(Σ(x̄_j − mean)²/(l − 1)), or x* and s* of Algorithm A.

    References
    ----------
    JCGM 100:2008, 4.2.4 (pooled estimate of variance). ISO 13528:2022, C.3.1 (Algorithm A).

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> found = control.peer_group([5.0, 5.2, 5.1], [0.10, 0.14, 0.12], 30)
    >>> found.mean.round(3).tolist(), found.sd.round(4).tolist(), found.sd_between.round(3).tolist()
    ([5.1], [0.1211], [0.1])
    """
    found = results(means, groups)
    shape = found.values.shape
    spread = like("sds", not_negative("sds", sds), shape)
    count = like("n", floats("n", n), shape)
    counted = found.counted
    mean, between = _robust(found) if robust else (counted.means(own := found.values[found.counts]), counted.sds(own))
    return PeerTargets(
        groups=found.groups,
        mean=mean,
        sd=pooled(spread, np.where(found.counts, degrees(count), 0.0), found.by),
        sd_between=between,
        laboratories=counted.count(),
        n=counted.sums(np.where(count > 0, count, 0.0)[found.counts]).astype(np.intp),
    )


def _robust(found: Results) -> tuple[FloatArray, FloatArray]:
    estimates = iso13528.algorithm_a(found.values, groups=found.code)
    return estimates.x_star, estimates.s_star
