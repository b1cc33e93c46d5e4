"""`lienthong log verify`: a file by itself, or the database."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from lienthong.cli.progress import steps
from lienthong.core.log.checkpoints import NoCheckpoint, VerifierKey
from lienthong.core.log.files import count_lines, key_of, verify_file
from lienthong.core.log.verification import LISTED, Verified, heads_of
from lienthong.errors import LienthongError

SHOWN = 20


class BadKey(LienthongError):
    """Raised for a key or a kept head that can't be used."""

    code = "bad-key"


def verify(
    path: Annotated[
        Path | None, typer.Argument(help="File of `log export`; without it the database is checked")
    ] = None,
    key: Annotated[str, typer.Option(help="Key of the log, name+id+base64, as known from elsewhere")] = "",
    head: Annotated[list[Path] | None, typer.Option(help="Checkpoint that was kept elsewhere; may be repeated")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of lines")] = False,
) -> None:
    """Check every leaf, statement and checkpoint; exit with 1 where one is wrong, and name the first."""
    found, used = _file(path, key, head or []) if path else _database(key, head or [])
    if as_json:
        typer.echo(json.dumps(_plain(found, used), indent=1, ensure_ascii=False))
    else:
        _say(found, used, is_own_key=not key)
    if found.wrong:
        sys.exit(1)


def _file(path: Path, key: str, heads: list[Path]) -> tuple[Verified, VerifierKey]:
    try:
        used = VerifierKey.parse(key) if key else key_of(path)
        kept = heads_of((one.read_text("utf-8") for one in heads), used)
        lines = count_lines(path)
        with steps() as progress:
            forward = progress.advance(f"checking {path.name}", lines)
            found = verify_file(path, used, heads=kept, on_progress=forward)
    except NoCheckpoint as error:
        raise BadKey(str(error)) from error
    except OSError as error:
        raise LienthongError(f"{path}: {error.strerror or error}") from error
    return found, used


def _database(key: str, heads: list[Path]) -> tuple[Verified, VerifierKey]:
    from lienthong.cli.start import start

    start(needs_tables=True)
    from lienthong.core.log.identity import log_key
    from lienthong.core.log.own_head import own_head
    from lienthong.core.log.storage import size_of_log
    from lienthong.results.log_reads import check_log

    try:
        used = VerifierKey.parse(key) if key else log_key()
        own = [own_head()] if own_head().exists() else []
        kept = heads_of((one.read_text("utf-8") for one in [*heads, *own]), used)
    except NoCheckpoint as error:
        raise BadKey(str(error)) from error
    with steps() as progress:
        forward = progress.advance("checking the database", size_of_log())
        return check_log(used, heads=kept, on_progress=forward), used


def _say(found: Verified, key: VerifierKey, *, is_own_key: bool) -> None:
    typer.echo(f"log {key.name}")
    typer.echo(f"checked: leaves {found.leaves}, statements {found.statements}, checkpoints {found.checkpoints}")
    if found.head:
        typer.echo(f"signed: {found.head.size} leaves at {found.head.at.isoformat()}, root {found.head.root.hex()}")
    if found.unsigned:
        typer.echo(f"not signed yet: the last {found.unsigned} leaves")
    if is_own_key:
        typer.echo("The key was taken from what is checked; compare it with the published one, or name that by --key.")
    if found.first is None:
        typer.echo("Nothing is wrong.")
        return
    typer.echo(f"First wrong: {found.first}")
    for finding in found.findings[1:SHOWN]:
        typer.echo(f"  {finding}", err=True)
    if found.wrong > SHOWN:
        typer.echo(f"  and {found.wrong - SHOWN} more; --json lists {LISTED}", err=True)


def _plain(found: Verified, key: VerifierKey) -> dict[str, object]:
    listed = [{"where": one.where, "code": one.code, "message": one.message} for one in found.findings]
    head = found.head
    return {
        "log": key.name,
        "key": str(key),
        "leaves": found.leaves,
        "statements": found.statements,
        "checkpoints": found.checkpoints,
        "unsigned": found.unsigned,
        "head": head and {"size": head.size, "root": head.root.hex(), "at": head.at.isoformat()},
        "wrong": found.wrong,
        "first": listed[0] if listed else None,
        "findings": listed,
    }
