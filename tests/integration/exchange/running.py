"""Runs the listener and workers beside a test, each with connections of its own."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from queue import Queue

from lienthong.exchange.listening.client import Answer, read_answer
from lienthong.exchange.listening.listener import Conduct, Doors, run_listener_at
from lienthong.exchange.processing.worker import run_worker
from lienthong.interop.hl7v2 import Frames, frame

HOST = "127.0.0.1"


@contextlib.contextmanager
def listening(conduct: Conduct | None = None) -> Iterator[int]:
    """Run a listener in a thread; yield its port."""
    with listening_at(Doors(HOST, 0), conduct) as ports:
        yield ports[0]


@contextlib.contextmanager
def listening_at(doors: Doors, conduct: Conduct | None = None) -> Iterator[list[int]]:
    """Run a listener in a thread; yield its ports, plain before TLS."""
    stop, ports = threading.Event(), Queue[list[int]]()
    options = {"stop": stop, "on_ready": ports.put, "conduct": conduct}
    thread = threading.Thread(target=run_listener_at, args=(doors,), kwargs=options)
    thread.start()
    try:
        yield ports.get(timeout=10)
    finally:
        stop.set()
        thread.join(timeout=20)
        assert not thread.is_alive()


@contextlib.contextmanager
def working(count: int) -> Iterator[None]:
    """Run workers in threads until the block ends."""
    stop = threading.Event()
    threads = [threading.Thread(target=run_worker, args=(stop,), kwargs={"idle_seconds": 0.02}) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=20)
            assert not thread.is_alive()


def is_hung_up(line: socket.socket, *, seconds: float = 10) -> bool:
    """Whether the listener closes the line in time."""
    line.settimeout(seconds)
    try:
        while line.recv(65536):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


class Line:
    """One MLLP connection, byte by byte as a test wants it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=10)
        self.frames = Frames()

    def send(self, payload: bytes) -> None:
        self.socket.sendall(frame(payload))

    def send_raw(self, data: bytes) -> None:
        self.socket.sendall(data)

    def payload(self, *, seconds: float = 10) -> bytes | None:
        """Return the next answer; None where none comes in time or the listener hangs up."""
        self.socket.settimeout(seconds)
        while True:
            try:
                data = self.socket.recv(65536)
            except (TimeoutError, ConnectionError):
                return None
            if not data:
                return None
            if received := self.frames.feed(data):
                return received[0].payload

    def answer(self, *, seconds: float = 10) -> Answer | None:
        payload = self.payload(seconds=seconds)
        return read_answer(payload) if payload is not None else None

    def close(self) -> None:
        self.socket.close()


@contextlib.contextmanager
def line(port: int) -> Iterator[Line]:
    """Open a connection to a listener."""
    one = Line(port)
    try:
        yield one
    finally:
        one.close()
