"""`lienthong exchange certify`: a sender's entrance test, and the check of a signed report."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from lienthong.cli.progress import steps
from lienthong.cli.start import start, start_django

if TYPE_CHECKING:
    from lienthong.exchange.certification.judging import CaseVerdict


def certify(
    source: Annotated[str, typer.Option("--source", help="Code of the sender")] = "",
    is_opening: Annotated[bool, typer.Option("--open", help="Open a run for the sender")] = False,
    is_closing: Annotated[bool, typer.Option("--close", help="Close the run; sign the report if all passed")] = False,
    folder: Annotated[Path | None, typer.Option("--cases", help="Folder to write the cases to")] = None,
    is_self_test: Annotated[bool, typer.Option("--self-test", help="Let the platform send the cases itself")] = False,
    signed: Annotated[Path | None, typer.Option("--verify", help="Signature of a report to check")] = None,
    key: Annotated[Path | None, typer.Option("--public-key", help="Key in PEM to check with; else our own")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table")] = False,
) -> None:
    """Say case by case what a sender's system has passed; exit with 1 where not all is."""
    if signed is not None:
        sys.exit(_verify(signed, key))
    if not source:
        raise typer.BadParameter("give the code of the sender, or --verify a signature", param_hint="--source")
    start(needs_tables=True)
    verdicts = _self_test(source) if is_self_test else _run(source, is_opening, is_closing, folder)
    _print(verdicts, as_json=as_json)
    sys.exit(0 if verdicts and all(one.verdict == "passed" for one in verdicts) else 1)


def _run(source: str, is_opening: bool, is_closing: bool, folder: Path | None) -> list[CaseVerdict]:
    from django.utils import timezone

    from lienthong.core.actions import system_user
    from lienthong.exchange import reads
    from lienthong.exchange.certification import actions

    by = system_user("certification")
    if is_opening:
        actions.open_certification(source, by=by, at=timezone.now())
    run = reads.open_certification(source)
    if folder is not None:
        _write(folder, reads.case_files(run))
    verdicts = reads.certification_verdicts(run, at=timezone.now())
    if is_closing:
        actions.close_certification(run, by=by, at=timezone.now())
    return verdicts


def _self_test(source: str) -> list[CaseVerdict]:
    from django.utils import timezone

    from lienthong.core.actions import system_user
    from lienthong.exchange.certification.cases import cases
    from lienthong.exchange.certification.self_test import self_test

    with steps() as progress:
        forward = progress.advance("cases sent over MLLP", len(cases()))
        return self_test(source, by=system_user("certification"), clock=timezone.now, on_progress=forward)


def _verify(signed: Path, key: Path | None) -> int:
    start_django()
    from lienthong.exchange.certification.signing import check

    checked = check(signed.read_text(), public_key=key.read_text() if key else "")
    if not checked.is_genuine:
        typer.echo(f"{signed}: not a report that this key signed, or changed since", err=True)
        return 1
    typer.echo(json.dumps(checked.said, indent=1, ensure_ascii=False))
    return 0


def _write(folder: Path, files: Sequence[tuple[str, bytes]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files:
        (folder / f"{name}.hl7").write_bytes(data)
    typer.echo(f"{len(files)} files of cases in {folder}", err=True)


def _print(verdicts: Sequence[CaseVerdict], *, as_json: bool) -> None:
    from django.utils import translation

    from lienthong.exchange.certification.presenters import case_row

    with translation.override("en"):
        rows = [(one.verdict, case_row(one)) for one in verdicts]
    if as_json:
        said = [
            {"case": row.number, "title": row.title, "verdict": verdict}
            | {"steps": [{"id": one.id, "expected": one.expected, "arrived": one.arrived} for one in row.steps]}
            for verdict, row in rows
        ]
        typer.echo(json.dumps(said, indent=1, ensure_ascii=False))
        return
    table = Table("Case", "What it tests", "Message", "Expected", "Arrived", "Verdict")
    for _verdict, row in rows:
        for one in row.steps:
            table.add_row(row.number, row.title, one.id, one.expected, one.arrived, one.verdict)
    Console().print(table)
    passed = sum(verdict == "passed" for verdict, _row in rows)
    typer.echo(f"{passed} of {len(rows)} cases passed")
