"""`lienthong access`: what the engineer of a connected system tries first, and what an administrator does of it."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lienthong.cli.acting import acting
from lienthong.cli.start import start
from lienthong.errors import LienthongError

app = typer.Typer(no_args_is_help=True, help="Let systems in: keys, tokens, registration.")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table")]
ClientId = Annotated[str, typer.Argument(help="client_id of the system")]
Jwks = Annotated[Path, typer.Option(help="File with its public keys (JWKS)", exists=True, dir_okay=False)]


class FileFault(LienthongError):
    """A file can't be written or read as it should be."""

    code = "file"


@app.command("key")
def key(
    private: Annotated[Path, typer.Argument(help="File for the private key; it must not exist")],
    jwks: Annotated[Path | None, typer.Option(help="File for the public half; else it is printed")] = None,
) -> None:
    """Make a key pair: the private half stays here, readable by you only; the public half is handed over."""
    from lienthong.core.signing_keys import new_private_key, public_jwk, read_private_key

    pem = new_private_key()
    try:
        handle = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as fault:
        raise FileFault(f"{private} can't be made: {fault.strerror}; no key is ever written over") from None
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
    document = json.dumps({"keys": [public_jwk(read_private_key(pem))]}, indent=2)
    if jwks is None:
        typer.echo(document)
    else:
        jwks.write_text(document + "\n")


@app.command("token")
def token(
    client_id: ClientId,
    private: Annotated[Path, typer.Option("--key", help="File with the private key (PEM)", exists=True)],
    url: Annotated[str, typer.Option(help="Address of the token endpoint")] = "http://127.0.0.1:8000/auth/token",
    scope: Annotated[list[str] | None, typer.Option(help="Scope to ask for; may be repeated")] = None,
    key_id: Annotated[str, typer.Option("--kid", help="Id of the key; else its thumbprint (RFC 7638)")] = "",
    ca: Annotated[Path | None, typer.Option(help="Authority of the server's certificate (PEM)", exists=True)] = None,
    assertion_only: Annotated[bool, typer.Option(help="Print the signed assertion and ask nobody")] = False,
) -> None:
    """Sign an assertion and ask for a token; the answer is printed as it comes, a refusal exits with 1."""
    from lienthong.cli.token_request import ask_for_token
    from lienthong.core.signing_keys import read_private_key, signed_assertion

    try:
        own = read_private_key(private.read_bytes())
    except ValueError as fault:
        raise FileFault(f"{private}: {fault}") from None
    at = dt.datetime.now(dt.UTC)  # noqa: TID251 — the command line is where the clock is read, and needs no Django
    assertion = signed_assertion(own, client_id=client_id, audience=url, at=at, key_id=key_id)
    if assertion_only:
        typer.echo(assertion)
        return
    if not scope:
        raise typer.BadParameter("name a scope, such as --scope 'system/*.rs'")
    status, answer = ask_for_token(url, assertion, " ".join(scope), ca=ca)
    typer.echo(answer, err=status != 200)
    if status != 200:
        sys.exit(1)


@app.command("register")
def register(
    client_id: ClientId,
    name: Annotated[str, typer.Option(help="What people call it")],
    facility: Annotated[str, typer.Option(help="Code of the facility that it speaks for")],
    jwks: Jwks,
    scope: Annotated[list[str], typer.Option(help="What it may do; may be repeated")],
    source: Annotated[list[str] | None, typer.Option(help="Sender that it may deliver for; may be repeated")] = None,
    contact: Annotated[str, typer.Option(help="Whom to call about it")] = "",
) -> None:
    """Register a system with its public keys."""
    start(needs_tables=True)
    from lienthong.core.access.keys import read_keys
    from lienthong.core.access.registration import SystemEntry
    from lienthong.exchange.connections.actions import register_system

    entry = SystemEntry(
        client_id=client_id,
        name=name,
        facility=facility,
        scopes=tuple(" ".join(scope).split()),
        contact=contact,
        sources=tuple(source or ()),
    )
    keys = read_keys(jwks.read_text("utf-8"))
    register_system(entry, keys=keys, **acting())
    typer.echo(f"{client_id}: registered with {', '.join(one.key_id for one in keys)}")


@app.command("add-key")
def add_key(client_id: ClientId, jwks: Jwks) -> None:
    """Give a system more keys; the old ones hold on until they are ended."""
    start(needs_tables=True)
    from lienthong.core.access.keys import read_keys
    from lienthong.exchange.connections.actions import add_keys

    keys = read_keys(jwks.read_text("utf-8"))
    add_keys(client_id, keys, **acting())
    typer.echo(f"{client_id}: added {', '.join(one.key_id for one in keys)}")


@app.command("end-key")
def end_key(
    client_id: ClientId,
    key_id: Annotated[str, typer.Argument(help="Id of the key (kid)")],
    hours: Annotated[float, typer.Option(min=0, help="It holds for so many hours more; 0 ends it now")] = 0,
) -> None:
    """End a key; where it ends now, the tokens it was signed for end as well."""
    start(needs_tables=True)
    from lienthong.exchange.connections.actions import end_key as end

    doing = acting()
    end(client_id, key_id, ends_at=doing["at"] + dt.timedelta(hours=hours), **doing)
    typer.echo(f"{client_id}: {key_id} ends")


@app.command("suspend")
def suspend(client_id: ClientId, why: Annotated[str, typer.Option(help="Reason, for the history")]) -> None:
    """Let a system in no longer; its tokens end now."""
    start(needs_tables=True)
    from lienthong.exchange.connections.actions import suspend_system

    suspend_system(client_id, why=why, **acting())
    typer.echo(f"{client_id}: suspended")


@app.command("resume")
def resume(client_id: ClientId) -> None:
    """Let a suspended system in again."""
    start(needs_tables=True)
    from lienthong.exchange.connections.actions import resume_system

    resume_system(client_id, **acting())
    typer.echo(f"{client_id}: let in again")


@app.command("list")
def list_systems(as_json: AsJson = False) -> None:
    """List the connected systems; as JSON with their scopes and the ids of their keys."""
    start(needs_tables=True)
    from lienthong.core.access.reads import systems

    rows = [
        {
            "client_id": one.entry.client_id,
            "name": one.entry.name,
            "facility": one.entry.facility,
            "scopes": " ".join(one.entry.scopes),
            "keys": " ".join(held.key_id for held in one.keys),
            "suspended_at": _written(one.suspended_at),
            "last_token_at": _written(one.last_token_at),
            "last_refused_at": _written(one.last_refused_at),
        }
        for one in systems()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    table = Table("client_id", "Facility", "State", "Keys", "Last token", "Last refusal")
    table.columns[0].no_wrap = True
    for row in rows:
        state = "suspended" if row["suspended_at"] else "active"
        times = (row["last_token_at"][:16], row["last_refused_at"][:16])
        table.add_row(row["client_id"], row["facility"], state, str(len(row["keys"].split())), *times)
    Console().print(table)


def _written(at: dt.datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""
