"""Control results from a file: what is read, under which headings, and in which order it is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lienthong.cli.qc.grouping import Groups, grouped
from lienthong.cli.tables import Column, Kind, Labels, Table, read_table
from lienthong.errors import BadInput
from lienthong.findings import Finding

SERIES_PARTS = ("series", "laboratory", "instrument", "analyte")
MOST_FINDINGS = 50


def _label(*headings: str) -> Column:
    return Column(headings, Kind.LABEL, may_be_blank=False)


WANTED = {
    "value": Column(("value", "result", "giá trị", "kết quả", "测定值", "结果"), Kind.NUMBER, is_required=True),
    "mean": Column(("mean", "target mean", "x_pt", "trung bình", "giá trị đích", "均值", "靶值"), Kind.NUMBER),
    "sd": Column(("sd", "target sd", "độ lệch chuẩn", "标准差"), Kind.NUMBER),
    "series": _label("series", "chart", "chuỗi", "质控图"),
    "laboratory": _label("laboratory", "lab", "phòng xét nghiệm", "实验室"),
    "instrument": _label("instrument", "measuring system", "analyser", "máy", "hệ thống đo", "仪器", "测量系统"),
    "analyte": _label("analyte", "chất phân tích", "分析物", "项目"),
    "run": _label("run", "analytical run", "lô đo", "lần chạy", "分析批"),
    "level": _label("level", "mức", "水平"),
    "lot": _label("lot", "control lot", "lô", "số lô", "批号"),
    "segment": _label("segment", "reset", "đoạn", "区段"),
    "excluded": Column(("excluded", "loại trừ", "剔除"), Kind.FLAG),
    "measured_at": Column(
        ("measured at", "time", "measured on", "thời điểm đo", "thời gian", "测定时间", "时间"),
        Kind.INSTANT,
        may_be_blank=False,
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Controls:
    """Control results in the file's order; `order` leads from the order by series and time to it, None if they are one.

    `parts` are the columns that together make the series, by the file's heading.
    """

    table: Table
    parts: Mapping[str, Labels]
    series: NDArray[np.integer] | None
    order: NDArray[np.intp] | None

    @property
    def values(self) -> NDArray[np.float64]:
        return self.table.numbers("value")

    @property
    def excluded(self) -> NDArray[np.bool_] | None:
        return self.table.array("excluded").astype(np.bool_, copy=False) if "excluded" in self.table else None

    def codes(self, key: str) -> NDArray[np.integer] | None:
        """Return the codes of a column of labels; None where the file has none."""
        labels = self.table.labels(key)
        return None if labels is None else labels.codes

    def groups(self, *keys: str, rows: NDArray[np.intp] | None = None) -> Groups:
        """Return the groups that the series and these columns make of all rows, or of `rows`."""
        columns = [column for column in (self.series, *map(self.codes, keys)) if column is not None]
        if rows is None:
            return grouped(columns, self.table.row_count)
        return grouped([column[rows] for column in columns], rows.size)


def read_controls(path: Path, *, mapping: Mapping[str, str], series: Sequence[str], with_targets: bool) -> Controls:
    """Read the control results of a file; BadInput with every cell at fault.

    `series` are headings of the columns that make a series, in place of the usual ones.
    """
    wanted, mapped = _wanted(mapping, series, with_targets)
    table = read_table(path, wanted=wanted, mapping=mapped)
    _check_targets(table)
    keys = [key for key in (series or SERIES_PARTS) if key in table]
    parts = {table.headings[key]: labels for key in keys if (labels := table.labels(key)) is not None}
    codes = _series(list(parts.values()), table.row_count)
    return Controls(table, parts, codes, _order(table, codes))


def _wanted(
    mapping: Mapping[str, str], series: Sequence[str], with_targets: bool
) -> tuple[dict[str, Column], dict[str, str]]:
    wanted = dict(WANTED)
    if series:
        wanted = {key: column for key, column in wanted.items() if key not in SERIES_PARTS}
        for heading in series:
            column = WANTED.get(heading, _label(heading))
            wanted[heading] = Column(column.headings, Kind.LABEL, is_required=True, may_be_blank=False)
    for key in ("mean", "sd"):
        if with_targets:
            wanted[key] = Column(WANTED[key].headings, Kind.NUMBER, is_required=True)
        elif key not in mapping:
            del wanted[key]
    return wanted, dict(mapping)


def _check_targets(table: Table) -> None:
    if "sd" not in table:
        return
    wrong = np.flatnonzero(table.numbers("sd") <= 0)
    if not wrong.size:
        return
    message = "the target SD must be greater than 0; leave the cell blank where it isn't known"
    findings = [table.finding(int(i), "sd", "sd-not-positive", message) for i in wrong[:MOST_FINDINGS]]
    if wrong.size > MOST_FINDINGS:
        findings.append(Finding(table.name, "more", f"{wrong.size - MOST_FINDINGS:,} more cells are at fault"))
    raise BadInput(findings)


def _series(parts: Sequence[Labels], n: int) -> NDArray[np.integer] | None:
    if len(parts) < 2:
        return parts[0].codes if parts else None
    return grouped([part.codes for part in parts], n).codes


def _order(table: Table, series: NDArray[np.integer] | None) -> NDArray[np.intp] | None:
    """Return the order by series and in it by time; None where the results stand in it already.

    Equal instants, or all results of a series where the file has no time, stay as they stand. `westgard.evaluate` would
    sort mixed series itself, but by run and level too, which takes several times as long and as much room.
    """
    columns = [] if series is None else [series]
    if "measured_at" in table:
        columns.append(table.array("measured_at").astype("datetime64[us]", copy=False))
    back = np.zeros(max(table.row_count - 1, 0), dtype=np.bool_)
    for column in reversed(columns):
        back = (column[1:] < column[:-1]) | ((column[1:] == column[:-1]) & back)
    return np.lexsort(columns[::-1]) if back.any() else None
