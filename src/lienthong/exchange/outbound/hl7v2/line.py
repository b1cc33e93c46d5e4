"""One MLLP connection to a receiver: a message goes out, and its answer is waited for before the next."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import time
from dataclasses import dataclass, field

from lienthong.errors import LienthongError
from lienthong.interop.hl7v2 import Frames, frame

CONNECT_SECONDS = 10.0
READ_BYTES = 64 * 1024
LARGEST_ANSWER = 1024 * 1024


class NotReached(LienthongError):
    """Raised where a receiver can't be reached, hangs up, keeps silent or answers with what is no frame.

    `fault` is the short name of what happened.
    """

    code = "not-reached"

    def __init__(self, fault: str, message: str) -> None:
        super().__init__(message)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Place:
    """Where a receiver listens; `name` is what its certificate must have."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    name: str = ""


@dataclass(slots=True)
class Line:
    """A connection that is opened when it is needed, and opened anew where the receiver closed it meanwhile."""

    place: Place
    _socket: socket.socket | None = None
    _frames: Frames = field(default_factory=lambda: Frames(maximum=LARGEST_ANSWER))

    def exchange(self, message: bytes, *, answer_seconds: float) -> bytes:
        """Send a message and return the answer's bytes; after a fault the connection is closed.

        What came late to an earlier message never stands for the answer: the connection it came on is given up.
        """
        if self._socket is not None and _is_spent(self._socket):
            self.close()
        try:
            line = self._socket = self._socket or _open(self.place)
            line.settimeout(answer_seconds)
            line.sendall(frame(message))
            return self._answer(line, until=time.monotonic() + answer_seconds)
        except TimeoutError:
            self.close()
            raise NotReached("no-answer", f"no answer came within {answer_seconds:g} s") from None
        except OSError as error:
            self.close()
            raise NotReached("broken-off", f"the connection broke off: {type(error).__name__}") from None
        except NotReached:
            self.close()
            raise

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
        self._socket, self._frames = None, Frames(maximum=LARGEST_ANSWER)

    def _answer(self, line: socket.socket, *, until: float) -> bytes:
        while True:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            line.settimeout(left)
            data = line.recv(READ_BYTES)
            if not data:
                raise NotReached("hung-up", "the receiver hung up before it answered")
            if found := self._frames.feed(data):
                if not found[0].is_complete:
                    raise NotReached("garbage", "the answer is no whole MLLP frame")
                return found[0].payload
            if self._frames.stray:
                raise NotReached("garbage", "the receiver answered with something that is no MLLP frame")


def _open(place: Place) -> socket.socket:
    """Connect, inside TLS where it is wanted; raise NotReached."""
    where = f"{place.host}:{place.port}"
    try:
        line = socket.create_connection((place.host, place.port), timeout=CONNECT_SECONDS)
    except TimeoutError:
        raise NotReached("connect-timeout", f"{where} does not take the connection") from None
    except OSError as error:
        raise NotReached("connect-refused", f"{where} can't be reached: {type(error).__name__}") from None
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if place.tls is None:
        return line
    try:
        return place.tls.wrap_socket(line, server_hostname=place.name or place.host)
    except ssl.SSLCertVerificationError as error:
        line.close()
        raise NotReached("certificate", f"the certificate of {where} is refused: {error.verify_message}") from None
    except (OSError, ValueError) as error:
        line.close()
        raise NotReached("tls", f"TLS with {where} does not come about: {type(error).__name__}") from None


def _is_spent(line: socket.socket) -> bool:
    """Whether the receiver has closed a connection that rested, or sent something that nobody asked for."""
    readable, _writable, _failed = select.select([line], [], [], 0)
    return bool(readable) or (isinstance(line, ssl.SSLSocket) and line.pending() > 0)
