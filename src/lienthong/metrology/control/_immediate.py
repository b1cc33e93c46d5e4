"""Control from the third result on, before there are enough for a target: the immediate method."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import FloatArray, IntArray, count
from lienthong.metrology._compiled import compiled
from lienthong.metrology._grubbs import critical
from lienthong.metrology.control._results import results, starts


class ImmediateVerdict(StrEnum):
    """What the immediate method says at a result."""

    IN_CONTROL = "in_control"
    WARNING = "warning"
    OUT_OF_CONTROL = "out_of_control"
    NOT_JUDGED = "not_judged"


_VERDICTS = np.array(
    [ImmediateVerdict(word).value for word in ("not_judged", "in_control", "warning", "out_of_control")]
)


@dataclass(frozen=True, slots=True, eq=False)
class Immediate:
    """What the immediate method says at each result; all arrays have shape (n,).

    Attributes
    ----------
    n : results that count until then, this one included.
    si_upper, si_lower : (largest − mean)/SD and (mean − smallest)/SD of these.
    n2s, n3s : limits of both, for warning and for out of control.
    extreme : position of the result farther from the mean, largest or smallest; −1 where nothing is judged.
    verdict : values of `ImmediateVerdict`.
    """

    n: IntArray
    si_upper: FloatArray
    si_lower: FloatArray
    n2s: FloatArray
    n3s: FloatArray
    extreme: IntArray
    verdict: NDArray[np.str_]


def immediate(
    values: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    excluded: ArrayLike | None = None,
    alpha_warning: float = 0.05,
    alpha_rejection: float = 0.01,
    at_most: int = 20,
) -> Immediate:
    """Return what the immediate (Grubbs-type) method says at each result of a control material that is new.

    Parameters
    ----------
    values : shape (n,)
        Control results, in time order within a series; series may be mixed. nan is a missing result and is skipped.
    groups : shape (n,), integers or strings
        Series, level and lot of control material. Without it all are one.
    excluded : shape (n,), booleans
        Results excluded for a documented reason.
    alpha_warning, alpha_rejection : float
        Probabilities of the limits n2s and n3s, one-sided.
    at_most : int
        The method ends with so many counted results; from then on mean ± k·SD of a Levey-Jennings chart serves.

    Returns
    -------
    Immediate
        Not judged: what is missing or excluded, the first two results, those after `at_most`, and where all are equal.

    Raises
    ------
    ValueError
        If lengths differ, a value is infinite, `at_most` is below 3, or `alpha_rejection` and `alpha_warning` are not
        rising between 0 and 1.

    Notes
    -----
    From the third result on: SI_upper = (x_max − x̄)/s, SI_lower = (x̄ − x_min)/s of all that count. In control if both
    are at most n2s, out of control if one is above n3s, else a warning. A result that is out of control, be it the
    new one or an earlier one that the new ones show to be far off, counts no more from the next result on.
    n2s and n3s are one-sided critical values of Grubbs' test, `iso13528.grubbs_critical`; they are computed, not taken
    from a printed table.

    References
    ----------
    F. E. Grubbs, "Procedures for detecting outlying observations in samples", Technometrics 11 (1969) 1–21. The
    method is in use in laboratories in China (即刻法).

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> found = control.immediate([5.0, 5.1, 4.9, 5.0, 6.0, 5.1])
    >>> found.verdict.tolist()
    ['not_judged', 'not_judged', 'in_control', 'in_control', 'out_of_control', 'in_control']
    >>> found.si_upper.round(2).tolist(), found.n3s.round(2).tolist()
    ([nan, nan, 1.0, 1.22, 1.77, 0.96], [nan, nan, 1.15, 1.49, 1.75, 1.75])
    """
    if not 0 < alpha_rejection < alpha_warning < 1:
        raise ValueError(
            f"alpha_rejection must be above 0 and below alpha_warning, below 1, but got {alpha_rejection} and "
            f"{alpha_warning}"
        )
    sizes = np.arange(count("at_most", at_most, at_least=3) + 1)
    limits = [critical(sizes, alpha, two_sided=False) for alpha in (alpha_warning, alpha_rejection)]
    found = results(values, groups, excluded)
    order = found.order()
    size = order.size
    n, extreme, code = np.zeros(size, np.intp), np.full(size, -1), np.zeros(size, np.intp)
    upper, lower = np.full(size, np.nan), np.full(size, np.nan)
    _follow(
        found.values[order], found.counts[order], starts(found.code[order]), *limits, n, upper, lower, extreme, code
    )
    back = np.empty(size, dtype=np.intp)
    back[order] = np.arange(size)
    judged = code > 0
    warning, rejection = (np.where(judged, limit[n], np.nan)[back] for limit in limits)
    return Immediate(
        n=n[back],
        si_upper=upper[back],
        si_lower=lower[back],
        n2s=warning,
        n3s=rejection,
        extreme=np.where(extreme >= 0, order[extreme], -1)[back] if size else extreme,
        verdict=_VERDICTS[code[back]],
    )


@compiled
def _follow(values, counts, first, warning, rejection, n, upper, lower, extreme, verdict):  # type: ignore[no-untyped-def]
    most = warning.size - 1
    kept = np.zeros(most, np.intp)
    held, ended = 0, False
    for i in range(values.size):
        if first[i] == i:
            held, ended = 0, False
        if counts[i] and not ended:
            kept[held] = i
            held += 1
            n[i] = held
            upper[i], lower[i], extreme[i] = _extremes(values, kept[:held])
            if extreme[i] >= 0:
                far = max(upper[i], lower[i])
                verdict[i] = 1 if far <= warning[held] else 2 if far <= rejection[held] else 3
            if verdict[i] == 3:
                held = _without(kept, held, extreme[i])
            ended = held == most
        else:
            n[i] = held


@compiled
def _extremes(values, kept):  # type: ignore[no-untyped-def]
    off = values[kept] - values[kept[0]]
    centre = off.mean()
    squares = np.sum((off - centre) ** 2)
    if off.size < 3 or squares == 0:
        return np.nan, np.nan, -1
    sd = np.sqrt(squares / (off.size - 1))
    upper, lower = (off.max() - centre) / sd, (centre - off.min()) / sd
    return upper, lower, kept[off.argmax()] if upper >= lower else kept[off.argmin()]


@compiled
def _without(kept, held, position):  # type: ignore[no-untyped-def]
    place = 0
    for j in range(held):
        if kept[j] != position:
            kept[place] = kept[j]
            place += 1
    return place
