"""The tables of a report: results, assigned values, pairs of samples, and what the round amounts to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lienthong.cli.eqa import texts
from lienthong.cli.eqa.report.content import Heading, Row, Table
from lienthong.cli.eqa.report.selection import Sample, Selection
from lienthong.cli.eqa.report.youden_chart import Pair
from lienthong.cli.eqa.scoring import REASONS, VERDICTS
from lienthong.cli.eqa.texts import Words

Written = Callable[[int], str]
SCORES = ("z", "z_prime", "zeta", "e_n")
MOST_SUMMED = 200
MOST_DECIMALS = 7


def sample_title(sample: Sample, words: Words) -> str:
    """Name a sample, without what the file doesn't say."""
    names = {"round": sample.round, "analyte": sample.analyte, "sample": sample.sample}
    if sample.round and sample.sample:
        return words.gettext("%(analyte)s, round %(round)s, sample %(sample)s") % names
    if sample.sample:
        return words.gettext("%(analyte)s, sample %(sample)s") % names
    return words.gettext("%(analyte)s, round %(round)s") % names if sample.round else sample.analyte


def counts_of(verdicts: NDArray[np.int8], words: Words) -> str:
    """Say how many results got each verdict, in one line."""
    counts = np.bincount(verdicts, minlength=len(VERDICTS))
    said = {
        "satisfactory": words.gettext("%(count)s satisfactory"),
        "questionable": words.gettext("%(count)s questionable"),
        "unsatisfactory": words.gettext("%(count)s unsatisfactory"),
        "not_evaluated": words.gettext("%(count)s not evaluated"),
    }
    parts = [
        said[verdict] % {"count": words.whole(int(count))} for verdict, count in zip(VERDICTS, counts, strict=True)
    ]
    return words.gettext(", ").join(parts[:3] + ([parts[3]] if counts[3] else []))


def decimals_of(selection: Selection, sample: Sample) -> int:
    """Return how many decimals of a sample's assigned values are worth showing: two digits of their uncertainty."""
    assigned = selection.scores.assigned
    for spreads in (assigned.u_x_pt, assigned.sigma_pt, assigned.s_star):
        known = spreads[sample.cells][spreads[sample.cells] > 0]
        if known.size:
            return texts.decimals_for(float(known.min()))
    return texts.decimals_for(np.nan)


def reported_decimals(values: NDArray[np.float64]) -> int:
    """Return how many decimals show every result as it was reported; for computed ones, five digits of their median."""
    known = values[~np.isnan(values)]
    exact = (d for d in range(MOST_DECIMALS) if np.allclose(np.round(known, d), known, rtol=1e-12, atol=0))
    return next(exact, texts.decimals_for(float(np.median(np.abs(known))) if known.size else np.nan, 5))


def results_table(selection: Selection, sample: Sample, words: Words) -> Table:
    """Return the table behind the charts of a sample: in order of z, then what was not evaluated."""
    scores = selection.scores
    rows = sample.rows[np.argsort(scores.judged_z[sample.rows], kind="stable")]  # nan stands last
    groups = dict(zip(rows.tolist(), scores.results.labels("peer_group", rows).tolist(), strict=True))
    columns: list[tuple[Heading, Written]] = [(Heading(words.gettext("Participant code")), selection.name)]
    if any(groups.values()):
        columns.append((Heading(words.gettext("Peer group")), groups.__getitem__))
    columns += _result_columns(selection, sample, words)
    table_rows = [
        Row(
            (*(write(row) for _, write in columns), _verdict(selection, row, words)),
            VERDICTS[scores.verdict[row]],
            selection.is_own(row),
        )
        for row in rows.tolist()
    ]
    return Table(
        caption=words.gettext("Results of %(sample)s") % {"sample": sample_title(sample, words)},
        headings=(*(heading for heading, _ in columns), Heading(words.gettext("Verdict"))),
        rows=tuple(table_rows),
        verdict_at=len(columns),
        is_behind=True,
    )


def _result_columns(selection: Selection, sample: Sample, words: Words) -> list[tuple[Heading, Written]]:
    scores, results = selection.scores, selection.scores.results
    decimals = reported_decimals(results.values[sample.rows])
    unit = words.gettext("Result, %(unit)s") % {"unit": sample.unit} if sample.unit else words.gettext("Result")
    columns: list[tuple[Heading, Written]] = [
        (Heading(unit, True), lambda row: results.texts.get(row) or words.fixed(float(results.values[row]), decimals)),
        (Heading(words.gettext("Difference"), True), lambda row: percent(scores.d_percent[row], words)),
    ]
    for key in SCORES:
        column = getattr(scores, key)
        if not np.isnan(column[sample.rows]).all():
            columns.append((Heading(words.gettext(texts.HEADINGS[key]), True), _signed(column, words)))
    if np.any(scores.within[sample.rows] >= 0):
        columns.append((Heading(words.gettext("Difference, % of the limit"), True), _whole(scores.p_a, words)))
    return columns


def _signed(column: NDArray[np.float64], words: Words) -> Written:
    return lambda row: words.signed(float(column[row]), 2)


def _whole(column: NDArray[np.float64], words: Words) -> Written:
    return lambda row: words.signed(float(column[row]), 0)


