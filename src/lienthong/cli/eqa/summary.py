"""What a round amounts to: counts for the terminal and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from rich.table import Table

from lienthong.cli.eqa import texts
from lienthong.cli.eqa.scoring import REASONS, VERDICTS, Scores
from lienthong.cli.eqa.texts import Words

MOST_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Line:
    """The results of an analyte in a round: how many samples, results, and results of each verdict."""

    round: str
    analyte: str
    samples: int
    results: int
    verdicts: dict[str, int]

    @property
    def failed(self) -> int:
        return self.verdicts["unsatisfactory"]


def lines_of(scores: Scores) -> list[Line]:
    """Return the counts of each analyte of each round."""
    results = scores.results
    code = results.numbered("round", "analyte")
    _, first = np.unique(code, return_index=True)
    counts = np.bincount(code * len(VERDICTS) + scores.verdict, minlength=first.size * len(VERDICTS))
    by_verdict = counts.reshape(first.size, len(VERDICTS))
    samples = np.bincount(
        code[results.first[np.unique(results.whole[results.first], return_index=True)[1]]], minlength=first.size
    )
    return [
        Line(
            round=str(round_),
            analyte=str(analyte),
            samples=int(samples[place]),
            results=int(by_verdict[place].sum()),
            verdicts=dict(zip(VERDICTS, by_verdict[place].tolist(), strict=True)),
        )
        for place, (round_, analyte) in enumerate(
            zip(results.labels("round", first), results.labels("analyte", first), strict=True)
        )
    ]


def as_json(scores: Scores, *, files: list[str]) -> dict[str, object]:
    """Return the summary as JSON has it; it names no participant."""
    settings, results = scores.settings, scores.results
    reasons = np.bincount(scores.reason, minlength=len(REASONS)).tolist()
    return {
        "file": results.table.name,
        "results": len(results),
        "participants": _participants(scores),
        "assigned": settings.assigned.value,
        "sigma_pt": settings.sigma.value,
        "sigma_pt_percent": settings.percent,
        "limit": None if settings.limit is None else str(settings.limit),
        "divisor": settings.divisor,
        "minimum": settings.minimum,
        "verdicts": dict(zip(VERDICTS, np.bincount(scores.verdict, minlength=len(VERDICTS)).tolist(), strict=True)),
        "not_evaluated": {reason: count for reason, count in zip(REASONS, reasons, strict=True) if reason and count},
        "notes": {note.value: int(holds.sum()) for note, holds in scores.assigned.notes.items() if holds.any()},
        "analytes": [
            {"round": line.round, "analyte": line.analyte, "samples": line.samples, "results": line.results}
            | line.verdicts
            for line in lines_of(scores)
        ],
        "files": files,
    }


def as_table(scores: Scores, words: Words) -> Table:
    """Return the summary as a table, the analytes with most action signals first where they are many."""
    lines = lines_of(scores)
    if len(lines) > MOST_SHOWN:
        lines = sorted(lines, key=lambda line: -line.failed)[:MOST_SHOWN]
    table = Table(*(words.gettext(heading) for heading in ("Round", "Analyte")))
    for heading in (words.gettext("Samples"), words.gettext("Results"), *map(words.gettext, texts.VERDICTS.values())):
        table.add_column(heading, justify="right")
    for line in lines:
        table.add_row(
            line.round, line.analyte, *map(words.whole, (line.samples, line.results, *line.verdicts.values()))
        )
    return table


def remarks(scores: Scores, words: Words) -> Iterator[str]:
    """Yield what the table doesn't say: how it was scored, and what to know of assigned values."""
    count = len(lines_of(scores))
    if count > MOST_SHOWN:
        text = words.gettext("%(shown)s of %(all)s analytes, those with most unsatisfactory results.")
        yield text % {"shown": words.whole(MOST_SHOWN), "all": words.whole(count)}
    for note, holds in scores.assigned.notes.items():
        if holds.any():
            text = words.gettext("%(count)s of %(all)s assigned values: %(note)s.")
            counts = {"count": words.whole(int(holds.sum())), "all": words.whole(holds.size)}
            yield text % (counts | {"note": words.gettext(texts.NOTES[note])})


def _participants(scores: Scores) -> int:
    return int(scores.results.numbered("participant").max(initial=-1)) + 1
