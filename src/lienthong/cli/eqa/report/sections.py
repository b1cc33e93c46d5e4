"""The sections of a report: one for each sample that is drawn, and Youden's plot where an analyte has two."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from lienthong.cli.eqa import texts
from lienthong.cli.eqa.modes import bandwidths
from lienthong.cli.eqa.report.content import Figure, Section, Table
from lienthong.cli.eqa.report.density_chart import DASHES, Line, density_chart
from lienthong.cli.eqa.report.drawing import Frame, Spec, drawn
from lienthong.cli.eqa.report.selection import Sample, Selection
from lienthong.cli.eqa.report.tables import (
    assigned_table,
    counts_of,
    decimals_of,
    pairs_table,
    results_table,
    sample_title,
)
from lienthong.cli.eqa.report.youden_chart import Pair, youden_chart
from lienthong.cli.eqa.report.z_chart import Dot, z_chart
from lienthong.cli.eqa.scoring import VERDICTS
from lienthong.cli.eqa.settings import Assignment
from lienthong.cli.eqa.texts import Words
from lienthong.metrology import iso13528

SEVERITY = {"not_evaluated": 0, "satisfactory": 1, "questionable": 2, "unsatisfactory": 3}
SHOWN_REACH = 5.0  # of the wider of s* and σ_pt, to each side of the assigned values


def sections_of(
    selection: Selection, words: Words, *, is_printed: bool, on_progress: Callable[[int], None]
) -> Iterator[Section]:
    """Draw the samples of a selection, one after the other."""
    of_analyte: dict[tuple[str, str], list[Sample]] = {}
    for sample in selection.samples:
        of_analyte.setdefault((sample.round, sample.analyte), []).append(sample)
    for sample in selection.drawn:
        yield _section(selection, sample, words, is_printed)
        both = of_analyte[sample.round, sample.analyte]
        if len(both) == 2 and sample is both[1]:
            yield _youden(selection, both[0], both[1], words, is_printed)
        on_progress(1)


def _section(selection: Selection, sample: Sample, words: Words, is_printed: bool) -> Section:
    scores = selection.scores
    parts: list[Figure | Table] = []
    judged = scores.judged_z[sample.rows]
    if not np.isnan(judged).all():
        parts.append(_z_figure(selection, sample, words, is_printed))
    density = _density_figure(selection, sample, words, is_printed)
    parts += [density] if density else []
    parts += [assigned_table(selection, sample, words), results_table(selection, sample, words)]
    return Section(
        title=sample_title(sample, words),
        lead=counts_of(scores.verdict[sample.rows], words),
        notes=_notes(selection, sample, words),
        parts=tuple(parts),
    )


def _notes(selection: Selection, sample: Sample, words: Words) -> tuple[str, ...]:
    """Say what holds for all cells at once; the table of assigned values says what holds for some."""
    found = [set(selection.scores.assigned.of(int(cell))) for cell in sample.cells]
    every = [note for note in texts.NOTES if all(note in notes for notes in found)]
    return tuple(words.gettext(texts.NOTES[note]) for note in every)


def _z_figure(selection: Selection, sample: Sample, words: Words, is_printed: bool) -> Figure:
    scores = selection.scores
    rows = sample.rows[~np.isnan(scores.judged_z[sample.rows])]
    judged = scores.judged_z[rows]
    dots = [
        Dot(selection.name(row), float(z), VERDICTS[scores.verdict[row]], selection.is_own(row))
        for row, z in zip(rows.tolist(), judged.tolist(), strict=True)
    ]
    title = words.gettext("z scores of %(sample)s, the shaded band is ±2") % {"sample": sample_title(sample, words)}
    return Figure(title, drawn(lambda frame: z_chart(dots, frame, words), words, is_printed=is_printed))


def _density_figure(selection: Selection, sample: Sample, words: Words, is_printed: bool) -> Figure | None:
    results, assigned = selection.scores.results, selection.scores.assigned
    values = results.values[sample.rows]
    values = values[~np.isnan(values)]
    known = [int(cell) for cell in sample.cells if not np.isnan(assigned.x_pt[cell])]
    if values.size < 3 or not known:
        return None
    widest = known[int(np.argmax(assigned.p[known]))]
    s_star, sigma_pt = assigned.s_star[widest], assigned.sigma_pt[widest]
    h = float(bandwidths(np.array([s_star]), np.array([values.size]), np.array([sigma_pt]))[0])
    spread = float(np.nanmax([s_star, sigma_pt, h]))
    x_pt = assigned.x_pt[known]
    near = values[(values >= x_pt.min() - SHOWN_REACH * spread) & (values <= x_pt.max() + SHOWN_REACH * spread)]
    if near.size < 3 or not h > 0:
        return None
    points = max(256, int(np.ceil(2 * ((near.max() - near.min()) / h + 10))))
    found = iso13528.kernel_density(near, bandwidth=h, points=points)
    own = [float(results.values[row]) for row in sample.rows.tolist() if selection.is_own(row)]
    axis = words.gettext("Result, %(unit)s") % {"unit": sample.unit} if sample.unit else words.gettext("Result")
    lines = _lines(selection, sample, known, words)

    def draw(frame: Frame) -> Spec:
        return density_chart(found.grid[0], found.density[0], near, lines, frame, title=axis, own=own)

    return Figure(_density_title(sample, values.size - near.size, words), drawn(draw, words, is_printed=is_printed))


def _density_title(sample: Sample, beyond: int, words: Words) -> str:
    title = words.gettext("Kernel density of %(sample)s; a tick is a result, a line an assigned value")
    title %= {"sample": sample_title(sample, words)}
    if not beyond:
        return title
    more = words.ngettext(
        "%(count)s result lies beyond the picture", "%(count)s results lie beyond the picture", beyond
    )
    return f"{title}; {more % {'count': words.whole(beyond)}}"


def _lines(selection: Selection, sample: Sample, cells: list[int], words: Words) -> list[Line]:
    """Return the different assigned values of a sample, each with what it holds for."""
    assigned, results = selection.scores.assigned, selection.scores.results
    groups = dict(zip(cells, results.labels("peer_group", results.first[cells]).tolist(), strict=True))
    is_fixed = selection.scores.settings.assigned is Assignment.FIXED
    names: dict[float, str] = {}
    for cell in sorted(cells, key=lambda cell: -assigned.p[cell]):
        name = str(groups[cell])
        if not name or (assigned.by_all[cell] and not is_fixed):
            name = words.gettext("all methods")
        names.setdefault(float(assigned.x_pt[cell]), name)
    if len(names) > len(DASHES):  # more than can be told apart: the table says which is which
        return [Line(value, words.gettext("Assigned values")) for value in names]
    decimals = decimals_of(selection, sample)
    return [Line(value, f"{name}: {words.fixed(value, decimals)}") for value, name in names.items()]


def _youden(selection: Selection, first: Sample, second: Sample, words: Words, is_printed: bool) -> Section:
    pairs = _pairs(selection, first, second)
    names = (first.sample, second.sample)
    titles = tuple(words.gettext("z, sample %(sample)s") % {"sample": name} for name in names)
    title = words.gettext("Youden plot of %(analyte)s: each point is a participant, the squares are ±2 and ±3")

    def draw(frame: Frame) -> Spec:
        return youden_chart(pairs, frame, titles=(titles[0], titles[1]))

    drawings = drawn(draw, words, is_printed=is_printed, is_square=True)
    figure = Figure(title % {"analyte": first.analyte}, drawings, is_square=True)
    lead = words.gettext("Points along the diagonal show a bias of the laboratory, points away from it chance.")
    heading = words.gettext("%(analyte)s, both samples") % {"analyte": first.analyte}
    return Section(heading, lead, (), (figure, pairs_table(pairs, titles, words)))


def _pairs(selection: Selection, first: Sample, second: Sample) -> list[Pair]:
    """Return the participants with a score on both samples; one with several methods is drawn for each."""
    scores = selection.scores
    groups = [scores.results.labels("peer_group", sample.rows).tolist() for sample in (first, second)]
    keys = [
        zip(selection.codes[sample.rows].tolist(), of, strict=True)
        for sample, of in zip((first, second), groups, strict=True)
    ]
    on_second = dict(zip(keys[1], second.rows.tolist(), strict=True))
    pairs = []
    for key, row in zip(keys[0], first.rows.tolist(), strict=True):
        other = on_second.get(key)
        if other is None or np.isnan(scores.judged_z[[row, other]]).any():
            continue
        verdict = max((VERDICTS[scores.verdict[one]] for one in (row, other)), key=SEVERITY.__getitem__)
        z = scores.judged_z[[row, other]].tolist()
        pairs.append(Pair(selection.name(row), z[0], z[1], verdict, selection.is_own(row)))
    return pairs
