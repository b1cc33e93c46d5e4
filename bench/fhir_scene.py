"""What the FHIR works run on: a system of one hospital with its token, and the web application as it is served."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from uuid import uuid4

SCOPES = ("system/*.cruds",)
TOKEN_LASTS = dt.timedelta(hours=6)
START_SECONDS = 60


def own_token(facility: str, source: str) -> str:
    """Register a system of a facility that writes for a sender; return a token for the whole of the bench."""
    from django.utils import timezone

    from lienthong.core.access.caller import token_digest
    from lienthong.core.models import AccessToken, ConnectedSystem, User

    user = User.objects.create(username=f"system-{facility}", is_system=True)
    now, token = timezone.now(), uuid4().hex
    system = ConnectedSystem.objects.create(
        client_id=facility,
        name="Bench",
        facility=facility,
        scopes=[*SCOPES],
        sources=[source],
        user=user,
        registered_at=now,
    )
    AccessToken.objects.create(
        digest=token_digest(token),
        system=system,
        key_id="k",
        scopes=[*SCOPES],
        issued_at=now,
        expires_at=now + TOKEN_LASTS,
    )
    return token


@contextlib.contextmanager
def served(workers: int) -> Iterator[int]:
    """Serve the web application as `lienthong serve` does, by so many processes; yield its port."""
    port = _free_port()
    options = ("--workers", str(workers), "--threads", "8", "--bind", f"127.0.0.1:{port}", "--log-level", "warning")
    command = [sys.executable, "-m", "gunicorn", *options, "lienthong.config.wsgi:application"]
    process = subprocess.Popen(command)  # noqa: S603 — our own program
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=60)


class Client:
    """One connection that stays open, with a token."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}

    def ask(self, method: str, path: str, body: bytes | None = None) -> dict[str, object]:
        """Return the resource of an answer; stop the bench where it is an error."""
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status >= 300:
            sys.exit(f"{method} {path} was answered {answer.status}: {said[:2_000].decode()}")
        found: dict[str, object] = json.loads(said)
        return found


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    sys.exit("the web application did not start")
