"""Which results a report shows, and to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lienthong.cli.eqa.reading import IntArray, Results
from lienthong.cli.eqa.scoring import Scores
from lienthong.errors import NotFound


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One sample of an analyte in a round: its rows, its peer groups' cells, and what it is called."""

    round: str
    analyte: str
    sample: str
    unit: str
    rows: IntArray
    cells: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The samples a report is about, those of them that are drawn, and whose report it is (None: the organiser's)."""

    scores: Scores
    samples: tuple[Sample, ...]
    drawn: tuple[Sample, ...]
    participant: str | None
    codes: np.ndarray

    def is_own(self, row: int) -> bool:
        return self.participant is not None and self.codes[row] == self.participant

    def name(self, row: int) -> str:
        """Return a participant's code; "" where it is another's than the one whose report it is."""
        return str(self.codes[row]) if self.participant is None or self.is_own(row) else ""


def select(scores: Scores, *, analytes: Sequence[str], participant: str | None, most: int) -> Selection:
    """Choose samples by analyte and participant; raise NotFound for one that the file doesn't have."""
    results = scores.results
    codes = results.labels("participant")
    wanted = np.ones(len(results), dtype=np.bool_)
    if analytes:
        _check_known("analyte", analytes, results)
        wanted &= np.isin(results.labels("analyte"), analytes)
    if participant is not None:
        _check_known("participant", [participant], results)
        theirs = np.unique(results.whole[codes == participant])
        wanted &= np.isin(results.whole, theirs)
    samples = _samples(results, np.flatnonzero(wanted))
    return Selection(scores, samples, samples[:most], participant, codes)


def check_known(results: Results, *, analytes: Sequence[str], participant: str | None) -> None:
    """Raise NotFound for an analyte or a participant that the file doesn't have."""
    _check_known("analyte", analytes, results)
    _check_known("participant", [] if participant is None else [participant], results)


def _check_known(key: str, wanted: Sequence[str], results: Results) -> None:
    known = set(np.unique(results.labels(key)).tolist()) if wanted else set()
    for one in wanted:
        if one not in known:
            raise NotFound(f"{results.table.name} has no {key} {one!r}; see its column {results.table.headings[key]}")


def _samples(results: Results, rows: IntArray) -> tuple[Sample, ...]:
    order = rows[np.argsort(results.whole[rows], kind="stable")]
    starts = np.flatnonzero(np.diff(results.whole[order], prepend=-1))
    return tuple(_sample(results, part) for part in np.split(order, starts[1:]) if part.size)


def _sample(results: Results, rows: IntArray) -> Sample:
    first = rows[:1]
    name = {key: str(results.labels(key, first)[0]) for key in ("round", "analyte", "sample", "unit")}
    return Sample(name["round"], name["analyte"], name["sample"], name["unit"], rows, np.unique(results.cell[rows]))
