"""From scores to a report: its head, its summary, its sections, and how it was scored."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from lienthong.cli.eqa import texts
from lienthong.cli.eqa.report.content import Report
from lienthong.cli.eqa.report.sections import sections_of
from lienthong.cli.eqa.report.selection import Selection
from lienthong.cli.eqa.report.tables import MOST_SUMMED, counts_of, own_table, summary_table
from lienthong.cli.eqa.scoring import NOT_EVALUATED, VERDICTS
from lienthong.cli.eqa.settings import Assignment
from lienthong.cli.eqa.texts import Words
from lienthong.cli.eqa.writing import sigma_words


def compose(
    selection: Selection, words: Words, *, is_printed: bool, on_progress: Callable[[int], None] = lambda _: None
) -> Report:
    """Compose the organiser's report, or one participant's, in which others are not named."""
    rows = _rows(selection)
    verdicts = selection.scores.verdict[rows]
    return Report(
        language=words.language,
        over=_over(selection, words),
        title=_title(verdicts, words),
        lead=counts_of(verdicts, words),
        facts=tuple(_facts(selection, words)),
        notices=tuple(_notices(selection, words)),
        summary=summary_table(selection, words) if selection.participant is None else own_table(selection, words),
        sections=tuple(sections_of(selection, words, is_printed=is_printed, on_progress=on_progress)),
        method_title=words.gettext("How the results were scored"),
        method=tuple(_method(selection, words)),
        foot=words.gettext("Scored by Lienthong from %(file)s") % {"file": selection.scores.results.table.name},
    )


def _rows(selection: Selection) -> np.ndarray:
    """Return the rows that the report is about: all of its samples', or the participant's own."""
    if not selection.samples:
        return np.empty(0, dtype=np.intp)
    rows = np.concatenate([sample.rows for sample in selection.samples])
    return rows if selection.participant is None else rows[selection.codes[rows] == selection.participant]


def _over(selection: Selection, words: Words) -> str:
    rounds = list(dict.fromkeys(sample.round for sample in selection.samples if sample.round))
    names = {"round": rounds[0] if len(rounds) == 1 else "", "code": selection.participant}
    if selection.participant is None:
        if not names["round"]:
            return words.gettext("External quality assessment")
        return words.gettext("External quality assessment, round %(round)s") % names
    if not names["round"]:
        return words.gettext("External quality assessment, participant %(code)s") % names
    return words.gettext("External quality assessment, round %(round)s, participant %(code)s") % names


def _title(verdicts: np.ndarray, words: Words) -> str:
    """Return what was found as the title."""
    counts = np.bincount(verdicts, minlength=len(VERDICTS))
    judged = int(counts.sum() - counts[NOT_EVALUATED])
    failed = int(counts[VERDICTS.index("unsatisfactory")])
    if not judged:
        return words.gettext("No result could be evaluated")
    if not failed:
        text = words.ngettext(
            "The result is not unsatisfactory", "None of %(judged)s results is unsatisfactory", judged
        )
        return text % {"judged": words.whole(judged)}
    text = words.ngettext(
        "%(failed)s of %(judged)s results is unsatisfactory",
        "%(failed)s of %(judged)s results are unsatisfactory",
        failed,
    )
    return text % {"failed": words.whole(failed), "judged": words.whole(judged)}


def _facts(selection: Selection, words: Words) -> Iterator[tuple[str, str]]:
    settings = selection.scores.settings
    if selection.participant is None and selection.samples:
        rows = _rows(selection)
        yield words.gettext("Participants"), words.whole(np.unique(selection.codes[rows]).size)
    analytes = len({(sample.round, sample.analyte) for sample in selection.samples})
    yield words.gettext("Analytes"), words.whole(analytes)
    yield words.gettext("Samples of analytes"), words.whole(len(selection.samples))
    yield words.gettext("Assigned value by"), words.gettext(texts.ASSIGNMENTS[settings.assigned])
    yield words.gettext("σ_pt from"), sigma_words(selection.scores, words)


def _notices(selection: Selection, words: Words) -> Iterator[str]:
    if selection.participant is not None:
        yield words.gettext("Other participants appear without their codes.")
    if len(selection.drawn) < len(selection.samples):
        text = words.gettext(
            "Charts are drawn for %(drawn)s of %(all)s samples of analytes; the files of scores hold all of them."
        )
        counts = {"drawn": words.whole(len(selection.drawn)), "all": words.whole(len(selection.samples))}
        yield text % counts
    if selection.participant is None and len(selection.samples) > MOST_SUMMED:
        text = words.gettext("The first table shows %(count)s samples of analytes.")
        yield text % {"count": words.whole(MOST_SUMMED)}


def _method(selection: Selection, words: Words) -> Iterator[str]:
    scores, settings = selection.scores, selection.scores.settings
    names = {"method": words.gettext(texts.ASSIGNMENTS[settings.assigned]), "sigma": sigma_words(scores, words)}
    yield words.gettext("Assigned value x_pt: %(method)s.") % names
    if settings.assigned is not Assignment.FIXED:
        yield words.gettext("Its standard uncertainty: u(x_pt) = 1.25·s*/√p (ISO 13528:2022, 7.7).")
    yield words.gettext("Standard deviation for proficiency assessment σ_pt: %(sigma)s.") % names
    yield words.gettext(
        "z = (x − x_pt)/σ_pt. Up to 2, whatever its sign, is satisfactory; 3 and more is unsatisfactory; between them "
        "it is questionable (9.4)."
    )
    if not np.isnan(scores.z_prime).all():
        yield words.gettext(
            "Where u(x_pt) is 0.3 σ_pt or more, z′ = (x − x_pt)/√(σ_pt² + u²(x_pt)) takes the place of z (9.5)."
        )
    if not np.isnan(scores.zeta).all():
        yield words.gettext("ζ tests a result by its own standard uncertainty and is read as z (9.6).")
    if not np.isnan(scores.e_n).all():
        yield words.gettext("E_n tests a result by its own expanded uncertainty (k = 2); 1 and more is a signal (9.7).")
    if scores.results.table.labels("peer_group") is not None:
        text = words.gettext("A peer group with fewer than %(minimum)s results is judged against all methods.")
        yield text % {"minimum": words.whole(settings.minimum)}
    if scores.results.texts:
        yield words.gettext("A result beyond a limit, such as <0.5, is not a number and is not evaluated.")
