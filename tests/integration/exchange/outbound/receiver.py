"""A hospital's interface engine in a thread of the test: it keeps what it gets, and answers as the test wants."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import Acknowledgment, Frames, frame

HOST = "127.0.0.1"
AT = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
Answer = Callable[[bytes], bytes | None]


def acknowledging(code: Acknowledgment, *, control_id: str = "") -> Answer:
    """Return what answers each message with a code, to its own control id or another."""

    def answer(payload: bytes) -> bytes:
        header = hl7v2.header(payload)
        answered = hl7v2.acknowledge(header, code=code, control_id="R1", at=AT)
        if control_id and header:
            answered = answered.replace(header.control_id.encode(), control_id.encode())
        return frame(answered)

    return answer


@dataclass
class Receiver:
    """Answers by `answer`: bytes as they go out, None to hang up, nothing (`b""`) to keep silent."""

    answer: Answer
    tls: ssl.SSLContext | None = None
    once_a_connection: bool = False
    messages: list[bytes] = field(default_factory=list)
    connections: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    port: int = 0
    _server: socket.socket | None = None

    def control_ids(self) -> list[str]:
        return [header.control_id for one in self.messages if (header := hl7v2.header(one))]

    def numbers(self) -> list[str]:
        """Return the report numbers (OBR-3) in the order in which they came."""
        found = (hl7v2.parse(one)[0] for one in self.messages)
        return [one.get("OBR-3") for one in found if one]

    def statuses(self) -> list[str]:
        """Return OBR-25 of each message."""
        found = (hl7v2.parse(one)[0] for one in self.messages)
        return [one.get("OBR-25") for one in found if one]

    def serve(self) -> None:
        assert self._server is not None
        while not self.stop.is_set():
            try:
                line, _address = self._server.accept()
            except OSError:
                return
            self.connections += 1
            line.settimeout(10)
            with contextlib.suppress(OSError), self._secured(line) as inner:
                self._converse(inner)

    def _secured(self, line: socket.socket) -> socket.socket:
        try:
            return self.tls.wrap_socket(line, server_side=True) if self.tls else line
        except OSError:
            line.close()
            raise

    def _converse(self, line: socket.socket) -> None:
        frames = Frames()
        while data := line.recv(65536):
            for one in frames.feed(data):
                self.messages.append(one.payload)
                answer = self.answer(one.payload)
                if answer is None:
                    return
                line.sendall(answer)
                if self.once_a_connection:
                    return


@contextlib.contextmanager
def receiving(
    answer: Answer | None = None, *, tls: ssl.SSLContext | None = None, once_a_connection: bool = False
) -> Iterator[Receiver]:
    """Run a receiver until the block ends; by default it answers AA."""
    one = Receiver(answer or acknowledging("AA"), tls, once_a_connection)
    with socket.create_server((HOST, 0)) as server:
        one._server, one.port = server, server.getsockname()[1]
        thread = threading.Thread(target=one.serve)
        thread.start()
        try:
            yield one
        finally:
            one.stop.set()
            server.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=20)
            assert not thread.is_alive()
