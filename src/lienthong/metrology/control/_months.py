"""Summaries of control results by month, and cumulative until each month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray, codes, flags, floats, labels, like
from lienthong.metrology._cells import Cells, ratio
from lienthong.metrology.control._results import Results, results, starts
from lienthong.metrology.control._windows import running


@dataclass(frozen=True, slots=True, eq=False)
class Summaries:
    """Summaries of control results; all arrays have shape (m,).

    Attributes
    ----------
    n : results that count.
    mean, sd : of those, in their unit; nan if n = 0, or n < 2.
    cv : percent of the mean; nan where that is 0.
    bias : mean difference from the target, in the unit of the results; nan without a target.
    bias_percent : the same in percent of the mean target.
    out_of_control : share of results out of control among all that were measured, left out or not; percent.
    """

    n: IntArray
    mean: FloatArray
    sd: FloatArray
    cv: FloatArray
    bias: FloatArray
    bias_percent: FloatArray
    out_of_control: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Months:
    """For each group and month in which it has entries, in sorted order: the month alone, and all until its end."""

    groups: NDArray[np.generic]
    months: NDArray[np.generic]
    monthly: Summaries
    cumulative: Summaries


def by_month(
    values: ArrayLike,
    months: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    target: ArrayLike | None = None,
    out_of_control: ArrayLike | None = None,
    excluded: ArrayLike | None = None,
) -> Months:
    """Return the summary of each series for each month, and cumulative until each month.

    Parameters
    ----------
    values : shape (n,)
        Control results in any order; nan is a missing result and is left out.
    months : shape (n,), integers, strings or dates that sort in time order
        Month of each result: ``"2026-03"``, or ``at.astype("datetime64[M]")``.
    groups : shape (n,), integers or strings
        Series, level and lot of control material. Without it all are one.
    target : one number, or shape (n,), in the unit of the values
        Target mean of each result. nan, or none given: no bias.
    out_of_control : shape (n,), booleans
        Results that were out of control: ``evaluation.rejected``. None given: no rate.
    excluded : shape (n,), booleans
        Results that count in the rate out of control only: excluded or rejected ones, by the laboratory's policy.

    Returns
    -------
    Months

    Raises
    ------
    ValueError
        If lengths differ, a value is infinite, or a month is no label that can be sorted.

    Notes
    -----
    Bias = mean of (value − target) over results that have a target, in percent of the mean target of these. The
    cumulative values are those of all results until the end of the month, not means of monthly ones.

    References
    ----------
    JCGM 100:2008, 4.2.1 and 4.2.2 (mean and experimental standard deviation).

    Examples
    --------
    >>> from lienthong.metrology import control
    >>> found = control.by_month([5.0, 5.2, 5.4, 5.6], ["2026-03", "2026-03", "2026-04", "2026-04"], target=5.0)
    >>> found.monthly.mean.round(2).tolist(), found.cumulative.mean.round(2).tolist()
    ([5.1, 5.5], [5.1, 5.3])
    >>> found.cumulative.n.tolist(), found.cumulative.bias_percent.round(1).tolist()
    ([2, 4], [2.0, 6.0])
    """
    found = results(values, groups, excluded)
    n = found.values.size
    month_labels = labels("months", months, n)
    code, first = codes(found.code, codes(month_labels)[0])
    aim = np.full(n, np.nan) if target is None else like("target", floats("target", target), (n,))
    out = None if out_of_control is None else flags("out_of_control", out_of_control, n)
    sums = _sums(found, code, first.size, aim, out)
    group = found.code[first]
    return Months(
        groups=found.groups[group],
        months=month_labels[first],
        monthly=sums.summaries(),
        cumulative=sums.accumulated(group).summaries(),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Sums over the results of each cell; the values are counted from `origin`, one of their own group.

    ``n``, ``off`` and ``squares`` are the number of results that count, the sum of their distances from `origin` and
    the sum of squares about their mean; ``aimed``, ``bias`` and ``aim`` those with a target, the sum of their
    distances from it, and of targets; ``measured`` and ``out`` all results that are there, and those out of control.
    """

    origin: FloatArray
    n: FloatArray
    off: FloatArray
    squares: FloatArray
    aimed: FloatArray
    bias: FloatArray
    aim: FloatArray
    measured: FloatArray
    out: FloatArray

    def accumulated(self, group: IntArray) -> _Sums:
        first = starts(group)
        n, off = running(self.n, first), running(self.off, first)
        between = self.n * _or_0(ratio(self.off, self.n)) ** 2
        squares = running(self.squares + between, first) - n * _or_0(ratio(off, n)) ** 2
        return _Sums(
            origin=self.origin,
            n=n,
            off=off,
            squares=np.maximum(squares, 0.0),
            aimed=running(self.aimed, first),
            bias=running(self.bias, first),
            aim=running(self.aim, first),
            measured=running(self.measured, first),
            out=running(self.out, first),
        )

    def summaries(self) -> Summaries:
        mean = self.origin + ratio(self.off, self.n)
        sd = np.sqrt(ratio(self.squares, np.maximum(self.n - 1, 0)))
        bias = ratio(self.bias, self.aimed)
        return Summaries(
            n=self.n.astype(np.intp),
            mean=mean,
            sd=sd,
            cv=100 * ratio(sd, np.abs(mean)),
            bias=bias,
            bias_percent=100 * ratio(bias, np.abs(ratio(self.aim, self.aimed))),
            out_of_control=100 * ratio(self.out, self.measured),
        )


def _sums(found: Results, code: IntArray, cells: int, aim: FloatArray, out: BoolArray | None) -> _Sums:
    by = Cells(np.arange(cells), code)

    def total(of_each: FloatArray, wanted: BoolArray) -> FloatArray:
        return by.only(wanted).sums(of_each[wanted])

    origin = _origins(found)
    ones, counts = np.ones(code.size), found.counts
    off = found.values - origin[found.code]
    n, sum_off = total(ones, counts), total(off, counts)
    aimed = counts & ~np.isnan(aim)
    there = ~np.isnan(found.values)
    origin_of_cell = np.zeros(cells)
    origin_of_cell[code] = origin[found.code]
    return _Sums(
        origin=origin_of_cell,
        n=n,
        off=sum_off,
        squares=total((off - _or_0(ratio(sum_off, n))[code]) ** 2, counts),
        aimed=total(ones, aimed),
        bias=total(found.values - aim, aimed),
        aim=total(aim, aimed),
        measured=total(ones, there),
        out=np.full(cells, np.nan) if out is None else total(ones, there & out),
    )


def _origins(found: Results) -> FloatArray:
    """Return a result of each group to count the others from, so that equal results have an SD of exactly 0."""
    origin = np.zeros(found.groups.size)
    at = np.flatnonzero(found.counts)[::-1]
    origin[found.code[at]] = found.values[at]
    return origin


def _or_0(of_each: FloatArray) -> FloatArray:
    return np.where(np.isnan(of_each), 0.0, of_each)
