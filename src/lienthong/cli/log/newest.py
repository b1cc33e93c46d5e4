"""`lienthong log head`: what others keep of the log."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from lienthong.cli.start import start
from lienthong.errors import NotFound


def head(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of the signed note")] = False,
) -> None:
    """Print the newest checkpoint, a signed note, and on standard error the key by which it is checked."""
    start(needs_tables=True)
    from lienthong.core.log.identity import log_key
    from lienthong.core.log.reads import head as newest

    kept, key = newest(), log_key()
    if kept is None:
        raise NotFound("nothing was signed yet; the worker signs a few seconds after the first report is stored")
    if as_json:
        said = {"origin": key.name, "size": kept.size, "root": kept.root.hex(), "at": kept.at.isoformat()}
        typer.echo(json.dumps({**said, "key": str(key), "note": kept.note}, indent=1, ensure_ascii=False))
        return
    typer.echo(kept.note, nl=False)
    typer.echo(f"key: {key}", err=True)
