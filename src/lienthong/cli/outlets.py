"""`lienthong exchange outlet`: what goes out to whom, and what of it could not be delivered."""

from __future__ import annotations

import datetime as dt
import json
import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from lienthong.cli.acting import acting
from lienthong.cli.start import start

if TYPE_CHECKING:
    from lienthong.exchange.outbound.hl7v2.settings import Hl7Settings

app = typer.Typer(no_args_is_help=True, help="Outlets: to whom reports go out, and dead letters.")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table")]
Code = Annotated[str, typer.Argument(help="Code of the outlet")]
Why = Annotated[str, typer.Option(help="Reason, for the audit log")]
ControlId = Annotated[str, typer.Argument(help="Control id (MSH-10) of the dead letter, such as LT1A2B")]


@app.command("list")
def list_outlets(as_json: AsJson = False) -> None:
    """Show the outlets, what waits for each, and its dead letters."""
    start(needs_tables=True)
    from lienthong.exchange.outbound.reads import outlets

    rows = [asdict(one) for one in outlets()]
    for row in rows:
        row["settings"] = row["settings"] if row["channel"] == "hl7v2" else {}  # others may hold a secret
    if as_json:
        typer.echo(json.dumps(rows, indent=1, default=_plain))
        return
    for row in rows:  # lines, no table: the code of a subscription alone fills most of a terminal's width
        typer.echo(row["code"])
        typer.echo(
            f"  {row['channel']}, {row['state']}: {row['waiting']} waiting{_told(' since', row['oldest_at'])}, "
            f"{row['dead']} dead{_told('; last delivered', row['last_delivered_at'])}"
            f"{_told('; last fault', row['last_error_code'])}"
        )


@app.command("dead")
def dead(code: Code, as_json: AsJson = False) -> None:
    """List the dead letters of an outlet, oldest first; exit with 1 where there are any."""
    start(needs_tables=True)
    from lienthong.errors import NotFound
    from lienthong.exchange.outbound.labels import label_of
    from lienthong.exchange.outbound.reads import dead_letters, outlet

    found = outlet(code)
    if found is None:
        raise NotFound("there is no such outlet")
    rows = [asdict(one) | {"control_id": label_of(one.id)} for one in dead_letters(found.id)]
    if as_json:
        typer.echo(json.dumps(rows, indent=1, default=_plain))
    else:
        control_id = Column("Control id", no_wrap=True, overflow="fold")  # `close` asks for the whole of it
        table = Table(control_id, "What", "Version", "Attempts", "Last attempt", "Fault", "What was found")
        for row in rows:
            names = ("version", "attempts", "last_attempt_at", "last_error_code", "last_error")
            table.add_row(row["control_id"], f"{row['kind']}/{row['subject']}", *(_shown(row[name]) for name in names))
        Console().print(table)
    sys.exit(1 if rows else 0)


@app.command("register")
def register(
    code: Code,
    name: Annotated[str, typer.Option(help="Name for people")],
    facility: Annotated[str, typer.Option(help="Code of the facility to which the reports go")],
    host: Annotated[str, typer.Option(help="Where the receiver listens; by TLS the name in its certificate")],
    port: Annotated[int, typer.Option(help="Its port")] = 2575,
    tls: Annotated[bool, typer.Option("--tls/--no-tls", help="Connect by TLS")] = True,
    setting: Annotated[
        list[str] | None, typer.Option(help="Another setting as NAME=VALUE, such as reports=reach; may be repeated")
    ] = None,
) -> None:
    """Register a receiver of HL7 v2; what changes from now on goes to it."""
    start(needs_tables=True)
    from lienthong.errors import BadInput
    from lienthong.exchange.outbound.actions import OutletEntry, register_outlet
    from lienthong.exchange.outbound.hl7v2.settings import Hl7Settings, faults

    settings = _with(Hl7Settings(host=host, port=port, tls=tls), setting or [])
    if found := faults(settings):
        raise BadInput(found)
    entry = OutletEntry(code=code, name=name, channel="hl7v2", facility=facility, settings=settings.plain())
    register_outlet(entry, **acting())
    typer.echo(f"{code}: registered")


@app.command("pause")
def pause(code: Code, why: Why) -> None:
    """Send nothing to an outlet until it is resumed."""
    start(needs_tables=True)
    from lienthong.exchange.outbound.actions import pause_outlet

    pause_outlet(code, why=why, **acting())
    typer.echo(f"{code}: paused")


@app.command("resume")
def resume(code: Code) -> None:
    """Send again, from where it stopped."""
    start(needs_tables=True)
    from lienthong.exchange.outbound.actions import resume_outlet

    resume_outlet(code, **acting())
    typer.echo(f"{code}: sends again")


@app.command("end")
def end(code: Code, why: Why) -> None:
    """End an outlet for good; what waits is closed."""
    start(needs_tables=True)
    from lienthong.exchange.outbound.actions import end_outlet

    end_outlet(code, why=why, **acting())
    typer.echo(f"{code}: ended")


@app.command("resend")
def resend(code: Code) -> None:
    """Send all dead letters of an outlet again, in order."""
    start(needs_tables=True)
    from lienthong.exchange.outbound.actions import resend_dead_letters

    typer.echo(f"{code}: {resend_dead_letters(code, **acting())} sent again")


@app.command("close")
def close(control_id: ControlId, why: Why) -> None:
    """Let one dead letter rest."""
    start(needs_tables=True)
    from lienthong.exchange.outbound.actions import close_dispatch

    close_dispatch(_dispatch_id(control_id), why=why, **acting())
    typer.echo(f"{control_id}: closed")


def send_once() -> None:
    """Send what is due now; exit with 1 where something of it could not be delivered."""
    from django.utils import timezone

    from lienthong.exchange.outbound.reads import outlets
    from lienthong.exchange.outbound.registry import CHANNELS
    from lienthong.exchange.outbound.sending import due_outlets, work_outlet

    while any([work_outlet(one, channels=CHANNELS, clock=timezone.now) for one in due_outlets(timezone.now())]):
        pass
    left = [one for one in outlets() if one.waiting or one.dead]
    for one in left:
        typer.echo(f"{one.code}: {one.waiting} waiting, {one.dead} dead; {one.last_error_code}", err=True)
    sys.exit(1 if left else 0)


def _with(settings: Hl7Settings, given: list[str]) -> Hl7Settings:
    """Return settings with those that were given as NAME=VALUE."""
    known: dict[str, Any] = settings.plain()
    changes: dict[str, Any] = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or name not in known or isinstance(known[name], bool):
            names = ", ".join(sorted(key for key, usual in known.items() if not isinstance(usual, bool)))
            raise typer.BadParameter(f"--setting must be NAME=VALUE with a name of {names}")
        is_number = isinstance(known[name], int)
        if is_number and not value.isdecimal():
            raise typer.BadParameter(f"--setting {name} must be a whole number")
        changes[name] = int(value) if is_number else value
    return replace(settings, **changes)


def _dispatch_id(control_id: str) -> int:
    from lienthong.exchange.outbound.labels import dispatch_of

    try:
        return dispatch_of(control_id)
    except ValueError:
        raise typer.BadParameter("a control id is LT and hexadecimal digits") from None


def _shown(value: object) -> str:
    """Return a value as it is printed; an instant in the time zone of the terminal, with its offset."""
    if isinstance(value, dt.datetime):
        return f"{value.astimezone():%Y-%m-%d %H:%M%z}"
    return "" if value is None else str(value)


def _told(words: str, value: object) -> str:
    """Return words and a value; nothing where there is none."""
    return f"{words} {_shown(value)}" if value else ""


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.datetime) else str(value)
