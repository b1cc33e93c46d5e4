"""Verdicts as columns of a table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lienthong.cli.qc.judging import IntArray, Judgement
from lienthong.cli.qc.reading import Controls
from lienthong.cli.qc.targets import Targets
from lienthong.cli.tables import Labels

VERDICTS = np.array(["accepted", "warning", "rejected", "not judged"])
ACCEPTED, WARNING, REJECTED, NOT_JUDGED = range(4)
OWN = frozenset({"row", "value", "mean", "sd", "z", "verdict", "rules", "members"})
BETWEEN = "; "
CARRIED = ("level", "run", "lot", "segment", "measured_at", "excluded")


def verdict_columns(
    controls: Controls, targets: Targets, judgement: Judgement, *, every: bool, members: bool
) -> dict[str, NDArray[np.generic] | Labels | pa.Array]:
    """Return the columns of the verdicts: of each violation, or of every result.

    `row` is the file's row number, `rules` what is hit, `members` the rows that take part in each violation of
    several results: "4_1s: 3 5 7 9; 10x: …".
    """
    rows = np.arange(controls.table.row_count) if every else judgement.rows
    mean, sd, values = targets.mean[rows], targets.sd[rows], controls.values[rows]
    columns: dict[str, NDArray[np.generic] | Labels | pa.Array] = {"row": controls.table.rows(rows)}
    columns.update({_free(heading): labels.take(rows) for heading, labels in controls.parts.items()})
    columns.update(_carried(controls, rows))
    columns.update({"value": values, "mean": mean, "sd": sd, "z": (values - mean) / sd})
    columns["verdict"] = Labels(_verdicts(judgement, controls.table.row_count, every), VERDICTS)
    columns["rules"] = _spread(_rules(judgement), judgement.rows, rows.size, every)
    if members:
        columns["members"] = _spread(_members(controls, judgement), judgement.rows, rows.size, every)
    return columns


def _free(heading: str) -> str:
    """Return a heading for a column of the series that isn't one of the verdicts' own."""
    return f"{heading} (series)" if heading in OWN else heading


def _carried(controls: Controls, rows: IntArray) -> Mapping[str, NDArray[np.generic] | Labels]:
    table = controls.table
    taken = {}
    for key in CARRIED:
        if key in table and table.headings[key] not in controls.parts:
            column = table.columns[key]
            taken[key] = column.take(rows) if isinstance(column, Labels) else column[rows]
    return taken


def _verdicts(judgement: Judgement, n: int, every: bool) -> NDArray[np.integer]:
    of_violations = np.where(judgement.rejected, REJECTED, WARNING).astype(np.int8)
    if not every:
        return of_violations
    verdicts = np.full(n, ACCEPTED, dtype=np.int8)
    if judgement.judged is not None:
        verdicts[~judgement.judged] = NOT_JUDGED
    verdicts[judgement.rows] = of_violations
    return verdicts


def _rules(judgement: Judgement) -> pa.Array:
    """Return what each violation hits, such as "1_2s; 2_2s", in the order in which the rules were asked for."""
    sets, which = _distinct(judgement.bits)
    names = [BETWEEN.join(rule for k, rule in enumerate(judgement.rules) if found >> k & 1) for found in sets.tolist()]
    return pa.DictionaryArray.from_arrays(pa.array(which, pa.int32()), pa.array(names, pa.string()))


def _distinct(bits: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    """Return the sets of rules that occur, and which of them each violation has."""
    if not bits.size or int(bits.max()) >= 1 << 16:
        sets, which = np.unique(bits, return_inverse=True)
        return sets, which.astype(np.int32)
    there = np.bincount(bits) > 0
    return np.flatnonzero(there).astype(np.uint32), (np.cumsum(there, dtype=np.int32) - 1)[bits]


def _members(controls: Controls, judgement: Judgement) -> pa.Array:
    """Return for each violation the rows of its members, rule by rule; rules of one result are left out."""
    import pyarrow.compute as pc  # slow to load, and only needed here

    texts = []
    for rule in judgement.rules:
        if rule.startswith("1_"):
            continue
        texts.append(_placed(_joined(rule, judgement.members(rule), controls), judgement.hit(rule)))
    if not texts:
        return pa.nulls(judgement.rows.size, pa.string())
    joined = pc.utf8_slice_codeunits(pc.binary_join_element_wise(*texts, ""), start=len(BETWEEN))
    return pc.if_else(pc.equal(joined, ""), None, joined)


def _joined(rule: str, members: IntArray, controls: Controls) -> pa.Array:
    """Return one text for each violation: what parts rules, the rule, the file's numbers of its members' rows."""
    import pyarrow.compute as pc

    numbers = [pa.array(controls.table.rows(column), mask=column < 0).cast(pa.string()) for column in members.T]
    parts = (pa.scalar(f"{BETWEEN}{rule}:"), *numbers, pa.scalar(" "))
    return pc.binary_join_element_wise(*parts, null_handling="skip")


def _placed(texts: pa.Array, hit: NDArray[np.bool_]) -> pa.Array:
    """Spread texts over the places that are hit; the others are empty."""
    import pyarrow.compute as pc

    return pc.replace_with_mask(pa.repeat("", hit.size), pa.array(hit), texts)


def _spread(texts: pa.Array, rows: IntArray, n: int, every: bool) -> pa.Array:
    if not every:
        return texts
    place = np.full(n, -1, dtype=np.int64)
    place[rows] = np.arange(rows.size)
    return texts.take(pa.array(place, mask=place < 0))