def percent(value: float, words: Words) -> str:
    text = words.signed(float(value), 1)
    return text if text == "–" else f"{text} %"


def _verdict(selection: Selection, row: int, words: Words) -> str:
    return words.gettext(texts.VERDICTS[VERDICTS[selection.scores.verdict[row]]])


def assigned_table(selection: Selection, sample: Sample, words: Words) -> Table:
    """Return what the results of a sample were judged against, by peer group."""
    headings = (
        Heading(words.gettext("Peer group")),
        Heading(words.gettext("Results"), True),
        Heading("x_pt", True),
        Heading("u(x_pt)", True),
        Heading("s*", True),
        Heading("σ_pt", True),
        Heading("δ_E", True),
        Heading(words.gettext("Judged against")),
    )
    rows = tuple(_assigned_row(selection, sample, int(cell), words) for cell in sample.cells)
    caption = words.gettext("Assigned values of %(sample)s") % {"sample": sample_title(sample, words)}
    return Table(caption, headings, rows)


def _assigned_row(selection: Selection, sample: Sample, cell: int, words: Words) -> Row:
    results, assigned = selection.scores.results, selection.scores.assigned
    group = str(results.labels("peer_group", results.first[cell : cell + 1])[0])
    every = words.gettext("all methods")
    decimals = decimals_of(selection, sample)
    against = every if assigned.by_all[cell] or not group else words.gettext("its own peer group")
    notes = [against, *(words.gettext(texts.NOTES[note]) for note in assigned.of(cell) if note != "all-methods")]
    if assigned.p[cell] != assigned.n[cell]:
        notes[0] = words.gettext("%(group)s, p = %(p)s") % {"group": against, "p": words.whole(int(assigned.p[cell]))}
    return Row(
        (
            group or every,
            words.whole(int(assigned.n[cell])),
            words.fixed(float(assigned.x_pt[cell]), decimals),
            words.significant(float(assigned.u_x_pt[cell])),
            words.significant(float(assigned.s_star[cell])),
            words.significant(float(assigned.sigma_pt[cell])),
            words.significant(float(assigned.delta_e[cell])),
            "; ".join(notes),
        )
    )


def pairs_table(pairs: Sequence[Pair], titles: Sequence[str], words: Words) -> Table:
    """Return the table behind Youden's plot."""
    headings = (Heading(words.gettext("Participant code")), *(Heading(title, True) for title in titles))
    rows = tuple(
        Row((pair.name, words.signed(pair.first, 2), words.signed(pair.second, 2)), is_own=pair.is_own)
        for pair in pairs
    )
    return Table(words.gettext("z scores on both samples"), headings, rows, is_behind=True)


def summary_table(selection: Selection, words: Words) -> Table:
    """Return the counts of each sample."""
    verdicts = selection.scores.verdict
    has_rounds = len({sample.round for sample in selection.samples}) > 1
    headings = (
        *([Heading(words.gettext("Round"))] if has_rounds else []),
        *(Heading(words.gettext(name)) for name in ("Analyte", "Sample")),
        *(Heading(words.gettext(text), True) for text in ("Results", *texts.VERDICTS.values())),
    )
    rows = []
    for sample in selection.samples[:MOST_SUMMED]:
        counts = np.bincount(verdicts[sample.rows], minlength=len(VERDICTS))
        numbers = (words.whole(int(count)) for count in (sample.rows.size, *counts))
        names = ([sample.round or "–"] if has_rounds else []) + [sample.analyte, sample.sample or "–"]
        rows.append(Row((*names, *numbers)))
    return Table(words.gettext("Results by analyte and sample"), headings, tuple(rows))


def own_table(selection: Selection, words: Words) -> Table:
    """Return the results of the participant whose report it is."""
    scores, results = selection.scores, selection.scores.results
    headings = (
        Heading(words.gettext("Analyte")),
        Heading(words.gettext("Sample")),
        Heading(words.gettext("Result"), True),
        Heading(words.gettext("Assigned value x_pt"), True),
        Heading(words.gettext("Unit")),
        Heading(words.gettext("Difference"), True),
        Heading(words.gettext("z"), True),
        Heading(words.gettext("Reason")),
        Heading(words.gettext("Verdict")),
    )
    rows = []
    for sample in selection.samples:
        decimals = reported_decimals(results.values[sample.rows])
        for row in filter(selection.is_own, sample.rows.tolist()):
            cell = int(results.cell[row])
            reason = texts.REASONS[REASONS[scores.reason[row]]]
            cells = (
                sample.analyte,
                sample.sample or "–",
                results.texts.get(row) or words.fixed(float(results.values[row]), decimals),
                words.fixed(float(scores.assigned.x_pt[cell]), decimals_of(selection, sample)),
                sample.unit,
                percent(scores.d_percent[row], words),
                words.signed(float(scores.judged_z[row]), 2) + ("" if np.isnan(scores.z_prime[row]) else " (z′)"),
                words.gettext(reason) if reason else "",
                _verdict(selection, row, words),
            )
            rows.append(Row(cells, VERDICTS[scores.verdict[row]]))
    return Table(words.gettext("Your results"), headings, tuple(rows), verdict_at=len(headings) - 1)
