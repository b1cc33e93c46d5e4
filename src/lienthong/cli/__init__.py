"""The `lienthong` command. Each command parses, calls one action or one pure function, and prints.

Exit codes: 0 done; 1 the input or the state has faults, listed on standard error; 2 the command line is wrong.
"""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from lienthong.cli import database, demonstration, exchange, serving
from lienthong.errors import LienthongError

__all__ = ["app", "main"]

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.add_typer(database.app, name="db")
app.add_typer(exchange.app, name="exchange")
app.command("serve")(serving.serve)
app.command("demo")(demonstration.demo)


def main() -> None:
    """Run a command; what a person can mend is said without a traceback."""
    try:
        app()
    except LienthongError as error:
        Console(stderr=True, highlight=False).print(f"[bold]{error.code}[/bold]: {error}", markup=True)
        sys.exit(1)
