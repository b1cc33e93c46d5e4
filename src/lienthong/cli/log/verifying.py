"""`lienthong log verify`: a file by itself, or the database."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from lienthong.cli.progress import steps
from lienthong.core.log.checkpoints import NoCheckpoint, VerifierKey
from lienthong.core.log.cosignatures import Cosignature, check_cosignatures, parse_witness_key
from lienthong.core.log.files import count_lines, key_of, verify_file
from lienthong.core.log.verification import LISTED, Verified, heads_of
from lienthong.errors import LienthongError
from lienthong.findings import Finding

SHOWN = 20


class BadKey(LienthongError):
    """Raised for a key or a kept head that can't be used."""

    code = "bad-key"


@dataclass(frozen=True, slots=True)
class Seen:
    """Whether a witness cosigned a kept head; `by` is None where it did not."""

    head: str
    witness: str
    by: Cosignature | None


def verify(
    path: Annotated[
        Path | None, typer.Argument(help="File of `log export`; without it the database is checked")
    ] = None,
    key: Annotated[str, typer.Option(help="Key of the log, name+id+base64, as known from elsewhere")] = "",
    head: Annotated[list[Path] | None, typer.Option(help="Checkpoint that was kept elsewhere; may be repeated")] = None,
    witness: Annotated[
        list[str] | None, typer.Option(help="Key of a witness, to see whether it cosigned the heads; may be repeated")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of lines")] = False,
) -> None:
    """Check every leaf, statement and checkpoint; exit with 1 where one is wrong, and name the first."""
    seen, wrong = _seen(head or [], witness or [])
    found, used = _file(path, key, head or []) if path else _database(key, head or [])
    found = replace(found, wrong=found.wrong + len(wrong), findings=(*found.findings, *wrong)[:LISTED])
    if as_json:
        typer.echo(json.dumps(_plain(found, used, seen), indent=1, ensure_ascii=False))
    else:
        _say(found, used, seen, is_own_key=not key)
    if found.wrong:
        sys.exit(1)


def _seen(heads: list[Path], witnesses: list[str]) -> tuple[list[Seen], list[Finding]]:
    """Return which witness cosigned which head, and the cosignatures that are wrong."""
    if witnesses and not heads:
        raise BadKey("--witness says who must have cosigned a head: name the head by --head")
    seen: list[Seen] = []
    wrong: list[Finding] = []
    try:
        for key in map(parse_witness_key, witnesses):
            for path in heads:
                by, faults = check_cosignatures(path.read_text("utf-8"), key, where=path.name)
                seen.append(Seen(path.name, key.name, by))
                wrong += faults
    except NoCheckpoint as error:
        raise BadKey(str(error)) from error
    except OSError as error:
        raise LienthongError(f"{error.filename}: {error.strerror or error}") from error
    return seen, wrong


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


def _say(found: Verified, key: VerifierKey, seen: list[Seen], *, is_own_key: bool) -> None:
    typer.echo(f"log {key.name}")
    typer.echo(f"checked: leaves {found.leaves}, statements {found.statements}, checkpoints {found.checkpoints}")
    if found.head:
        typer.echo(f"signed: {found.head.size} leaves at {found.head.at.isoformat()}, root {found.head.root.hex()}")
    for one in seen:
        typer.echo(
            f"{one.head}: "
            + (f"cosigned by {one.witness} at {one.by.at.isoformat()}" if one.by else f"not cosigned by {one.witness}")
        )
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


def _plain(found: Verified, key: VerifierKey, seen: list[Seen]) -> dict[str, object]:
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
        "witnesses": [
            {"head": one.head, "witness": one.witness, "cosigned_at": one.by and one.by.at.isoformat()} for one in seen
        ],
        "wrong": found.wrong,
        "first": listed[0] if listed else None,
        "findings": listed,
    }
