"""The `lienthong` command. Each command parses, calls one action or one pure function, and prints.

Exit codes: 0 done; 1 the input or the state has faults, listed on standard error; 2 the command line is wrong.
"""

from __future__ import annotations

import sys

import typer

from lienthong.cli.lazy import LazyGroup
from lienthong.errors import LienthongError

__all__ = ["app", "main"]

app = typer.Typer(
    cls=LazyGroup, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
)


@app.callback()
def group() -> None:
    """Commands are found by `LazyGroup`."""


def main() -> None:
    """Run a command; what a person can mend is said without a traceback."""
    try:
        app()
    except LienthongError as error:
        typer.echo(f"{error.code}: {error}", err=True)
        sys.exit(1)
