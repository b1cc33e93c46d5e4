"""`lienthong log head`: what others keep of the log."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from lienthong.cli.start import start
from lienthong.errors import NotFound


def head(
    cosigned: Annotated[
        bool, typer.Option("--cosigned", help="The newest that a witness has cosigned, with its cosignatures")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of the signed note")] = False,
) -> None:
    """Print the newest checkpoint, a signed note, and on standard error the key by which it is checked."""
    start(needs_tables=True)
    from lienthong.core.log.checkpoints import read
    from lienthong.core.log.identity import log_key
    from lienthong.core.log.reads import head as newest
    from lienthong.core.log.witnesses import cosigned_head, with_cosignatures

    kept, key = newest(), log_key()
    if kept is None:
        raise NotFound("nothing was signed yet; the worker signs a few seconds after the first report is stored")
    note = cosigned_head() if cosigned else with_cosignatures(kept.note)
    if note is None:
        raise NotFound("no witness has cosigned a checkpoint yet; see `lienthong log witnesses list`")
    signed = read(note, key)
    if as_json:
        said = {"origin": key.name, "size": signed.size, "root": signed.root.hex(), "at": signed.at.isoformat()}
        typer.echo(json.dumps({**said, "key": str(key), "note": note}, indent=1, ensure_ascii=False))
        return
    typer.echo(note, nl=False)
    typer.echo(f"key: {key}", err=True)
