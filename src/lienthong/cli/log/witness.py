"""`lienthong log witness`: the server of a health authority or a hospital that watches logs; it needs no database."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lienthong.core.log.checkpoints import NoCheckpoint, VerifierKey
from lienthong.core.log.submissions import ADD_CHECKPOINT, MOST_BYTES
from lienthong.core.log.witness import Answer, Witness
from lienthong.core.log.witness_state import StateBroken, open_state
from lienthong.errors import LienthongError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

_REASONS = {
    200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict",
    413: "Content Too Large", 422: "Unprocessable Content", 500: "Internal Server Error",
}  # fmt: skip


class BadLogKey(LienthongError):
    """Raised for a key of a log that can't be read."""

    code = "bad-key"


def witness(
    state: Annotated[Path, typer.Option(help="Folder for the witness's key and what it cosigned")],
    logs: Annotated[list[str], typer.Option("--log", help="Key of a log to watch, name+id+base64; may be repeated")],
    name: Annotated[
        str, typer.Option(help="Name of the witness, best an address without a scheme; it never changes")
    ] = "",
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; a proxy before it speaks TLS")] = 8765,
) -> None:
    """Cosign checkpoints that are handed over to /add-checkpoint, as long as their log only grows."""
    try:
        keys = [VerifierKey.parse(one) for one in logs]
    except NoCheckpoint as error:
        raise BadLogKey(str(error)) from error
    kept = open_state(state, name=name)
    typer.echo(str(kept.verifier))
    _serve(application(Witness(kept, keys)), f"{host}:{port}")


def application(watching: Witness) -> WSGIApplication:
    """Return what serves add-checkpoint, and nothing else."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = _answer(watching, environ)
        body = answer.text.encode()
        headers = [("Content-Type", answer.form), ("Content-Length", str(len(body)))]
        start_response(f"{answer.status} {_REASONS[answer.status]}", headers)
        return [body]

    return serve


def _answer(watching: Witness, environ: WSGIEnvironment) -> Answer:
    if environ.get("PATH_INFO") != ADD_CHECKPOINT:
        return Answer(404, f"a witness answers at {ADD_CHECKPOINT}\n")
    if environ["REQUEST_METHOD"] != "POST":
        return Answer(405, "a checkpoint is handed over by POST\n")
    raw = environ["wsgi.input"].read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        return Answer(413, f"the body must have at most {MOST_BYTES} bytes\n")
    try:
        return watching.add_checkpoint(raw, at=dt.datetime.now(dt.UTC))  # noqa: TID251 — the clock of the witness
    except (StateBroken, OSError) as error:
        log.critical("nothing is cosigned: %s", error)
        return Answer(500, "the witness can't read or write what it keeps; nothing was cosigned\n")


def _serve(app: WSGIApplication, bind: str) -> None:
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        def load_config(self) -> None:
            settings: dict[str, Any] = {"bind": bind, "workers": 1, "threads": 8, "loglevel": "warning", "timeout": 30}
            for name, value in settings.items():
                self.cfg.set(name, value)

        def load(self) -> WSGIApplication:
            return app

    Server().run()
