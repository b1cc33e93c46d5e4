"""`lienthong exchange`: listener and worker as processes of their own, a client, and the inbox in numbers."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lienthong.cli.acting import acting
from lienthong.cli.certify import certify
from lienthong.cli.conversion import convert
from lienthong.cli.dicom import dicom
from lienthong.cli.message_files import read_messages
from lienthong.cli.outlets import app as outlets
from lienthong.cli.progress import steps
from lienthong.cli.start import start, start_django
from lienthong.core.collector import rest_the_collector

app = typer.Typer(no_args_is_help=True, help="Receive, process and send messages: HL7 v2, and ASTM of analysers.")
app.command("convert")(convert)
TLS_CERT = "Certificate of the listener (PEM); opens the TLS port"
CLIENT_CA = "Authority whose client certificates get in (PEM); without it TLS asks for none"
IDLE = "Close a connection that is silent for so long"
STRANGERS = "How much is kept of unknown senders in an hour, in MB; what is more is refused and not kept"
ASTM_STRANGERS = "How much is kept of unknown analysers in an hour, in MB; what is more is refused and not kept"
GIVE_UP = "Pause an outlet that is not reached for so long"
PROCESSES = "Listener processes that share the ports"
app.command("certify")(certify)
app.command("dicom")(dicom)
app.add_typer(outlets, name="outlet")
MOST_ERRORS = 20
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table")]


@app.command("listen")
def listen(
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 chooses a free one")] = 2575,
    port_file: Annotated[
        Path | None, typer.Option(help="File that is told the port (with TLS: both, in lines)")
    ] = None,
    tls_cert: Annotated[Path | None, typer.Option(envvar="LIENTHONG_MLLP_TLS_CERT", help=TLS_CERT)] = None,
    tls_key: Annotated[Path | None, typer.Option(envvar="LIENTHONG_MLLP_TLS_KEY", help="Its private key (PEM)")] = None,
    client_ca: Annotated[Path | None, typer.Option(envvar="LIENTHONG_MLLP_CLIENT_CA", help=CLIENT_CA)] = None,
    tls_port: Annotated[int, typer.Option(envvar="LIENTHONG_MLLP_TLS_PORT", help="Port of TLS")] = 2576,
    tls_only: Annotated[bool, typer.Option(envvar="LIENTHONG_MLLP_TLS_ONLY", help="Open no port without TLS")] = False,
    idle_seconds: Annotated[float, typer.Option(envvar="LIENTHONG_MLLP_IDLE_SECONDS", help=IDLE)] = 3600.0,
    stranger_mb: Annotated[float, typer.Option(envvar="LIENTHONG_MLLP_STRANGER_MB", min=0, help=STRANGERS)] = 64.0,
    processes: Annotated[int, typer.Option(envvar="LIENTHONG_MLLP_PROCESSES", min=1, help=PROCESSES)] = 1,
    one_commit_a_message: Annotated[bool, typer.Option(hidden=True)] = False,
    shared: Annotated[bool, typer.Option(hidden=True)] = False,
    astm_port: Annotated[list[int] | None, typer.Option(help="Port for analysers (ASTM); may be repeated")] = None,
    astm_stranger_mb: Annotated[
        float, typer.Option(envvar="LIENTHONG_ASTM_STRANGER_MB", min=0, help=ASTM_STRANGERS)
    ] = 64.0,
) -> None:
    """Receive messages over MLLP, and from analysers over ASTM; each is stored before it is answered."""
    from lienthong.cli.listening import astm_listener, listen_at, listen_in_processes

    files = (tls_cert, tls_key, client_ca)
    ports = (None if tls_only else port, tls_port if tls_cert else None)
    if tls_only and not tls_cert:
        raise typer.BadParameter("--tls-only needs --tls-cert and --tls-key")
    stop = threading.Event()
    if processes > 1:
        if astm_port:
            start_django()
        with astm_listener(host, astm_port or [], stop, stranger_mb=astm_stranger_mb):
            listen_in_processes(processes, host, ports, stop=stop, port_file=port_file)
        return
    start_django()
    most = 1 if one_commit_a_message else None
    with astm_listener(host, astm_port or [], stop, stranger_mb=astm_stranger_mb):
        listen_at(
            *(host, ports, files),
            stop=stop,
            port_file=port_file,
            is_shared=shared,
            idle_seconds=idle_seconds,
            stranger_mb=stranger_mb,
            largest_batch=most,
        )


@app.command("work")
def work() -> None:
    """Process what the inbox holds, and what happened elsewhere, until stopped."""
    start_django()
    from lienthong.exchange.processing.worker import run_worker

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    rest_the_collector()
    run_worker(stop)


@app.command("outbound")
def outbound(
    threads: Annotated[
        int, typer.Option(envvar="LIENTHONG_OUTBOUND_THREADS", min=1, help="Outlets that are worked at together")
    ] = 8,
    give_up_hours: Annotated[
        float, typer.Option(envvar="LIENTHONG_OUTBOUND_GIVE_UP_HOURS", min=1, help=GIVE_UP)
    ] = 72.0,
    once: Annotated[bool, typer.Option("--once", help="Send what is due now, then stop")] = False,
) -> None:
    """Send reports to outlets (HL7 v2, FHIR Subscriptions) until stopped; any number of senders may run."""
    start_django()
    from lienthong.cli.outlets import send_once
    from lienthong.exchange.outbound.running import Conduct, run_sender

    if once:
        send_once()
        return
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    rest_the_collector()
    run_sender(stop, conduct=Conduct(threads=threads, give_up_after=dt.timedelta(hours=give_up_hours)))


@app.command("export")
def export() -> None:
    """Make the exports that wait, then stop; workers do so by themselves."""
    start_django()
    from django.utils import timezone

    from lienthong.exchange.bulk.queue import work_exports

    os.nice(10)  # messages come first
    for one in work_exports(timezone.now):
        typer.echo(f"{one.key} of {one.client_id}: {one.state} {one.reason}".rstrip() + f", {one.written} resources")


@app.command("watch")
def watch(
    folder: Annotated[Path, typer.Argument(help="Folder into which files are put")],
    source: Annotated[str, typer.Option(help="Code of the sender whose files they are")],
    once: Annotated[bool, typer.Option("--once", help="Take what is there now, then stop")] = False,
    settle_seconds: Annotated[float, typer.Option(help="Take a file when it has not changed for so long")] = 2.0,
) -> None:
    """Take files from a folder; they go to its `done`, or with the reasons to its `refused`."""
    start_django()
    from lienthong.cli.watching import watch_folder

    watch_folder(folder, source, once=once, settle_seconds=settle_seconds)


@app.command("send")
def send(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders of .hl7 messages")],
    host: Annotated[
        str, typer.Option(help="Address of the listener; with TLS its name in its certificate")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the listener")] = 2575,
    connections: Annotated[int, typer.Option(help="Connections at once")] = 4,
    tls: Annotated[bool, typer.Option(help="Connect by TLS")] = False,
    tls_ca: Annotated[Path | None, typer.Option(help="Authority of the listener's certificate (PEM)")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate of this sender (PEM)")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key (PEM)")] = None,
) -> None:
    """Send messages over MLLP and wait for each answer; exit with 1 where one is refused."""
    start_django()
    from lienthong.exchange.listening.certificates import TlsFiles, client_context
    from lienthong.exchange.listening.client import send_messages

    messages = [message for _, message in read_messages(paths)]
    context = client_context(TlsFiles(tls_cert, tls_key, tls_ca)) if tls else None
    with steps() as progress:
        forward = progress.advance("sending", len(messages))
        sent = send_messages(messages, host, port, connections=connections, on_progress=forward, tls=context)
    for code, count in sorted(sent.by_code.items()):
        typer.echo(f"{code or 'no answer asked for'} {count}")
    refused = [answer for answer in sent.answers if answer.code and not answer.is_accepted]
    for words, count in Counter(error for answer in refused for error in answer.errors).most_common(MOST_ERRORS):
        typer.echo(f"  {count} × {words}", err=True)
    if refused:
        sys.exit(1)


@app.command("require-certificate")
def require_certificate(
    source: Annotated[str, typer.Argument(help="Code of the source")],
    name: Annotated[
        str, typer.Argument(help="Common name or alternative name of its certificate; empty: none demanded")
    ],
) -> None:
    """Take a source's messages only by TLS from a client whose certificate has this name."""
    start(needs_tables=True)
    from lienthong.exchange.actions import require_certificate as require

    require(source, name, **acting())
    typer.echo(f"{source}: {name or 'no certificate demanded'}")


@app.command("inbox")
def inbox(as_json: AsJson = False) -> None:
    """Count messages by state and reason."""
    start(needs_tables=True)
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
