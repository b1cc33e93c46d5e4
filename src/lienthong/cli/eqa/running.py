"""The run of `lienthong eqa score`: read, score, write, say what was found."""

from __future__ import annotations

import json

import numpy as np
import typer
from rich.console import Console

from lienthong.cli.eqa.reading import read_results
from lienthong.cli.eqa.report.selection import check_known
from lienthong.cli.eqa.requesting import Request
from lienthong.cli.eqa.scoring import Scores, score
from lienthong.cli.eqa.settings import settings_for
from lienthong.cli.eqa.summary import as_json as summary_as_json
from lienthong.cli.eqa.summary import as_table, remarks
from lienthong.cli.eqa.texts import Words, words_of
from lienthong.cli.eqa.whole_file import whole_file
from lienthong.cli.eqa.writing import paths_of, write_scores
from lienthong.cli.progress import Steps, steps


def score_file(request: Request, *, as_json: bool) -> None:
    """Score a round's file, write what was asked for, and print the summary."""
    words = words_of(request.language)
    with steps() as progress:
        with progress.step("reading"):
            results = read_results(request.file, request.mapping)
            check_known(results, analytes=request.analytes, participant=request.participant)
        settings = settings_for(
            results,
            assigned=request.assigned,
            sigma=request.sigma_pt,
            limit=request.limit,
            divisor=request.divisor,
            minimum=request.minimum,
        )
        with progress.step("scoring"):
            scores = score(results, settings)
        report = _report(request, scores, words, progress)
        if request.output:
            rows = _own_rows(request, scores)
            total = scores.results.first.size + (len(scores) if rows is None else rows.size)
            forward = progress.advance("writing scores", total)
            write_scores(request.output, scores, words, rows=rows, on_progress=forward)
        if request.report and report is not None:
            with whole_file(request.report) as draft:
                draft.write_bytes(report)
    _say(scores, words, _files(request), as_json=as_json)


def _own_rows(request: Request, scores: Scores) -> np.ndarray | None:
    if request.participant is None:
        return None
    return np.flatnonzero(scores.results.labels("participant") == request.participant)


def _report(request: Request, scores: Scores, words: Words, progress: Steps) -> bytes | None:
    """Return the report as it will be written."""
    if request.report is None:
        return None
    from lienthong.cli.eqa.report.composing import compose
    from lienthong.cli.eqa.report.selection import select

    selection = select(scores, analytes=request.analytes, participant=request.participant, most=request.charts)
    if len(selection.drawn) < len(selection.samples):
        typer.echo(
            f"The report has charts for {len(selection.drawn)} of {len(selection.samples)} samples of analytes; "
            "choose with --analyte, or raise --charts.",
            err=True,
        )
    is_printed = request.report.suffix.lower() == ".pdf"
    forward = progress.advance("drawing charts", len(selection.drawn))
    report = compose(selection, words, is_printed=is_printed, on_progress=forward)
    with progress.step("setting the report"):
        if is_printed:
            from lienthong.cli.eqa.report.pdf import document

            return document(report)
        from lienthong.cli.eqa.report.html import page

        return page(report, words).encode()


def _files(request: Request) -> list[str]:
    written = [*paths_of(request.output)] if request.output else []
    return [str(path) for path in [*written, *([request.report] if request.report else [])]]


def _say(scores: Scores, words: Words, files: list[str], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(summary_as_json(scores, files=files), indent=1, ensure_ascii=False))
        return
    console = Console()
    console.print(as_table(scores, words), markup=False)
    for remark in remarks(scores, words):
        console.print(remark, markup=False, highlight=False, soft_wrap=True)
    for name in files:
        console.print(
            words.gettext("Written: %(file)s") % {"file": name}, markup=False, highlight=False, soft_wrap=True
        )
