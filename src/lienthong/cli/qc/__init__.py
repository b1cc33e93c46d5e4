"""`lienthong qc`: internal quality control from files, without database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Internal quality control from files, without database.")

EVALUATE_HELP = """Judge the control results of a table (.csv, .parquet, .xlsx) by control rules.

    The table has a column value, and mean and sd (of the target) unless --target is given. Optional are series (or
    laboratory, instrument, analyte), run, level, lot, segment, excluded and measured_at. Results stand in time order
    within a series; with measured_at they are put in it. Exit codes: 0 done, 1 faulty input, 2 wrong command line.
    """
File = Annotated[Path, typer.Argument(help="Table of control results: .csv, .parquet or .xlsx")]
Rules = Annotated[str | None, typer.Option(help="Control rules, with commas: 1_2s,1_3s,2_2s; default: multirule")]
Inclusive = Annotated[bool, typer.Option("--inclusive", help="Count a result exactly on a limit as beyond it")]
Mapped = Annotated[list[str] | None, typer.Option("--column", help="value=Ergebnis: the file's heading of a column")]
Series = Annotated[list[str] | None, typer.Option("--series", help="Column that makes a series, one option for each")]
Aim = Annotated[str | None, typer.Option("--target", help="first:N or cumulative:N, where the file has no mean and sd")]
Output = Annotated[Path | None, typer.Option(help="File of verdicts; default: FILE-verdicts, same extension")]
SummaryFile = Annotated[Path | None, typer.Option(help="File of the summary by series and level")]
Every = Annotated[bool, typer.Option("--all", help="Write every result with its verdict, not only violations")]
Members = Annotated[bool, typer.Option(help="Write the rows that take part in each violation")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the whole summary as JSON")]


@app.command("evaluate", help=EVALUATE_HELP)
def evaluate(
    file: File,
    rules: Rules = None,
    inclusive: Inclusive = False,
    column: Mapped = None,
    series: Series = None,
    target: Aim = None,
    output: Output = None,
    summary: SummaryFile = None,
    every: Every = False,
    members: Members = True,
    as_json: AsJson = False,
) -> None:
    """Judge a file of control results and say what was found."""
    from lienthong.cli.qc import warming

    loading = warming.warm()
    from lienthong.cli.qc import evaluating

    evaluating.evaluate_file(
        evaluating.Request(
            file=file,
            rules=rules,
            inclusive=inclusive,
            mapping=evaluating.mapping_of(column or []),
            series=tuple(series or ()),
            target=evaluating.target_of(target),
            output=output or evaluating.output_for(file),
            summary=summary,
            every=every,
            members=members,
        ),
        as_json=as_json,
        loading=loading,
    )
