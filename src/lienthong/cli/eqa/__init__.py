"""`lienthong eqa`: external quality assessment from files, without database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="External quality assessment from files, without database.")

SCORE_HELP = """Score the results of a round (.csv, .parquet, .xlsx; one row a result) by ISO 13528.

    Columns: participant, analyte, value; optional are round, sample, peer group (method), unit, u (standard
    uncertainty), expanded uncertainty and k, and what the organiser fixed: x_pt, u_x_pt, sigma_pt, delta_e. Headings
    may be English, Vietnamese or Chinese. A value such as <0.5 is kept and not evaluated. Exit codes: 0 done, 1 faulty
    input (nothing is written), 2 wrong command line.
    """
File = Annotated[Path, typer.Argument(help="Table of results: .csv, .parquet or .xlsx")]
Mapped = Annotated[list[str] | None, typer.Option("--column", help="value=Ergebnis: the file's heading of a column")]
Assigned = Annotated[
    str | None,
    typer.Option(
        help="algorithm-a, q-hampel, median or fixed (column x_pt); default: fixed where x_pt is, else algorithm-a"
    ),
]
SigmaPt = Annotated[
    str | None,
    typer.Option(
        help="fixed (column sigma_pt), limit (δ_E/divisor), s-star, or a percentage of x_pt such as 5%; default: what "
        "the file or --limit gives, in this order"
    ),
]
Limit = Annotated[str | None, typer.Option(help="Allowable limit where the file has no delta_e: 10% of x_pt, or 0.3")]
Divisor = Annotated[float, typer.Option(help="How many σ_pt the allowable limit is")]
Minimum = Annotated[
    int,
    typer.Option(
        help="Results a peer group needs for a consensus of its own (12: what Algorithm A is meant for)", min=3
    ),
]
Output = Annotated[Path | None, typer.Option(help="File of scores: .xlsx (two sheets), .csv or .parquet (two files)")]
ReportFile = Annotated[Path | None, typer.Option("--report", help="Report with charts: .html or .pdf")]
ForParticipant = Annotated[
    str | None, typer.Option("--participant", help="Report and scores of one participant; others appear without codes")
]
Analytes = Annotated[list[str] | None, typer.Option("--analyte", help="Report on these analytes, one option for each")]
Charts = Annotated[int, typer.Option(help="For how many samples of analytes the report has charts", min=0)]
In = Annotated[str, typer.Option("--language", help="en, vi or zh: language of report, headings and summary")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON")]


@app.command("score", help=SCORE_HELP)
def score(
    file: File,
    column: Mapped = None,
    assigned: Assigned = None,
    sigma_pt: SigmaPt = None,
    limit: Limit = None,
    divisor: Divisor = 3.0,
    minimum: Minimum = 12,
    output: Output = None,
    report: ReportFile = None,
    participant: ForParticipant = None,
    analyte: Analytes = None,
    charts: Charts = 24,
    language: In = "en",
    as_json: AsJson = False,
) -> None:
    """Score a round and say what was found."""
    from lienthong.cli.eqa import requesting, running

    request = requesting.Request(
        file=file,
        mapping=requesting.mapping_of(column or []),
        assigned=requesting.assigned_of(assigned),
        sigma_pt=requesting.sigma_of(sigma_pt),
        limit=requesting.limit_of(limit),
        divisor=requesting.divisor_of(divisor),
        minimum=minimum,
        output=requesting.output_of(output, file),
        report=requesting.report_of(report, file),
        participant=participant,
        analytes=tuple(analyte or ()),
        charts=charts,
        language=requesting.language_of(language),
    )
    running.score_file(request, as_json=as_json)
