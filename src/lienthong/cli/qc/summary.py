"""What a file of control results amounts to, by series and level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lienthong.cli.qc.grouping import Groups
from lienthong.cli.qc.judging import IntArray, Judgement
from lienthong.cli.qc.reading import Controls
from lienthong.cli.qc.targets import Targets

MOST_SHOWN = 20
IN_PERCENT = {"cv": "cv %", "bias": "bias %"}


@dataclass(frozen=True, slots=True)
class Totals:
    """Numbers of results of the whole file; `hits` counts them by rule."""

    results: int
    accepted: int
    warnings: int
    rejections: int
    not_judged: int
    hits: dict[str, int]


def totals(judgement: Judgement, n: int) -> Totals:
    """Count results by verdict, and hits by rule."""
    rejections = int(np.count_nonzero(judgement.rejected))
    warnings = judgement.rows.size - rejections
    not_judged = 0 if judgement.judged is None else n - int(np.count_nonzero(judgement.judged))
    hits = {rule: int(np.count_nonzero(judgement.hit(rule))) for rule in judgement.rules}
    return Totals(n, n - not_judged - rejections - warnings, warnings, rejections, not_judged, hits)


Columns = dict[str, NDArray[np.generic]]


def by_series(controls: Controls, targets: Targets, judgement: Judgement) -> Columns:
    """Return the summary's columns, a row for each series and level.

    `n` results were judged; mean, SD, CV (%) and bias (%, mean of (value − target)/target) are theirs, nan where
    there are too few or the mean is 0.
    """
    return _summary(controls, targets, judgement, np.arange(controls.table.row_count))


def worst(controls: Controls, targets: Targets, judgement: Judgement, *, most: int) -> tuple[Columns, bool]:
    """Return the same for the `most` rows with most rejections, then warnings, and whether others are left out."""
    rows = _rows_of_worst(controls, judgement, most)
    columns = _summary(controls, targets, judgement, np.arange(controls.table.row_count) if rows is None else rows)
    if rows is None and columns["n"].size <= most:
        return columns, False
    order = np.lexsort((-columns["warnings"].astype(np.intp), -columns["rejections"].astype(np.intp)))[:most]
    return {heading: values[order] for heading, values in columns.items()}, True


def _summary(controls: Controls, targets: Targets, judgement: Judgement, rows: IntArray) -> Columns:
    """Return the summary of `rows`, ascending, in which all of a series stand together with all its levels."""
    groups = controls.groups("level", rows=None if rows.size == controls.table.row_count else rows)
    first = rows[groups.first]
    columns: Columns = {heading: labels.texts(first) for heading, labels in controls.parts.items()}
    level = controls.table.labels("level")
    if level is not None:
        columns["level"] = level.texts(first)
    columns.update(_statistics(controls, targets, judgement, groups, rows))
    place = np.minimum(np.searchsorted(rows, judgement.rows), rows.size - 1)
    is_here = rows[place] == judgement.rows
    columns["warnings"] = groups.sums(place[is_here & ~judgement.rejected])
    columns["rejections"] = groups.sums(place[is_here & judgement.rejected])
    columns.update({rule: groups.sums(place[is_here & judgement.hit(rule)]) for rule in judgement.rules})
    return columns


def _rows_of_worst(controls: Controls, judgement: Judgement, most: int) -> IntArray | None:
    """Return all rows of the series with most violations, so that only these are counted; None for all rows.

    Several levels of a series with as many may come along.
    """
    if controls.series is None or not judgement.rows.size:
        return None
    groups = controls.groups("level", rows=judgement.rows)
    if groups.first.size <= most:
        return None
    rejections = groups.sums(np.flatnonzero(judgement.rejected))
    order = np.lexsort((rejections - groups.sums(), -rejections))[:most]
    wanted = controls.series[judgement.rows[groups.first[order]]]
    return np.flatnonzero(_is_among(controls.series, wanted))


def _is_among(codes: NDArray[np.integer], wanted: NDArray[np.integer]) -> NDArray[np.bool_]:
    least, most = int(codes.min()), int(codes.max())
    if most - least > 4 * codes.size:
        return np.isin(codes, wanted)
    table = np.zeros(most - least + 1, dtype=np.bool_)
    table[wanted - least] = True
    return table[codes - codes.dtype.type(least)] if least else table[codes]


def _statistics(controls: Controls, targets: Targets, judgement: Judgement, groups: Groups, rows: IntArray) -> Columns:
    judged = slice(None) if judgement.judged is None else judgement.judged[rows]
    of, rows, size = groups.codes[judged], rows[judged], groups.first.size
    values, target = controls.values[rows], targets.mean[rows]
    n = np.bincount(of, minlength=size)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(of, values, size) / n
        sd = np.sqrt(np.bincount(of, (values - mean[of]) ** 2, size) / np.where(n < 2, np.nan, n - 1))
        bias = 100 * np.bincount(of, (values - target) / np.where(target == 0, np.nan, target), size) / n
        cv = 100 * sd / np.where(mean == 0, np.nan, np.abs(mean))
    return {"n": n, "mean": mean, "sd": sd, "cv": cv, "bias": bias}


def as_text(columns: Columns) -> Iterator[str]:
    """Yield the lines of a table with aligned columns; a rule that nothing hits has no column."""
    fixed = {"n", "warnings", "rejections"}
    shown = {
        IN_PERCENT.get(heading, heading): _formatted(values, decimals=2 if heading in IN_PERCENT else None)
        for heading, values in columns.items()
        if heading in fixed or values.dtype.kind not in "iu" or values.any()
    }
    widths = {heading: max(len(heading), *map(len, cells)) for heading, cells in shown.items()}
    yield "  ".join(heading.rjust(widths[heading]) for heading in shown)
    for cells in zip(*shown.values(), strict=True):
        yield "  ".join(cell.rjust(width) for cell, width in zip(cells, widths.values(), strict=True))


def _formatted(values: NDArray[np.generic], *, decimals: int | None) -> Sequence[str]:
    if values.dtype.kind != "f":
        return [str(value) for value in values.tolist()]
    form = ".5g" if decimals is None else f"z.{decimals}f"
    return ["–" if np.isnan(value) else format(value, form) for value in values.tolist()]


def as_rows(columns: Columns) -> list[dict[str, object]]:
    """Return one dict for each row, with None for nan, as JSON has it."""
    lists = {
        heading: [None if value != value else value for value in values.tolist()] for heading, values in columns.items()
    }
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
