"""A subject's own set point: how many specimens fix it, and what a reference interval says beside it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import FloatArray, not_negative, positive, whole


def index_of_individuality(cv_i: ArrayLike, cv_g: ArrayLike, *, cv_a: ArrayLike = 0.0) -> FloatArray:
    """Return the index of individuality, variation within a subject by variation between subjects.

    Parameters
    ----------
    cv_i, cv_g : numbers, or arrays that broadcast; percent
        Within-subject and between-subject biological coefficients of variation.
    cv_a : percent
        Analytical coefficient of variation; 0 leaves it out, as most tables do.

    Returns
    -------
    array of the broadcast shape
        Below 0.6 a population's reference interval is of little use for one subject, above 1.4 of much; nan where any
        argument is nan.

    Raises
    ------
    ValueError
        If a CV is negative or `cv_g` is 0.

    Notes
    -----
    √(CV_A² + CV_I²)/CV_G.

    References
    ----------
    E. K. Harris, "Effects of intra- and interindividual variation on the appropriate use of normal ranges",
    Clin. Chem. 20 (1974) 1535–1542. Data: https://biologicalvariation.eu

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> round(float(uncertainty.index_of_individuality(4.5, 15.0)), 3)
    0.3
    """
    index: FloatArray = np.hypot(not_negative("cv_a", cv_a), not_negative("cv_i", cv_i)) / positive("cv_g", cv_g)
    return index


def specimens_for_set_point(
    cv_a: ArrayLike, cv_i: ArrayLike, *, within: ArrayLike, z: float = 1.96, replicates: ArrayLike = 1
) -> FloatArray:
    """Return how many specimens estimate a subject's homeostatic set point within a given percentage.

    Parameters
    ----------
    cv_a, cv_i : numbers, or arrays that broadcast; percent
        Analytical and within-subject biological coefficients of variation.
    within : percent
        How near the mean of the specimens shall be to the set point.
    z : float
        Quantile of the normal distribution; 1.96 for 95 %.
    replicates : whole numbers
        Measurements of each specimen.

    Returns
    -------
    array of the broadcast shape, whole numbers of 1 or more
        nan where any argument is nan.

    Raises
    ------
    ValueError
        If a CV is negative, `within` or `z` not above 0, or `replicates` not a whole number of 1 or more.

    Notes
    -----
    n = (z/D)²·(CV_A²/m + CV_I²), raised to the next whole number.

    References
    ----------
    C. G. Fraser, E. K. Harris, "Generation and application of data on biological variation in clinical chemistry",
    Crit. Rev. Clin. Lab. Sci. 27 (1989) 409–437.

    Examples
    --------
    Cholesterol, CV_A 3 % and CV_I 6 %, within 5 %.

    >>> from lienthong.metrology import uncertainty
    >>> uncertainty.specimens_for_set_point(3.0, 6.0, within=5.0).tolist()
    7.0
    """
    repeated = whole("replicates", replicates, at_least=1)
    spread = not_negative("cv_a", cv_a) ** 2 / repeated + not_negative("cv_i", cv_i) ** 2
    n = spread * (positive("z", z) / positive("within", within)) ** 2
    # What a quotient that is whole on paper gains by rounding in binary must not cost a specimen.
    whole_n: FloatArray = np.maximum(np.ceil(n * (1 - 1e-12)), 1)
    return whole_n
