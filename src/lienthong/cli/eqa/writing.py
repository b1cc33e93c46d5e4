"""Scores and assigned values as files: CSV and Parquet, each a pair of files, or one workbook of two sheets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from lienthong.cli.eqa import texts
from lienthong.cli.eqa.assigning import Note
from lienthong.cli.eqa.reading import IntArray
from lienthong.cli.eqa.scoring import REASONS, VERDICTS, Scores
from lienthong.cli.eqa.settings import Sigma
from lienthong.cli.eqa.texts import Words
from lienthong.cli.eqa.workbook import write_workbook
from lienthong.cli.tables import Labels, write_table

Columns = dict[str, pa.Array]
Say = Callable[[str], str]


def assigned_path(path: Path) -> Path:
    """Return where the assigned values stand beside the scores of a CSV or Parquet file."""
    return path.with_name(f"{path.stem}.assigned{path.suffix}")


def paths_of(path: Path) -> tuple[Path, ...]:
    """Return every file that writing to `path` makes."""
    return (path,) if path.suffix.lower() == ".xlsx" else (path, assigned_path(path))


def write_scores(
    path: Path,
    scores: Scores,
    words: Words,
    *,
    rows: IntArray | None = None,
    on_progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Write scores, of `rows` only where given, and assigned values.

    Parquet, which programs read, has keys and codes; what people open has headings and words in their language.
    """
    is_for_programs = path.suffix.lower() == ".parquet"
    say: Say = str if is_for_programs else words.gettext
    kept = np.arange(len(scores)) if rows is None else rows
    cells = np.unique(scores.results.cell[kept])
    tables = [
        _headed(_scores(scores, kept, say, is_for_programs), words, is_for_programs),
        _headed(_assigned(scores, cells, words, is_for_programs), words, is_for_programs),
    ]
    if path.suffix.lower() == ".xlsx":
        titles = (words.gettext("Scores"), words.gettext("Assigned values"))
        write_workbook(path, dict(zip(titles, tables, strict=True)), on_progress)
        return
    for place, table in zip(paths_of(path), tables, strict=True):
        write_table(place, table)
        on_progress(len(next(iter(table.values()))))


def _headed(columns: Columns, words: Words, is_for_programs: bool) -> Columns:
    if is_for_programs:
        return columns
    return {words.gettext(texts.HEADINGS[key]): column for key, column in columns.items()}


def _scores(scores: Scores, rows: IntArray, say: Say, is_for_programs: bool) -> Columns:
    results, assigned = scores.results, scores.assigned
    cell = results.cell[rows]
    verdicts = VERDICTS if is_for_programs else [say(texts.VERDICTS[one]) for one in VERDICTS]
    reasons = REASONS if is_for_programs else [say(texts.REASONS[one]) if one else "" for one in REASONS]
    columns = {
        "row": pa.array(results.table.rows(rows)),
        **{key: _labels(results.table.labels(key), rows) for key in ("round", "analyte", "sample", "peer_group")},
        "participant": _labels(results.table.labels("participant"), rows),
        "value": _numbers(results.values[rows]),
        "value_text": _texts(results.texts, rows),
        "unit": _labels(results.table.labels("unit"), rows),
    }
    for key in ("x_pt", "u_x_pt", "sigma_pt", "delta_e"):
        columns[key] = _numbers(getattr(assigned, key)[cell])
    for key in ("d", "d_percent", "p_a", "z", "z_prime", "zeta", "e_n"):
        columns[key] = _numbers(getattr(scores, key)[rows])
    columns["verdict"] = _codes(scores.verdict[rows], verdicts)
    columns["reason"] = _codes(np.where(scores.reason[rows] > 0, scores.reason[rows], -1), reasons)
    columns["within_limit"] = pa.array(scores.within[rows] == 1, mask=scores.within[rows] < 0)
    columns["percent"] = _numbers(scores.percent[rows])
    return columns


def _assigned(scores: Scores, cells: IntArray, words: Words, is_for_programs: bool) -> Columns:
    results, assigned, settings = scores.results, scores.assigned, scores.settings
    first = results.first[cells]
    every = "all-methods" if is_for_programs else words.gettext("all methods")
    own = results.labels("peer_group", first)
    method = settings.assigned.value if is_for_programs else words.gettext(texts.ASSIGNMENTS[settings.assigned])
    sigma = settings.sigma.value if is_for_programs else sigma_words(scores, words)
    columns = {key: _labels(results.table.labels(key), first) for key in ("round", "analyte", "sample", "peer_group")}
    columns["unit"] = _labels(results.table.labels("unit"), first)
    columns["n"] = pa.array(assigned.n[cells])
    columns["judged_against"] = pa.array(
        [
            every if all_methods or not group else group
            for all_methods, group in zip(assigned.by_all[cells], own, strict=True)
        ]
    )
    columns["p"] = pa.array(assigned.p[cells])
    for key in ("x_pt", "u_x_pt", "s_star", "sigma_pt", "delta_e"):
        columns[key] = _numbers(getattr(assigned, key)[cells])
    columns["method"] = pa.array([method] * cells.size)
    columns["sigma_by"] = pa.array([sigma] * cells.size)
    columns["negligible"] = pa.array(
        assigned.is_negligible[cells], mask=np.isnan(assigned.u_x_pt + assigned.sigma_pt)[cells]
    )
    columns["converged"] = pa.array(assigned.converged[cells])
    columns["iterations"] = pa.array(assigned.iterations[cells])
    notes = [assigned.of(int(cell)) for cell in cells]
    columns["notes"] = pa.array(["; ".join(_note(one, words, is_for_programs) for one in each) for each in notes])
    return columns


def sigma_words(scores: Scores, words: Words) -> str:
    """Say where σ_pt comes from."""
    settings = scores.settings
    text = words.gettext(texts.SIGMAS[settings.sigma])
    if settings.sigma is Sigma.PERCENT:
        return text % {"percent": words.plain(settings.percent or 0.0)}
    if settings.sigma is Sigma.LIMIT:
        return text % {"divisor": words.plain(settings.divisor)}
    return text


def _note(note: Note, words: Words, is_for_programs: bool) -> str:
    return note.value if is_for_programs else words.gettext(texts.NOTES[note])


def _numbers(values: np.ndarray) -> pa.Array:
    return pa.array(values, from_pandas=True)  # nan becomes a blank cell


def _labels(labels: Labels | None, rows: IntArray) -> pa.Array:
    if labels is None:
        return pa.nulls(rows.size, pa.string())
    if labels.names is None:
        return pa.array(labels.codes[rows].astype(np.str_))
    return _codes(labels.codes[rows], labels.names.tolist())


def _codes(codes: np.ndarray, names: list[str] | tuple[str, ...]) -> pa.Array:
    indices = pa.array(codes, type=pa.int32(), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, type=pa.string()))


def _texts(found: Mapping[int, str], rows: IntArray) -> pa.Array:
    if not found:
        return pa.nulls(rows.size, pa.string())
    return pa.array([found.get(int(row)) for row in rows], type=pa.string())
