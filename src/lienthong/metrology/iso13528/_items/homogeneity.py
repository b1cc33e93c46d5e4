"""Whether the samples of a round are alike: between-sample standard deviation and its criteria."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri, fdtrc, fdtri

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray, floats, known, like, positive, whole
from lienthong.metrology._cells import ratio
from lienthong.metrology.iso13528._layout import Layout, layout

CONFIDENCE = 0.95
CRITERIA = ("basic", "expanded")


@dataclass(frozen=True, slots=True, eq=False)
class Homogeneity:
    """Spread between and within samples for each material; in the unit of the results.

    All arrays have shape (g,), in the sorted order of the labels `groups`, which is [0] where none were given. `items`
    is how many samples were measured, `m` how often each; `s_x` the standard deviation of their means, `s_w` within a
    sample, `s_s` between samples; `f` and `p_value` belong to the test that `s_s` is 0.
    """

    groups: NDArray[np.generic]
    items: IntArray
    m: IntArray
    mean: FloatArray
    s_x: FloatArray
    s_w: FloatArray
    s_s: FloatArray
    f: FloatArray
    p_value: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class HomogeneityVerdicts:
    """For each material: largest allowed s_s, whether it is kept, whether the method was precise enough for the check,
    and σ_pt widened by s_s; arrays of shape (g,)."""

    limit: FloatArray
    adequate: BoolArray
    method_precise: BoolArray
    sigma_pt_widened: FloatArray


def homogeneity(values: ArrayLike, *, items: ArrayLike | None = None, groups: ArrayLike | None = None) -> Homogeneity:
    """Return the standard deviations between and within samples, from replicates of some of them.

    Parameters
    ----------
    values : shape (items, m), or shape (n,) with `items`
        Results; a row for each sample and a column for each replicate, or one below the other.
    items : shape (n,), integers or strings
        The sample that each value belongs to, if `values` has one dimension.
    groups : shape (n,), integers or strings
        Material and analyte of each value; all belong to one if None. Needs `items`.

    Returns
    -------
    Homogeneity
        `f` and `p_value` are nan where `s_w` is 0.

    Raises
    ------
    ValueError
        If a value is nan, a material has fewer than 2 samples, a sample fewer than 2 replicates, or the samples of a
        material have different numbers of replicates.

    Notes
    -----
    s_x = SD of the means of samples; s_w = √(Σsᵢ²/g), for duplicates √(Σwᵢ²/(2g)) with the differences wᵢ;
    s_s = √max(0, s_x² − s_w²/m). F = m·s_x²/s_w² with g − 1 and g·(m − 1) degrees of freedom.

    References
    ----------
    ISO 13528:2022, B.2 and B.3. Test for outlying pairs first: `cochran`.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.homogeneity([[5.0, 5.2], [5.4, 5.4], [5.1, 4.9], [5.3, 5.1]])
    >>> found.s_x.round(4).tolist(), found.s_w.round(4).tolist(), found.s_s.round(4).tolist()
    ([0.1708], [0.1225], [0.1472])
    """
    by = _laid_out(floats("values", known("values", values)), items, groups)
    cells = by.cells
    g, m = cells.count(), _replicates(by)
    s_x2 = ratio(cells.squares(by.means), g - 1)
    s_w2 = cells.sums(by.squares / (by.n - 1)) / g
    f = ratio(m * s_x2, s_w2)
    return Homogeneity(
        groups=cells.labels,
        items=g,
        m=m,
        mean=cells.means(by.means),
        s_x=np.sqrt(s_x2),
        s_w=np.sqrt(s_w2),
        s_s=np.sqrt(np.maximum(0, s_x2 - s_w2 / m)),
        f=f,
        p_value=fdtrc(g - 1, g * (m - 1), f),
    )


def homogeneity_factors(items: ArrayLike, m: ArrayLike = 2) -> tuple[FloatArray, FloatArray]:
    """Return the factors F1 and F2 of the expanded criterion of homogeneity.

    Parameters
    ----------
    items, m : whole numbers, at least 2, that broadcast
        Number of samples, replicates of each.

    Returns
    -------
    two arrays of the broadcast shape

    Raises
    ------
    ValueError
        If a number is below 2 or not whole.

    Notes
    -----
    F1 = χ²₀.₉₅(g − 1)/(g − 1), F2 = (F₀.₉₅(g − 1, g·(m − 1)) − 1)/m; for duplicates that is the standard's
    (F₀.₉₅(g − 1, g) − 1)/2. Rounded to two decimals they are its table for 7 to 20 samples. For more replicates the
    form follows from the same test of s_s² = s_x² − s_w²/m; pt13528, a program for the edition of 2022, has the same.

    References
    ----------
    ISO 13528:2015 and ISO 13528:2022, B.2.3 and table B.1. T. Fearn, M. Thompson, "A new test for 'sufficient
    homogeneity'", Analyst 126 (2001) 1414–1417.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> [round(float(factor), 2) for factor in iso13528.homogeneity_factors(10)]
    [1.88, 1.01]
    """
    g, replicates = whole("items", items, at_least=2), whole("m", m, at_least=2)
    f1: FloatArray = np.asarray(chdtri(g - 1, 1 - CONFIDENCE) / (g - 1))
    f2: FloatArray = np.asarray((fdtri(g - 1, g * (replicates - 1), CONFIDENCE) - 1) / replicates)
    return f1, np.broadcast_to(f2, np.broadcast_shapes(f1.shape, f2.shape))


def homogeneity_verdicts(
    found: Homogeneity,
    *,
    sigma_pt: ArrayLike,
    criterion: str = "basic",
    fraction: float = 0.3,
    method_fraction: float = 0.5,
) -> HomogeneityVerdicts:
    """Return whether materials are homogeneous enough for their round.

    Parameters
    ----------
    found : Homogeneity
        Of g materials.
    sigma_pt : one number, or shape (g,), in the unit of the results
        Standard deviation for proficiency assessment. Where results are judged by an allowable limit δ_E, give that,
        and a `fraction` of 0.1.
    criterion : str
        ``basic`` compares s_s itself; ``expanded`` allows for the chance with which few samples and an imprecise
        method find too large an s_s.
    fraction, method_fraction : float
        Of `sigma_pt`: what s_s may be; what s_w must stay below.

    Returns
    -------
    HomogeneityVerdicts
        False where `sigma_pt` is nan: what is unknown isn't adequate.

    Raises
    ------
    ValueError
        If `sigma_pt`, `fraction` or `method_fraction` is not above 0, or `criterion` is unknown.

    Notes
    -----
    Basic: s_s ≤ 0.3·σ_pt. Expanded: s_s² ≤ F1·(0.3·σ_pt)² + F2·s_w², see `homogeneity_factors`. The method is precise
    enough if s_w < 0.5·σ_pt. If the criterion fails, the material is refused, or scores allow for the difference:
    σ′_pt = √(σ_pt² + s_s²).

    The editions of 2015 and 2022 have both criteria, under the same numbers: B.2.2 the basic, B.2.3 the expanded with
    its table of F1 and F2; the foreword of 2022 lists no change of them, only corrections of formulae in B.3. Of the
    edition of 2005 only the basic one is known here. So much is known from the list of changes, a worksheet for 2015
    (M. Koch, Stuttgart) and programs for 2022; the texts of annex B have not been compared with each other.

    References
    ----------
    ISO 13528:2015 and ISO 13528:2022, B.2.2, B.2.3, B.2.5. The foreword of 2022 with its list of changes is open at
    https://standardsbis.bsbedge.com/BIS_Preview.aspx?id=IO13528_2022

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> found = iso13528.homogeneity([[5.0, 5.2], [5.4, 5.4], [5.1, 4.9], [5.3, 5.1]])
    >>> iso13528.homogeneity_verdicts(found, sigma_pt=0.4).adequate.tolist()
    [False]
    >>> iso13528.homogeneity_verdicts(found, sigma_pt=0.4, criterion="expanded").adequate.tolist()
    [True]
    """
    if criterion not in CRITERIA:
        raise ValueError(f"criterion must be one of {', '.join(CRITERIA)}, but got {criterion!r}")
    sigma = like("sigma_pt", positive("sigma_pt", sigma_pt), found.s_s.shape)
    allowed = float(positive("fraction", fraction)) * sigma
    limit = allowed
    if criterion == "expanded":
        f1, f2 = homogeneity_factors(found.items, found.m)
        limit = np.sqrt(f1 * allowed**2 + f2 * found.s_w**2)
    return HomogeneityVerdicts(
        limit=limit,
        adequate=found.s_s <= limit,
        method_precise=found.s_w < float(positive("method_fraction", method_fraction)) * sigma,
        sigma_pt_widened=np.hypot(sigma, found.s_s),
    )


def _laid_out(values: FloatArray, items: ArrayLike | None, groups: ArrayLike | None) -> Layout:
    if items is not None:
        return layout(values, items, groups, name="items")
    if values.ndim != 2 or groups is not None:
        raise ValueError(f"values without items must have shape (items, m) and no groups, but has shape {values.shape}")
    return layout(values.ravel(), np.repeat(np.arange(values.shape[0]), values.shape[1]), None, name="items")


def _replicates(by: Layout) -> IntArray:
    """Return how often the samples of each group were measured, all of a group alike."""
    g = by.cells.count()
    if np.any(g < 2):
        raise ValueError(f"items must be at least 2 of each material, but got {g.min()}")
    m = np.zeros(g.size, dtype=np.intp)
    m[by.cells.code] = by.n
    uneven = by.n != m[by.cells.code]
    if np.any(uneven) or np.any(m < 2):
        at = np.flatnonzero(uneven | (by.n < 2))[0]
        raise ValueError(
            "values must hold the same number of replicates, at least 2, for every item of a material, but item "
            f"{by.names[at]} has {by.n[at]}"
        )
    return m
