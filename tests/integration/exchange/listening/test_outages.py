"""A database that stops, fills its disk or is slow: the listener refuses or waits, loses nothing, and does not grow."""

from __future__ import annotations

import contextlib
import random
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from tests.factories.exchange import message
from tests.integration.exchange.cluster import (
    Cluster,
    Nursery,
    nursery,
    own_cluster,
    resident_bytes,
    wait_until,
)
from tests.integration.exchange.running import HOST, Line, line

from lienthong.cli.serving import keep_database
from lienthong.core.embedded import free_port
from lienthong.exchange.listening.client import Sent, send_messages
from lienthong.interop import hl7v2

MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A server of this module's own."""
    with own_cluster() as one:
        yield one


@pytest.fixture
def children(cluster: Cluster) -> Iterator[Nursery]:
    """Processes, and an empty inbox for them."""
    cluster.ask("TRUNCATE results_inbox, core_audit_event")
    with nursery(cluster) as one:
        yield one


def listener(children: Nursery, *, patience: float = 30.0) -> tuple[int, int]:
    """Start a listener; return its process and its port once it accepts."""
    port = free_port()
    process = children.start("listener", port, patience=patience)
    wait_until(lambda: _accepts(port))
    return process, port


def _accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def numbered(count: int) -> list[bytes]:
    return [message(control_id=f"M{number}") for number in range(count)]


def kept(cluster: Cluster) -> list[str]:
    return [row[0] for row in cluster.ask("SELECT control_id FROM results_inbox ORDER BY id")]


def test_message_sent_while_the_database_restarts_is_answered_when_it_is_back(
    cluster: Cluster, children: Nursery
) -> None:
    _, port = listener(children)
    with line(port) as one:
        one.send(message(control_id="A"))
        assert one.answer(seconds=30) is not None
        cluster.server.stop()
        one.send(message(control_id="B"))
        assert one.answer(seconds=0.5) is None
        cluster.server.start()
        answer = one.answer(seconds=30)

    assert answer is not None
    assert (answer.code, answer.control_id) == ("AA", "B")
    assert kept(cluster) == ["A", "B"]


@contextlib.contextmanager
def small_disk(cluster: Cluster, megabytes: int) -> Iterator[Path]:
    """Move the database to a file system of its own that is nearly full; skip where that isn't permitted."""
    place = cluster.server.home / "small"
    place.mkdir()
    options = f"size={megabytes}m,mode=0777"
    if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True).returncode:
        place.rmdir()
        pytest.skip("mounting a small file system needs the right to mount")
    try:
        space = place / "space"
        space.mkdir()
        shutil.chown(space, cluster.server.cluster.owner())
        with psycopg.connect(cluster.server.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{space}'")
            connection.execute("ALTER DATABASE lienthong SET TABLESPACE small")
        yield place
    finally:
        with psycopg.connect(cluster.server.url("postgres"), autocommit=True) as connection:
            connection.execute("ALTER DATABASE lienthong SET TABLESPACE pg_default")
            connection.execute("DROP TABLESPACE small")
        cluster.server.stop()
        subprocess.run(["umount", place], check=True)
        cluster.server.start()


def test_full_disk_is_answered_as_not_stored_and_goes_on_once_there_is_room(cluster: Cluster) -> None:
    cluster.ask("TRUNCATE results_inbox, core_audit_event")
    with small_disk(cluster, 64) as place, nursery(cluster) as children:
        _, port = listener(children, patience=3.0)
        codes: list[tuple[str, str]] = []
        with line(port) as one:
            for number in range(60):
                one.send(message(control_id=f"F{number}") + b"ZZZ|" + _noise(number) + b"\r")
                answer = one.answer(seconds=60)
                assert answer is not None
                codes.append((answer.code, answer.control_id))
                if answer.code == "AE":
                    break
            accepted = [control for code, control in codes if code == "AA"]
            assert codes[-1][0] == "AE"
            subprocess.run(["mount", "-o", "remount,size=256m", place], check=True)
            one.send(message(control_id="LAST"))
            last = one.answer(seconds=60)

        assert last is not None
        assert last.code == "AA"
        assert kept(cluster) == [*accepted, "LAST"]


def _noise(number: int) -> bytes:
    """Return two megabytes of letters that compress badly."""
    return random.Random(number).randbytes(MEGABYTE).hex().encode()  # noqa: S311 — noise, not a secret


def sent(messages: list[bytes], port: int, *, connections: int = 1) -> Sent:
    """Send from a thread of its own: the browser of other tests may keep this one's event loop."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(send_messages, messages, HOST, port, connections=connections).result()


def test_embedded_server_that_was_killed_is_started_again_where_it_was(cluster: Cluster, children: Nursery) -> None:
    _, port = listener(children)
    before = cluster.server.address()["PORT"]

    keep_database(cluster.server)
    cluster.crash()
    keep_database(cluster.server)

    assert cluster.server.is_alive()
    assert cluster.server.address()["PORT"] == before
    assert sent([message()], port).by_code == {"AA": 1}


def test_slow_database_stops_the_senders_and_the_listener_does_not_grow(cluster: Cluster, children: Nursery) -> None:
    process, port = listener(children)
    large = hl7v2.frame(message() + b"ZZZ|" + b"x" * 100_000 + b"\r")
    with psycopg.connect(cluster.server.url()) as blocker:
        assert sent([message()], port).by_code == {"AA": 1}
        before = resident_bytes(process)
        blocker.execute("LOCK TABLE results_inbox IN ACCESS EXCLUSIVE MODE")
        lines = [Line(port) for _ in range(16)]
        flooded = [_flood(one, large) for one in lines]  # each would send 400 MB in all
        grown = resident_bytes(process) - before
        blocker.rollback()
        for one, count in zip(lines, flooded, strict=True):
            assert _answers(one, count) == count
            one.close()

    assert max(flooded) < 250
    assert grown < 160 * MEGABYTE
    assert len(kept(cluster)) == 1 + sum(flooded)


def _flood(one: Line, data: bytes) -> int:
    """Send until the listener reads no further; return how many whole messages went out, the last one completed."""
    one.socket.settimeout(0.5)
    sent = 0
    for _ in range(250):
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[one.socket.send(rest) :]
        except TimeoutError:
            if len(rest) < len(data):
                threading.Thread(target=_finish, args=(one, rest), daemon=True).start()
                sent += 1
            break
        sent += 1
    return sent


def _finish(one: Line, rest: memoryview) -> None:
    while rest:
        with contextlib.suppress(TimeoutError):
            rest = rest[one.socket.send(rest) :]


def _answers(one: Line, count: int) -> int:
    found = 0
    one.socket.settimeout(60)
    while found < count and (data := one.socket.recv(65536)):
        found += len(one.frames.feed(data))
    return found


def test_stopped_worker_leaves_the_backlog_to_the_database_and_the_listener_does_not_grow(
    cluster: Cluster, children: Nursery
) -> None:
    process, port = listener(children)
    sent(numbered(1_000), port, connections=32)
    before = resident_bytes(process)

    for _ in range(4):
        sent(numbered(1_000), port, connections=32)

    assert resident_bytes(process) < 1.2 * before
    assert cluster.ask("SELECT count(*) FROM results_inbox WHERE state = 'received'") == [(5_000,)]
