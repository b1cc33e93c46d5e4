"""`lienthong log witnesses`: the parties to whom this platform hands its checkpoints."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lienthong.cli.acting import acting
from lienthong.cli.start import start

app = typer.Typer(no_args_is_help=True, help="Witnesses to whom the log's checkpoints are handed.")


@app.command("list")
def list_witnesses(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table")] = False,
) -> None:
    """Show what each witness cosigned last, and its last fault; exit with 1 where one has a fault."""
    start(needs_tables=True)
    from lienthong.core.log.witnesses import witnesses

    found = witnesses()
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], indent=1, default=str, ensure_ascii=False))
    else:
        table = Table("No.", "Witness", "Address", "Leaves", "Cosigned", "Fault", "What was found")
        for one in found:
            at = f"{one.cosigned_at:%Y-%m-%d %H:%M}" if one.cosigned_at else ""
            table.add_row(str(one.id), one.name, one.url, str(one.size or ""), at, one.error_code, one.error)
        Console().print(table)
    sys.exit(1 if any(one.error_code for one in found) else 0)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Who it is, for people")],
    url: Annotated[str, typer.Argument(help="What stands before /add-checkpoint")],
    key: Annotated[str, typer.Argument(help="Its key, name+id+base64, as `log witness` prints it")],
) -> None:
    """Add a witness; it is handed the next checkpoint."""
    start(needs_tables=True)
    from lienthong.exchange.witnesses.actions import add_witness
    from lienthong.exchange.witnesses.entry import WitnessEntry

    number = add_witness(WitnessEntry(name=name, url=url, key=key), **acting())
    typer.echo(f"{name}: added, number {number}")


@app.command("remove")
def remove(
    number: Annotated[int, typer.Argument(help="Number of the witness in `list`")],
    why: Annotated[str, typer.Option(help="Reason, for the audit log")],
) -> None:
    """Hand nothing more to a witness, and serve its cosignatures no more."""
    start(needs_tables=True)
    from lienthong.exchange.witnesses.actions import remove_witness

    remove_witness(number, why=why, **acting())
    typer.echo(f"{number}: removed")
