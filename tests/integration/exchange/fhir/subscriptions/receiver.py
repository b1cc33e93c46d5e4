"""A subscriber's own server: it listens at the loopback address, and keeps what it was told."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Told:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Receiver:
    """Answers with `status`; where `silence` is given it says nothing until that is set, or dribbles a byte."""

    port: int = 0
    status: int = 200
    more: dict[str, str] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    silence: threading.Event | None = None
    dribble: bytes = b""

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.told.append(Told(handler.command, handler.path, headers, handler.rfile.read(length)))
        if self.silence is not None:
            while not self.silence.wait(0.05) and self._may_dribble(handler):
                pass
            return
        handler.send_response(self.status)
        for name, value in self.more.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def _may_dribble(self, handler: BaseHTTPRequestHandler) -> bool:
        try:
            handler.wfile.write(self.dribble)
        except OSError:
            return False
        return True


@contextmanager
def listening(certificate: tuple[Path, Path] | None = None) -> Iterator[Receiver]:
    """Serve until the block ends; by TLS where a certificate and its key are given."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.take(self)

        def do_PUT(self) -> None:
            receiver.take(self)

        def log_message(self, *args: object) -> None:
            """Write nothing to the test's output."""

    with serving(Handler, certificate) as receiver.port:
        try:
            yield receiver
        finally:
            if receiver.silence is not None:
                receiver.silence.set()


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], certificate: tuple[Path, Path] | None) -> Iterator[int]:
    """Serve with a handler until the block ends, and give the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.handle_error = lambda *args: None  # type: ignore[method-assign]  # a client that goes away is meant here
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
