"""Stands between a listener and its database, passes bytes on, and cuts the line where a test wants it cut."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class Cutter:
    """Forwards connections. After `mark` went by, the server's next answer is swallowed and the line cut."""

    port: int
    server: tuple[str, int]
    mark: bytes = b""
    cuts: int = 0

    def serve(self, door: socket.socket) -> None:
        while True:
            try:
                client, _ = door.accept()
            except OSError:
                return
            threading.Thread(target=self._forward, args=(client,), daemon=True).start()

    def _forward(self, client: socket.socket) -> None:
        with client, socket.create_connection(self.server) as server:
            is_marked = False
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = self._read(ready)
                    if not data:
                        return
                    if ready is server and is_marked:
                        self.cuts += 1
                        return
                    if ready is client and self.mark and self.mark in data:
                        is_marked, self.mark = True, b""
                    (server if ready is client else client).sendall(data)

    @staticmethod
    def _read(line: socket.socket) -> bytes:
        try:
            return line.recv(1 << 20)
        except OSError:
            return b""


@contextlib.contextmanager
def cutting(host: str, port: int) -> Iterator[Cutter]:
    """Forward a free port to a server until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        cutter = Cutter(door.getsockname()[1], (host, port))
        thread = threading.Thread(target=cutter.serve, args=(door,), daemon=True)
        thread.start()
        yield cutter
        door.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=5)
