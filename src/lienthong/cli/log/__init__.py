"""`lienthong log`: the head of the verifiable log, the log as a file, and checking both.

`log verify FILE` and `log witness` need no database and start no Django.
"""

from __future__ import annotations

import typer

from lienthong.cli.log.exporting import export
from lienthong.cli.log.newest import head
from lienthong.cli.log.verifying import verify
from lienthong.cli.log.witness import witness
from lienthong.cli.log.witnesses import app as witnesses

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True, help="The verifiable log of reports: its head, as a file, checking it, and witnesses."
)
app.command("head")(head)
app.command("export")(export)
app.command("verify")(verify)
app.command("witness")(witness)
app.add_typer(witnesses, name="witnesses")
