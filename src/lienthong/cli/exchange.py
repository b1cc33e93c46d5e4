"""`lienthong exchange`: listener and worker as processes of their own, a client, and the inbox in numbers."""

from __future__ import annotations

import json
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lienthong.cli.certify import certify
from lienthong.cli.message_files import read_messages
from lienthong.cli.progress import steps
from lienthong.cli.start import start, start_django

app = typer.Typer(no_args_is_help=True, help="Receive, process and send HL7 v2 messages.")
app.command("certify")(certify)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table")]


@app.command("listen")
def listen(
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 chooses a free one")] = 2575,
    port_file: Annotated[Path | None, typer.Option(help="File that is told the port")] = None,
) -> None:
    """Receive messages over MLLP; each is stored before it is answered."""
    start_django()
    from lienthong.exchange.listener import run_listener

    def ready(chosen: int) -> None:
        if port_file:
            port_file.write_text(str(chosen))
        typer.echo(f"MLLP listener at {host}:{chosen}", err=True)

    run_listener(host, port, on_ready=ready)


@app.command("work")
def work() -> None:
    """Process what the inbox holds, and what happened elsewhere, until stopped."""
    start_django()
    from lienthong.exchange.worker import run_worker

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    run_worker(stop)


@app.command("send")
def send(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders of .hl7 messages")],
    host: Annotated[str, typer.Option(help="Address of the listener")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the listener")] = 2575,
    connections: Annotated[int, typer.Option(help="Connections at once")] = 4,
) -> None:
    """Send messages over MLLP and wait for each answer; exit with 1 where one is refused."""
    start_django()
    from lienthong.exchange.client import send_messages

    messages = [message for _, message in read_messages(paths)]
    with steps() as progress:
        sent = send_messages(
            messages, host, port, connections=connections, on_progress=progress.advance("sending", len(messages))
        )
    for code, count in sorted(sent.by_code.items()):
        typer.echo(f"{code} {count}")
    if not all(answer.is_accepted for answer in sent.answers):
        sys.exit(1)


@app.command("inbox")
def inbox(as_json: AsJson = False) -> None:
    """Count messages by state and reason."""
    start()
    from lienthong.exchange.reads import inbox_counts

    rows = [
        {
            "state": one.state,
            "reason": one.reason,
            "messages": one.messages,
            "results_stored": one.results_stored,
            "results_held": one.results_held,
        }
        for one in inbox_counts()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    table = Table("State", "Reason", "Messages", "Results stored", "Results held")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    Console().print(table)
