"""One call to a receiver: to the address that was judged, with TLS proved for the name, and no redirect followed."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from http.client import HTTPException
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from lienthong.core.outgoing import OutgoingRules
from lienthong.exchange.listening.certificates import BadCertificate, TlsFiles, client_context
from lienthong.exchange.outbound.http.addresses import Lookup, NotCallable, resolved

CONNECT_SECONDS, ANSWER_SECONDS, WHOLE_SECONDS = 5.0, 15.0, 30.0
_MOST_ADDRESSES = 3
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Call:
    """What is sent: `url` is the endpoint, with type and id behind it where a resource is put.

    `most_answered` is the number of bytes up to which the body of the answer is read.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    most_answered: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds until a connection stands, until the next byte of an answer, and for all of it together."""

    connect: float = CONNECT_SECONDS
    answer: float = ANSWER_SECONDS
    whole: float = WHOLE_SECONDS


@dataclass(frozen=True, slots=True)
class Answer:
    """The status, the header Retry-After, and of the body as much as the call asked for."""

    status: int
    retry_after: str = ""
    body: bytes = b""


class NotReached(Exception):
    """Raised where there is no answer. `code` is stable; the message says why, and nothing that was sent."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def send(
    call: Call, rules: OutgoingRules, files: TlsFiles, *, lookup: Lookup | None = None, limits: Limits = Limits()
) -> Answer:
    """Send one call; raise NotReached. `files` are our own certificate, and the authority of the receivers'.

    Of several addresses of a host the next is tried only where no connection stands, so that nothing is sent twice.
    """
    parts = urlsplit(call.url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    if parts.scheme == "http" and not rules.is_plain_allowed:
        raise NotReached("not-callable", "the endpoint must begin with https")
    try:
        context = _context(files, _stamps(files)) if parts.scheme == "https" else None
        addresses = resolved(host, port, networks=rules.networks, lookup=lookup)[:_MOST_ADDRESSES]
    except BadCertificate as error:
        raise NotReached(error.code, str(error)) from None
    except NotCallable as error:
        raise NotReached("not-callable", str(error)) from None
    for address in addresses[:-1]:
        with suppress(_NoConnection):
            return _sent(call, _connection(host, address, port, context, limits), limits)
    return _sent(call, _connection(host, addresses[-1], port, context, limits), limits)


class _NoConnection(NotReached):
    """Nobody answers at the address, or TLS doesn't stand: nothing was sent yet."""


@lru_cache(maxsize=4)
def _context(files: TlsFiles, stamps: tuple[int, ...]) -> ssl.SSLContext:
    """Return the side of the caller; kept, because reading the machine's authorities takes longer than the call."""
    return client_context(files)


def _stamps(files: TlsFiles) -> tuple[int, ...]:
    """Tell when each file was written last, so that a renewed certificate is read again."""
    named = (one for one in (files.certificate, files.key, files.authority) if one)
    return tuple(one.stat().st_mtime_ns if one.exists() else 0 for one in named)


def _connection(host: str, address: str, port: int, context: ssl.SSLContext | None, limits: Limits) -> HTTPConnection:
    """Return a connection to an address, over which the host has to prove its name."""
    if context is None:
        return HTTPConnection(address, port, timeout=limits.connect)
    return HTTPSConnection(address, port, timeout=limits.connect, ssl_context=context, server_hostname=host)


def _sent(call: Call, connection: HTTPConnection, limits: Limits) -> Answer:
    try:
        with _ended_after(connection, limits.whole):
            _connect(connection)
            return _answered(connection, call, limits)
    except _NoConnection:
        raise
    except TimeoutError:
        raise NotReached("no-answer", "there was no answer in time") from None
    except (OSError, HTTPException, HTTPError, ValueError):
        raise NotReached("broken-off", "the connection ended before the answer, or the answer is no HTTP") from None
    finally:
        connection.close()


def _connect(connection: HTTPConnection) -> None:
    try:
        connection.connect()
    except ssl.SSLCertVerificationError as error:
        raise _NoConnection("certificate", f"the certificate is not believed: {error.verify_message}") from None
    except (ssl.SSLError, ConnectionError):
        raise _NoConnection("tls", "TLS does not come to stand") from None
    except NewConnectionError:
        raise _NoConnection("connect-refused", "nobody answers at the endpoint") from None
    except (ConnectTimeoutError, TimeoutError):
        raise _NoConnection("connect-timeout", "no connection came to stand in time") from None
    except OSError:
        raise _NoConnection("connect-refused", "nobody answers at the endpoint") from None


def _answered(connection: HTTPConnection, call: Call, limits: Limits) -> Answer:
    parts = urlsplit(call.url)
    connection.timeout = limits.answer
    connection.request(
        call.method,
        parts.path or "/",
        body=call.body or None,
        headers={**call.headers, "Host": parts.netloc, "User-Agent": "Lienthong"},
        preload_content=False,
    )
    answer = connection.getresponse()
    body = answer.read(call.most_answered) if call.most_answered else b""
    answer.close()
    return Answer(answer.status, answer.headers.get("Retry-After", ""), body)


@contextmanager
def _ended_after(connection: HTTPConnection, seconds: float) -> Iterator[None]:
    """Cut the connection after some time, whatever comes: a byte now and then must not hold up the others.

    Raises TimeoutError where it was cut.
    """
    is_over = threading.Event()

    def cut() -> None:
        is_over.set()
        if (sock := connection.sock) is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, HTTPException, HTTPError):
        if is_over.is_set():
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
