"""What a series of control results amounts to."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from lienthong.metrology._arrays import present


@dataclass(frozen=True, slots=True)
class Summary:
    """Number of results, their mean and SD in their unit, and their CV in percent."""

    n: int
    mean: float
    sd: float
    cv: float


def summary(values: ArrayLike) -> Summary:
    """Return number, mean, standard deviation and coefficient of variation of control results.

    Parameters
    ----------
    values : shape (n,)
        Control results of one level; nan is a missing result and is left out.

    Returns
    -------
    Summary
        ``n`` counts the results that are there. ``mean`` is nan if n = 0; ``sd`` and ``cv`` are nan if n < 2;
        ``cv`` is nan if the mean is 0.

    Raises
    ------
    ValueError
        If `values` is not one-dimensional or holds an infinite number.

    Notes
    -----
    s = √(Σ(x − x̄)²/(n − 1)); CV = 100·s/|x̄| %. Many series, month by month: `by_month`.

    References
    ----------
    JCGM 100:2008, 4.2.1 and 4.2.2 (mean and experimental standard deviation).
    https://www.bipm.org/en/committees/jc/jcgm/publications

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> control.summary([2.0, 4.0, 6.0, float("nan")])
    Summary(n=3, mean=4.0, sd=2.0, cv=50.0)
    """
    there = present("values", values, at_least=0)
    mean = float(there.mean()) if there.size else float("nan")
    sd = float(there.std(ddof=1)) if there.size > 1 else float("nan")
    cv = 100 * sd / abs(mean) if mean != 0 else float("nan")
    return Summary(n=there.size, mean=mean, sd=sd, cv=cv)
