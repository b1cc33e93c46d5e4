"""`lienthong db`: the embedded server and the schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lienthong.cli.start import start
from lienthong.core.embedded import EmbeddedServer, data_folder

app = typer.Typer(no_args_is_help=True, help="The embedded server and the schema.")
Data = Annotated[Path | None, typer.Option(help="Data folder; default: LIENTHONG_DATA, else .data")]


@app.command("start")
def start_server(data: Data = None) -> None:
    """Start the embedded server and print its address without the password."""
    server = start(data=data)
    if server:
        at = server.address()
        typer.echo(f"PostgreSQL at {at['HOST']}:{at['PORT']}, database {at['NAME']}, files in {server.home}")


@app.command("stop")
def stop_server(data: Data = None) -> None:
    """Stop the embedded server; what is committed stays."""
    EmbeddedServer(data.resolve() if data else data_folder()).stop()


@app.command("migrate")
def migrate(data: Data = None) -> None:
    """Bring the schema up to date."""
    start(data=data, migrate=True)
