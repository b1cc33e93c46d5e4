"""Combined and expanded uncertainty of a result."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import FloatArray, floats, known, not_negative, positive


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """Standard uncertainty u and expanded uncertainty U = k·u, in the unit of the results and in percent of them.

    All arrays have the broadcast shape of what was combined.
    """

    u: FloatArray
    U: FloatArray
    u_percent: FloatArray
    U_percent: FloatArray
    k: float


def combined(
    u_rw: ArrayLike,
    *,
    u_cal: ArrayLike = 0.0,
    u_bias: ArrayLike = 0.0,
    concentration: ArrayLike = np.nan,
    in_percent: bool = False,
    k: float = 2.0,
) -> Combined:
    """Return the combined and the expanded uncertainty of results.

    Parameters
    ----------
    u_rw : a number, or an array that broadcasts
        Within-laboratory imprecision.
    u_cal : in the unit of `u_rw`
        Standard uncertainty of the values of the calibrator, by its manufacturer.
    u_bias : in the unit of `u_rw`
        Standard uncertainty of a correction of bias, or Nordtest's u(bias) with `u_cal` left out.
    concentration : in the unit of the results
        Concentration at which the components hold; nan where it isn't known, which leaves either the absolute or the
        relative uncertainty nan.
    in_percent : bool
        Whether the components are in percent of `concentration`; otherwise they are in its unit.
    k : float
        Coverage factor; 2 covers about 95 %.

    Returns
    -------
    Combined
        nan where a component is nan; a percentage also where an absolute component stands at 0.

    Raises
    ------
    ValueError
        If a component is negative or `k` not above 0.

    Notes
    -----
    u(y) = √(u_Rw² + u_cal² + u_bias²), U = k·u(y). Nordtest: u_c = √(u(R_w)² + u(bias)²).

    References
    ----------
    ISO/TS 20914:2019 (combined and expanded uncertainty). B. Magnusson, T. Näykki, H. Hovind, M. Krysell, E. Sahlin,
    "Handbook for calculation of measurement uncertainty in environmental laboratories", Nordtest TR 537, 4th edition,
    2017. http://www.nordtest.info

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> found = uncertainty.combined(0.12, u_cal=0.05, concentration=5.0)
    >>> float(found.u), float(found.U), round(float(found.U_percent), 10)
    (0.13, 0.26, 5.2)
    """
    parts = [not_negative("u_rw", u_rw), not_negative("u_cal", u_cal), not_negative("u_bias", u_bias)]
    given = np.hypot(np.hypot(parts[0], parts[1]), parts[2])
    given, size = np.broadcast_arrays(given, np.abs(floats("concentration", concentration)))
    coverage = float(positive("k", k))
    u = given * size / 100 if in_percent else given.copy()
    relative = given.copy() if in_percent else 100 * given / np.where(size > 0, size, np.nan)
    return Combined(u=u, U=coverage * u, u_percent=relative, U_percent=coverage * relative, k=coverage)


def u_from_expanded(U: ArrayLike, *, k: ArrayLike = 2.0) -> FloatArray:
    """Return the standard uncertainty behind an expanded one, such as a manufacturer's for a calibrator.

    Parameters
    ----------
    U, k : numbers, or arrays that broadcast
        Expanded uncertainty in any unit or in percent, and its coverage factor.

    Returns
    -------
    array of the broadcast shape, in the unit of `U`
        nan where `U` or `k` is nan.

    Raises
    ------
    ValueError
        If `U` is negative or `k` not above 0.

    Notes
    -----
    u = U/k.

    References
    ----------
    JCGM 100:2008, 4.3.3. https://www.bipm.org/en/committees/jc/jcgm/publications

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> float(uncertainty.u_from_expanded(0.10, k=2))
    0.05
    """
    u: FloatArray = not_negative("U", U) / positive("k", k)
    return u


def u_stream(u: ArrayLike, means: ArrayLike) -> FloatArray:
    """Return the uncertainty of results that any of several instruments may have measured.

    Parameters
    ----------
    u, means : shape (..., m), one unit
        Standard uncertainty of each instrument, and its mean for the same material.

    Returns
    -------
    array of shape (...), in the unit of `u`

    Raises
    ------
    ValueError
        If an uncertainty is negative, there are fewer than two instruments, the shapes differ, or one is nan.

    Notes
    -----
    √(Σuᵢ²/m + s²(x̄ᵢ)), s² with m − 1.

    References
    ----------
    ISO/TS 20914:2019 (several measuring systems under one result stream).

    Examples
    --------
    >>> from lienthong.metrology import uncertainty
    >>> round(float(uncertainty.u_stream([0.10, 0.12, 0.11], [5.00, 5.10, 5.05])), 5)
    0.12111
    """
    each, centre = known("u", not_negative("u", u)), known("means", means)
    if each.shape != centre.shape or not each.ndim or each.shape[-1] < 2:
        raise ValueError(
            f"u and means must have one entry per instrument, two or more, but have {each.shape} and {centre.shape}"
        )
    stream: FloatArray = np.sqrt(np.mean(each**2, axis=-1) + np.var(centre, axis=-1, ddof=1))
    return stream
