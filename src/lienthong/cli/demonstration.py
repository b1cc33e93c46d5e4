"""`lienthong demo`: builds the demonstration province, replays its input, prints what happened, and serves it."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lienthong.cli.progress import steps
from lienthong.cli.serving import run_until_stopped
from lienthong.cli.start import bring_up_to_date, start_django
from lienthong.core.embedded import DATABASE, EmbeddedServer, data_folder, free_port
from lienthong.errors import Conflict

KEY = "his-30007.pem"
SHARED_MESSAGES = Path("..") / "shared" / "data" / "hl7v2"


def demo(
    check: Annotated[bool, typer.Option("--check", help="Compare with what the input implies, then stop")] = False,
    messages: Annotated[Path | None, typer.Option(help="Folder of further .hl7 messages to replay")] = None,
    inputs: Annotated[Path | None, typer.Option(help="Replay this input folder instead of generating one")] = None,
    port: Annotated[int, typer.Option(help="Port of the web application")] = 8000,
    mllp_port: Annotated[int, typer.Option(help="Port of the MLLP listener")] = 2575,
) -> None:
    """Build the demonstration province in a database of its own, replay thirty days, and serve it."""
    folder = data_folder() / ("demo-check" if check else "demo")
    console = Console()
    if not check:
        _check_free(port, mllp_port)
    with _alone(folder), _database(folder, console):
        faults = _replay(folder, console, inputs=inputs, more=_further(messages))
        if check:
            faults += _visit(console)
            _report(faults, console)
            sys.exit(1 if faults else 0)
        _welcome(console, port=port, mllp_port=mllp_port)
        _curl(console, folder, port=port)
        run_until_stopped(host="127.0.0.1", port=port, mllp_port=mllp_port)


def _replay(folder: Path, console: Console, *, inputs: Path | None, more: list[Path]) -> list[str]:
    """Replay into the empty database, print the table, and return what differs from what the input implies."""
    from django.utils import timezone

    from lienthong.cli.demo.check import differences
    from lienthong.cli.demo.inputs import Inputs, write_inputs
    from lienthong.cli.demo.intake import listening, wait_until_processed
    from lienthong.cli.demo.numbers import read_numbers
    from lienthong.cli.demo.open.replay import OpenReplay
    from lienthong.cli.demo.open.replay import differences as open_differences
    from lienthong.cli.demo.replay import Replay
    from lienthong.cli.demo.table import show, show_further, show_open

    anchor = timezone.now().replace(second=0, microsecond=0)
    given = Inputs(inputs) if inputs else write_inputs(folder / "input", anchor=anchor)
    console.print(f"Input: {given.folder} (generated; every person and result in it is invented)")
    with steps(console) as progress:
        replay = Replay(given, progress)
        replay.history()  # before the worker starts: it would judge the rights as of now while the past is replayed
        with listening(folder) as port:
            replay.messages(port=port)
            wait_until_processed(progress)
            numbers = read_numbers(given, at=given.anchor)
            opened = OpenReplay(given, progress, folder / KEY).run()
            if more:
                replay.further_messages(more, port=port)
                wait_until_processed(progress)
    show(numbers, console)
    show_open(opened, console)
    if more:
        show_further(numbers, console)
    return differences(numbers, given.manifest()) + open_differences(opened, given.manifest().get("open", {}))


def _visit(console: Console) -> list[str]:
    """Serve the application and open a few pages; return what was not as expected."""
    from lienthong.cli.demo.visit import visit

    port = free_port()
    console.print(f"Opening pages at http://127.0.0.1:{port}/")
    return visit(port)


def _report(faults: list[str], console: Console) -> None:
    for fault in faults:
        console.print(f"[bold]differs[/bold] {fault}", highlight=False)
    console.print("Every number is what the input implies." if not faults else f"{len(faults)} numbers differ.")


def _welcome(console: Console, *, port: int, mllp_port: int) -> None:
    from lienthong.cli.demo.accounts import ACCOUNTS, PASSWORD

    console.print(f"\nThe province is served at [bold]http://127.0.0.1:{port}/[/bold], MLLP at port {mllp_port}.")
    console.print(f"Sign in with the password [bold]{PASSWORD}[/bold] as:")
    for account in ACCOUNTS:
        place = account.laboratory or account.facility or account.region
        console.print(f"  {account.username:<18} {account.role} ({place})", highlight=False)
    console.print("Stop with Ctrl-C.")


def _curl(console: Console, folder: Path, *, port: int) -> None:
    """Print how a newcomer reads by FHIR what the hospital's system wrote, with the key that the demonstration made."""
    from lienthong.cli.demo.open.places import CLIENT, FHIR
    from lienthong.cli.demo.open.replay import national_number

    bundle, base = folder / "input" / "open" / FHIR.file, f"http://127.0.0.1:{port}"
    if not bundle.exists() or not (folder / KEY).exists():
        return
    number = national_number(json.loads(bundle.read_text()))
    ask = f"{Path(sys.argv[0]).resolve()} access token {CLIENT} --key {folder / KEY} --url {base}/auth/token"
    console.print("\nRead by FHIR as the system of a hospital (in another terminal; docs/fhir.md):")
    for line in (
        f"TOKEN=$({ask} --scope 'system/*.rs' \\",
        """  | sed 's/.*"access_token": *"\\([^"]*\\)".*/\\1/')""",
        f"""curl -H "Authorization: Bearer $TOKEN" '{base}/fhir/Observation?patient.identifier={number}'""",
    ):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _further(messages: Path | None) -> list[Path]:
    """Return the folders of further messages: the one that was named, and the shared one where it exists."""
    return [path for path in (messages, SHARED_MESSAGES) if path is not None and (path.exists() or path is messages)]


@contextmanager
def _database(folder: Path, console: Console) -> Iterator[None]:
    """Start the demonstration's own server with an empty database; stop it at the end."""
    os.environ.pop("DATABASE_URL", None)  # the demonstration never writes to a database that is not its own
    os.environ.update(LIENTHONG_DATA=str(folder), LIENTHONG_DEMO="1")
    server = EmbeddedServer(folder)
    console.print(f"Starting PostgreSQL in {server.home}")
    server.start()
    try:
        server.drop_database(DATABASE)
        server.create_database(DATABASE)
        (folder / "log-head").unlink(missing_ok=True)  # of the database that was dropped
        start_django()
        bring_up_to_date()
        yield
    finally:
        server.stop()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let only one demonstration at a time build in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "running").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(f"a demonstration is running in {folder}; stop it first") from None
        yield


def _check_free(*ports: int) -> None:
    for port in ports:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                raise Conflict(f"port {port} is taken; stop what listens there, or choose --port and --mllp-port")
