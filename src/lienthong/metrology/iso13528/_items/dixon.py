"""Dixon's test for one outlying value among few, with probabilities by numerical integration."""

from __future__ import annotations

from functools import lru_cache
from math import lgamma

import numpy as np
from numpy.polynomial import Chebyshev
from numpy.typing import ArrayLike
from scipy.special import ndtr

from lienthong.metrology._arrays import FloatArray, IntArray
from lienthong.metrology._arrays import fraction as between_0_and_1
from lienthong.metrology._cells import cells as cells_of
from lienthong.metrology._cells import furthest, ratio
from lienthong.metrology.iso13528._items.outliers import OutlierTest
from lienthong.metrology.iso13528._robust.groups import Grouped, split

MOST = 30
DEGREE = 60
FORMS = {"r10": (1, 0), "r11": (1, 1), "r21": (2, 1), "r22": (2, 2)}
"""How many values the gap spans, and how many at the other end are left out of the range."""


def dixon(values: ArrayLike, *, groups: ArrayLike | None = None, form: str | None = None) -> OutlierTest:
    """Return Dixon's test for one outlying value, high or low.

    Parameters
    ----------
    values : shape (n,)
        Results, from a normal distribution but for the outlier; nan is left out. At most 30 in a group.
    groups : shape (n,), integers or strings
        Round, analyte or peer group of each value; all belong to one if None.
    form : str
        ``r10``, ``r11``, ``r21`` or ``r22``; if None, that which Dixon recommends for the number of values: r10 for 3
        to 7, r11 for 8 to 10, r21 for 11 to 13, r22 for 14 to 30.

    Returns
    -------
    OutlierTest
        `statistic` is the larger of the ratios at the two ends. nan with too few values for the form, or where the
        range it divides by is 0.

    Raises
    ------
    ValueError
        If `form` is unknown, a group has more than 30 values, a value is infinite or the lengths differ.

    Notes
    -----
    With the values in order from the suspect's end: r10 = (x₁ − x₂)/(x₁ − x_p), r11 = (x₁ − x₂)/(x₁ − x_{p−1}),
    r21 = (x₁ − x₃)/(x₁ − x_{p−1}), r22 = (x₁ − x₃)/(x₁ − x_{p−2}).

    The p value is twice the probability P that a ratio at one given end is as large, held at 1: exact where both ends
    can't be as large at once (r10 above 0.5), else an upper bound. P is the exact double integral over the two ends of
    the range, computed by quadrature to an absolute error below 1e-9.

    References
    ----------
    W. J. Dixon, "Analysis of extreme values", Ann. Math. Stat. 21 (1950) 488–506, open at
    https://doi.org/10.1214/aoms/1177729747; "Processing data for outliers", Biometrics 9 (1953) 74–89. G. C. McBane,
    "Programs to compute distribution functions and critical values for extreme value ratios for outlier detection",
    J. Stat. Softw. 16(3) (2006), open at https://doi.org/10.18637/jss.v016.i03

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.dixon([0.189, 0.167, 0.187, 0.183, 0.186, 0.182, 0.181, 0.184, 0.181, 0.177], form="r10")
    >>> found.statistic.round(4).tolist(), found.p_value.round(3).tolist(), found.position.tolist()
    ([0.4545], [0.058], [1])
    """
    _check_form(form)
    by = split(values, groups)
    grouped = by.grouped
    if np.any(grouped.p > MOST):
        raise ValueError(f"values must be at most {MOST} in a group, but there are {grouped.p.max()}")
    r, high, p_value = (np.full(by.filled.size, np.nan) for _ in range(3))
    p = np.zeros(by.filled.size, dtype=np.intp)
    p[by.filled] = grouped.p
    r[by.filled], high[by.filled], p_value[by.filled] = _tested(grouped, form)
    return OutlierTest(by.labels, p, r, p_value, _places(values, groups, high))


