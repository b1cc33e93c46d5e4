"""An analyser at the other end of a socket, written from the standard and not from the platform's own link.

It sends a message frame by frame as E1381 asks, and can do what analysers do wrong: send a frame with a wrong checksum,
leave one out, call at the same time, hang up in the middle, or not hear an answer.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Collection, Iterator
from queue import Queue

from lienthong.exchange.analyzers.listener import AstmConduct, run_astm_listener

HOST = "127.0.0.1"
ENQ, EOT, ACK, NAK = b"\x05", b"\x04", b"\x06", b"\x15"


@contextlib.contextmanager
def listening_to_analyzers(count: int = 1, conduct: AstmConduct | None = None) -> Iterator[list[int]]:
    """Run the ASTM listener in a thread; yield its ports."""
    stop, ports = threading.Event(), Queue[list[int]]()
    kwargs = {"stop": stop, "on_ready": ports.put, "conduct": conduct}
    thread = threading.Thread(target=run_astm_listener, args=(HOST, [0] * count), kwargs=kwargs)
    thread.start()
    try:
        yield ports.get(timeout=10)
    finally:
        stop.set()
        thread.join(timeout=20)
        assert not thread.is_alive()


def frames_of(message: bytes) -> list[bytes]:
    """Frame each record: STX, number, text, ETX, checksum, CR LF."""
    frames = []
    for place, record in enumerate(message.split(b"\r")[:-1]):
        body = f"{(place + 1) % 8}".encode() + record + b"\r\x03"
        frames.append(b"\x02" + body + f"{sum(body) & 0xFF:02X}\r\n".encode())
    return frames


def long_frames_of(text: bytes, *, size: int = 60_000) -> list[bytes]:
    """Cut a text anywhere into long frames; the last one ends it with ETX, those before with ETB."""
    frames = []
    for place, start in enumerate(range(0, len(text), size)):
        end = b"\x03" if start + size >= len(text) else b"\x17"
        body = f"{(place + 1) % 8}".encode() + text[start : start + size] + end
        frames.append(b"\x02" + body + f"{sum(body) & 0xFF:02X}\r\n".encode())
    return frames


class SimulatedAnalyzer:
    """One connection of an analyser."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=10)

    def close(self) -> None:
        self.socket.close()

    def say(self, data: bytes) -> None:
        self.socket.sendall(data)

    def hear(self, *, seconds: float = 10) -> bytes:
        """Return the next byte; nothing where none comes in time."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(1)
        except TimeoutError:
            return b""

    def ask(self, data: bytes, *, seconds: float = 10) -> bytes:
        self.say(data)
        return self.hear(seconds=seconds)

    def hear_message(self) -> bytes:
        """Take a message of the host: acknowledge each frame until EOT, and return the text."""
        assert self.hear() == ENQ
        answer, text = ACK, b""
        while True:
            self.say(answer)
            data = self._until_lf_or_eot()
            if data == EOT:
                return text
            text += data[2:-5]

    def deliver(self, message: bytes, *, spoilt: Collection[int] = (), attempts: int = 6) -> list[bytes]:
        """Send a message and return the answers; the frames in `spoilt` go with a wrong checksum at first."""
        answers = [self.ask(ENQ)]
        for place, frame in enumerate(frames_of(message)):
            for attempt in range(attempts):
                is_spoilt = place in spoilt and attempt == 0
                answers.append(self.ask(frame[:-4] + b"ZZ\r\n" if is_spoilt else frame))
                if answers[-1] == ACK:
                    break
        self.say(EOT)
        return answers

    def _until_lf_or_eot(self) -> bytes:
        data = b""
        while not data.endswith(b"\n") and data != EOT:
            data += self.hear()
        return data


@contextlib.contextmanager
def analyzer(port: int) -> Iterator[SimulatedAnalyzer]:
    one = SimulatedAnalyzer(port)
    try:
        yield one
    finally:
        one.close()
