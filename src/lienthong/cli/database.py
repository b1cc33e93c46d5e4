"""`lienthong db`: the embedded server and the schema."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from lienthong.cli.start import start
from lienthong.core.embedded import EmbeddedServer, data_folder
from lienthong.errors import LienthongError

app = typer.Typer(no_args_is_help=True, help="The embedded server and the schema.")


class FilesMissing(LienthongError):
    """Rows of the database name files that are not there, or whose bytes have changed."""

    code = "files-missing"


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


@app.command("backup")
def backup(
    target: Annotated[Path, typer.Argument(help="Folder of backups; each gets a folder named by its instant")],
    data: Data = None,
) -> None:
    """Back up database, keys and image files while everything runs; print the folder of the backup."""
    from django.utils import timezone

    from lienthong.core.backup import make_backup

    server = start(data=data) or EmbeddedServer(data_folder())
    made = make_backup(target.resolve(), server, url=os.environ.get("DATABASE_URL"), files=_images(), at=timezone.now())
    typer.echo(f"{made.folder}: {made.files_new} files copied, {made.files_before} were there")
    if made.damaged:
        raise FilesMissing(f"{len(made.damaged)} files are damaged and not in the backup: {', '.join(made.damaged)}")


@app.command("restore")
def restore(
    backup: Annotated[Path, typer.Argument(help="Folder of one backup", exists=True, file_okay=False)],
    data: Annotated[Path, typer.Option(help="Data folder to restore into; it has no database yet")],
) -> None:
    """Restore a backup of the embedded server into a data folder, start it, and check that no file is missing."""
    from lienthong.core.backup import restore_backup

    os.environ["LIENTHONG_DATA"] = str(data.resolve())
    if os.environ.pop("DATABASE_URL", None):
        typer.echo("DATABASE_URL is not looked at: the backup goes into the data folder.", err=True)
    restore_backup(backup.resolve(), EmbeddedServer(data.resolve()), files=_images())
    start()
    _check_files()
    typer.echo(f"restored into {data.resolve()}; the server runs")


def _images() -> Path:
    from lienthong.exchange.imaging.files import ImageFiles

    return ImageFiles.of_installation().folder.resolve()


def _check_files() -> None:
    from lienthong.exchange.imaging.files import ImageFiles
    from lienthong.exchange.imaging.reads import missing_files

    if missing := missing_files(ImageFiles.of_installation()):
        raise FilesMissing(f"{missing} images name a file that is not in the backup")