def dixon_critical(p: int, alpha: float = 0.05, *, form: str | None = None) -> float:
    """Return the critical value of Dixon's two-sided test.

    Parameters
    ----------
    p : int
        How many values, at most 30.
    alpha : float
        Probability of a larger statistic at either end without an outlier; give twice that of a one-sided table.
    form : str
        As in `dixon`.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `p` is too small for the form or above 30, `form` is unknown, or `alpha` not between 0 and 1.

    Notes
    -----
    Solved for in the probability that `dixon` uses. Tables that are commonly quoted differ from it by up to
    0.002; it has not been compared with the printed originals.

    References
    ----------
    D. B. Rorabacher, "Statistical treatment for rejection of deviant values: critical values of Dixon's 'Q' parameter
    and related subrange ratios at the 95 % confidence level", Anal. Chem. 63 (1991) 139–146.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> round(iso13528.dixon_critical(7, 0.05), 3)
    0.569
    """
    _check_form(form)
    wanted = between_0_and_1("alpha", alpha) / 2
    form = form or ("r10" if p < 3 else recommended(np.array([p]))[0])
    j, i = FORMS[form]
    if not j + i + 2 <= p <= MOST:
        raise ValueError(f"p must be from {j + i + 2} to {MOST} for {form}, but got {p}")
    exceeds = _exceeds(p, form)
    low, high = 0.0, 1.0
    while high - low > 1e-12:
        middle = (low + high) / 2
        low, high = (middle, high) if exceeds(middle) > wanted else (low, middle)
    return (low + high) / 2


def recommended(p: IntArray) -> list[str]:
    """Return the form of the ratio that Dixon recommends for each number of values."""
    return [list(FORMS)[place] for place in np.searchsorted([8, 11, 14], p, side="right")]


def _check_form(form: str | None) -> None:
    if form is not None and form not in FORMS:
        raise ValueError(f"form must be one of {', '.join(FORMS)}, but got {form!r}")


def _tested(grouped: Grouped, form: str | None) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return ratio, whether it is at the high end (1 or 0), and p value, one pass for each number of values."""
    r, high, p_value = (np.full(grouped.p.size, np.nan) for _ in range(3))
    for n in np.unique(grouped.p):
        kind = form or recommended(np.array([n]))[0]
        j, i = FORMS[kind]
        if n < j + i + 2:
            continue
        of_n = np.flatnonzero(grouped.p == n)
        x = grouped.values[grouped.begin[of_n][:, None] + np.arange(n)]
        above = ratio(x[:, -1] - x[:, -1 - j], x[:, -1] - x[:, i])
        below = ratio(x[:, j] - x[:, 0], x[:, -1 - i] - x[:, 0])
        r[of_n] = np.fmax(above, below)
        high[of_n] = np.where(np.isnan(r[of_n]), np.nan, np.where(np.isnan(below), 1, above > below))
        p_value[of_n] = np.clip(2 * _exceeds(int(n), kind)(r[of_n]), 0, 1)
    return r, high, p_value


def _places(values: ArrayLike, groups: ArrayLike | None, high: FloatArray) -> IntArray:
    array = np.asarray(values, dtype=np.float64)
    by = cells_of(array.size, groups)
    sign = np.where(high == 1, 1.0, -1.0)[by.code]
    return np.where(np.isnan(high), -1, furthest(array * sign, by))


@lru_cache(maxsize=256)
def _exceeds(n: int, form: str) -> Chebyshev:
    """Return P(R > r) for the ratio at one given end, as a polynomial in r on 0 … 1."""
    j, i = FORMS[form]
    fitted: Chebyshev = Chebyshev.interpolate(lambda r: _integral(np.asarray(r), n, j, i), DEGREE, domain=[0, 1])
    return fitted


def _integral(r: FloatArray, n: int, j: int, i: int) -> FloatArray:
    """Integrate over the largest value c and the range v below it to the value that has i below it.

    Between those two lie m others; R > r if fewer than j of them lie within r·v of c.
    """
    m = n - i - 2
    c = np.linspace(-9, 9, 181)[:, None]
    nodes, weights = np.polynomial.legendre.leggauss(160)
    v, weight = 7.5 * (nodes + 1), 7.5 * weights * (c[1, 0] - c[0, 0])
    a = c - v
    ends = np.exp(-(c**2 + a**2) / 2) / (2 * np.pi) * ndtr(a) ** i * weight
    constant = np.exp(lgamma(n + 1) - lgamma(i + 1) - lgamma(m + 1))
    total = np.empty(r.size)
    for place, share in enumerate(r.flat):
        border = ndtr(c - share * v)
        near, far = ndtr(c) - border, border - ndtr(a)
        chance = far**m + (m * near * far ** (m - 1) if j == 2 else 0)
        total[place] = constant * np.sum(ends * chance)
    return total.reshape(r.shape)
