"""What scores are read as."""

from __future__ import annotations

from enum import StrEnum
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import BoolArray, floats


class Verdict(StrEnum):
    """How a z, z′ or ζ score is read."""

    SATISFACTORY = "satisfactory"
    QUESTIONABLE = "questionable"
    UNSATISFACTORY = "unsatisfactory"
    NOT_EVALUATED = "not_evaluated"


@overload
def z_verdict(z: float, *, warning: float = 2.0, action: float = 3.0) -> Verdict: ...
@overload
def z_verdict(z: ArrayLike, *, warning: float = 2.0, action: float = 3.0) -> Verdict | NDArray[np.str_]: ...
def z_verdict(z: ArrayLike, *, warning: float = 2.0, action: float = 3.0) -> Verdict | NDArray[np.str_]:
    """Return how z, z′ or ζ scores are read.

    Parameters
    ----------
    z : a number, or an array of any shape
        Scores.
    warning, action : float
        A score of at most `warning`, whatever its sign, is satisfactory; one of `action` or more is unsatisfactory.

    Returns
    -------
    Verdict, or an array of their values like `z`
        ``not_evaluated`` where `z` is nan.

    Raises
    ------
    ValueError
        If `warning` is not above 0 and below `action`, or a score is infinite.

    Notes
    -----
    |z| ≤ 2 satisfactory, 2 < |z| < 3 questionable, |z| ≥ 3 unsatisfactory.

    References
    ----------
    ISO 13528:2022, 9.4.2 (acceptable, warning signal, action signal); the words are those of ISO/IEC 17043:2010,
    B.4.1.1.

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.z_verdict([2.0, -2.5, 3.0, float("nan")]).tolist()
    ['satisfactory', 'questionable', 'unsatisfactory', 'not_evaluated']
    >>> iso13528.z_verdict(-1.2)
    <Verdict.SATISFACTORY: 'satisfactory'>
    """
    if not 0 < warning < action:
        raise ValueError(f"warning must be above 0 and below action, but got {warning} and {action}")
    size = np.abs(floats("z", z))
    return _read(
        [np.isnan(size), size <= warning, size < action],
        [Verdict.NOT_EVALUATED, Verdict.SATISFACTORY, Verdict.QUESTIONABLE],
    )


@overload
def e_n_verdict(e_n: float) -> Verdict: ...
@overload
def e_n_verdict(e_n: ArrayLike) -> Verdict | NDArray[np.str_]: ...
def e_n_verdict(e_n: ArrayLike) -> Verdict | NDArray[np.str_]:
    """Return how E_n scores are read.

    Parameters
    ----------
    e_n : a number, or an array of any shape
        Scores.

    Returns
    -------
    Verdict, or an array of their values like `e_n`
        ``not_evaluated`` where `e_n` is nan.

    Raises
    ------
    ValueError
        If a score is infinite.

    Notes
    -----
    −1 < E_n < 1 satisfactory, |E_n| ≥ 1 unsatisfactory; there is no warning.

    References
    ----------
    ISO 13528:2022, 9.7.2. (ISO/IEC 17043:2010, B.4.1.1 has |E_n| ≤ 1 as satisfactory: they differ at exactly 1.)

    Examples
    --------
    >>> from lienthong.metrology import iso13528
    >>> iso13528.e_n_verdict([0.99, -1.0, float("nan")]).tolist()
    ['satisfactory', 'unsatisfactory', 'not_evaluated']
    """
    size = np.abs(floats("e_n", e_n))
    return _read([np.isnan(size), size < 1], [Verdict.NOT_EVALUATED, Verdict.SATISFACTORY])


def _read(conditions: list[BoolArray], verdicts: list[Verdict]) -> Verdict | NDArray[np.str_]:
    read = np.select(conditions, [verdict.value for verdict in verdicts], default=Verdict.UNSATISFACTORY.value)
    return read if read.ndim else Verdict(str(read))
