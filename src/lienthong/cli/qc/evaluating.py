"""`lienthong qc evaluate` step by step: options, file, targets, verdicts, summary."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from typing import Protocol

import typer

from lienthong.cli.qc import summary
from lienthong.cli.qc.judging import Judgement, judge
from lienthong.cli.qc.reading import WANTED, Controls, read_controls
from lienthong.cli.qc.targets import Target, Targets, parse_target, targets_of
from lienthong.cli.qc.verdicts import verdict_columns
from lienthong.cli.tables import EXTENSIONS, write_table

LONG_FILE = 20_000_000
MOST_RULES = 32  # as many as a verdict has bits


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    file: Path
    rules: str | None
    inclusive: bool
    mapping: Mapping[str, str]
    series: tuple[str, ...]
    target: Target | None
    output: Path
    summary: Path | None
    every: bool
    members: bool


class Progress(Protocol):
    """Tells a person what is being done."""

    def step(self, words: str) -> AbstractContextManager[None]:
        """Show one step while it is done."""


def evaluate_file(request: Request, *, as_json: bool, loading: Thread) -> None:
    """Judge the file, write the verdicts, print the summary; nothing is written where the file has faults.

    `loading` ends when what judges is loaded.
    """
    _check_outputs(request)
    with _progress(request.file) as progress:
        with progress.step("reading"):
            controls = read_controls(
                request.file, mapping=request.mapping, series=request.series, with_targets=request.target is None
            )
            loading.join()
            rules = rules_of(request.rules)
        with progress.step("judging"):
            targets = targets_of(controls, request.target)
            judgement = judge(controls, targets, rules=rules, inclusive=request.inclusive)
        with progress.step("writing verdicts"), ThreadPoolExecutor(1) as writer:
            writing = writer.submit(_write, controls, targets, judgement, request)
            told = _told(controls, targets, judgement, request, as_json=as_json)
            writing.result()
    typer.echo(told)


def _write(controls: Controls, targets: Targets, judgement: Judgement, request: Request) -> None:
    columns = verdict_columns(controls, targets, judgement, every=request.every, members=request.members)
    write_table(request.output, columns)
    if request.summary:
        write_table(request.summary, summary.by_series(controls, targets, judgement))


def _told(controls: Controls, targets: Targets, judgement: Judgement, request: Request, *, as_json: bool) -> str:
    """Return the summary as it is printed; it is counted while the verdicts are being written."""
    counted = summary.totals(judgement, controls.table.row_count)
    if as_json:
        import json

        rows = summary.as_rows(summary.by_series(controls, targets, judgement))
        told = {"file": str(request.file), "verdicts": str(request.output), **asdict(counted), "series": rows}
        return json.dumps(told, ensure_ascii=False, indent=1)
    columns, is_cut = summary.worst(controls, targets, judgement, most=summary.MOST_SHOWN)
    lines = [*summary.as_text(columns)]
    if is_cut:
        lines.append("… those with most rejections; --summary FILE writes all")
    lines += [
        "",
        f"{counted.results:,} results: {counted.accepted:,} accepted, {counted.warnings:,} warnings, "
        f"{counted.rejections:,} rejected, {counted.not_judged:,} not judged",
        ", ".join(f"{rule} {hits:,}" for rule, hits in counted.hits.items()),
        f"verdicts in {request.output}",
    ]
    return "\n".join(lines)


@contextmanager
def _progress(file: Path) -> Iterator[Progress]:
    """Show bars where a person waits for a long file; Rich takes longer to start than a short one."""
    if not sys.stderr.isatty() or not file.is_file() or file.stat().st_size < LONG_FILE:
        yield Silence()
        return
    from lienthong.cli.progress import steps

    with steps() as shown:
        yield shown


class Silence:
    """No progress."""

    def step(self, words: str) -> AbstractContextManager[None]:
        return nullcontext()


def output_for(file: Path) -> Path:
    """Return where the verdicts go unless something else is said: beside the input, in its format."""
    suffix = file.suffix if file.suffix.lower() in EXTENSIONS else ".csv"
    return file.with_name(f"{file.stem}-verdicts{suffix}")


def rules_of(text: str | None) -> tuple[str, ...]:
    """Return the rules' names; exit with 2 where one is not a rule."""
    from lienthong.metrology import westgard

    if text is None:
        return westgard.STANDARD
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if len(names) > MOST_RULES:
        raise typer.BadParameter(f"{len(names)} rules are more than {MOST_RULES}", param_hint="--rules")
    try:
        return tuple(westgard.parse(name).name for name in names or ("",))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--rules") from error


def mapping_of(pairs: Sequence[str]) -> dict[str, str]:
    """Return the file's heading by column; exit with 2 where there is no such column."""
    mapping = {}
    for pair in pairs:
        key, equals, heading = pair.partition("=")
        if not equals or not heading or key not in WANTED:
            raise typer.BadParameter(f"{pair!r} is not column=heading; columns are {', '.join(WANTED)}")
        mapping[key] = heading
    return mapping


def target_of(text: str | None) -> Target | None:
    """Return the way to targets; exit with 2 where it isn't known."""
    try:
        return None if text is None else parse_target(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--target") from error


def _check_outputs(request: Request) -> None:
    written = [path for path in (request.output, request.summary) if path]
    for path in written:
        if path.resolve() == request.file.resolve():
            raise typer.BadParameter(f"{path} is the input, which is never overwritten; choose another --output")
        if path.suffix.lower() not in EXTENSIONS:
            raise typer.BadParameter(f"{path} must end in one of {', '.join(EXTENSIONS)}")
        if not path.parent.is_dir():
            raise typer.BadParameter(f"the folder {path.parent} is not there; make it, or choose another")
    if len({path.resolve() for path in written}) < len(written):
        raise typer.BadParameter(f"{request.summary} can't hold verdicts and summary at once")
