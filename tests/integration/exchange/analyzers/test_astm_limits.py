"""Whoever misuses the line of the analysers: strangers, endless, deaf, very many. None harms the others."""

from __future__ import annotations

import datetime as dt
import resource
import socket
import time
from collections.abc import Iterator

import pytest
from tests.factories.exchange import AnalyzerFactory, astm_message
from tests.integration.exchange.analyzer import (
    ACK,
    ENQ,
    HOST,
    NAK,
    SimulatedAnalyzer,
    analyzer,
    frames_of,
    listening_to_analyzers,
    long_frames_of,
)
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.running import is_hung_up

from lienthong.exchange.analyzers.arrivals import Place, receive_text
from lienthong.exchange.analyzers.directory import AnalyzerDirectory
from lienthong.exchange.analyzers.listener import AstmConduct
from lienthong.exchange.listening.conversation import Limits
from lienthong.exchange.listening.directory_cache import DirectoryCache
from lienthong.exchange.listening.listener import OPEN_FILES
from lienthong.results.models import InboxMessage

KNOWN = astm_message("P|1|PR1", "O|1|SP1001||^^^GLU|R", "R|1|^^^GLU|5.6|mmol/L")
STRANGER = KNOWN.replace(b"BS-240", b"NOBODY")
NOON = dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db(transaction=True)


def kept() -> list[tuple[str, str, str]]:
    return list(InboxMessage.objects.order_by("id").values_list("source", "state", "reason"))


def strangers(count: int) -> AstmConduct:
    """Keep so many of the strangers' messages and no more."""
    return AstmConduct(Limits(stranger_bytes=count * (len(STRANGER) + 1_000)))


def wait_until_kept(count: int) -> None:
    deadline = time.monotonic() + 10
    while InboxMessage.objects.count() < count and time.monotonic() < deadline:
        time.sleep(0.02)


def test_of_unknown_analyzers_so_much_is_kept_and_no_more(
    committed_scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    AnalyzerFactory(code="BS")

    with listening_to_analyzers(conduct=strangers(2)) as (port,), analyzer(port) as one:
        answers = [one.deliver(STRANGER)[-1] for _ in range(4)]
        answers.append(one.deliver(KNOWN)[-1])

    assert answers == [ACK, ACK, NAK, NAK, ACK]
    assert kept() == [("", "held", "unknown-sender")] * 2 + [("BS", "received", "")]
    assert caplog.text.count("refused and not kept") == 1


def test_what_strangers_cut_off_takes_of_the_allowance_and_that_of_others_is_kept(committed_scene: Scene) -> None:
    AnalyzerFactory(code="BS")

    with listening_to_analyzers(conduct=strangers(0)) as (port,):
        for message in (STRANGER, KNOWN):
            with analyzer(port) as one:
                for data in (ENQ, *frames_of(message)[:2]):
                    assert one.ask(data) == ACK
        wait_until_kept(1)

    assert kept() == [("BS", "rejected", "truncated")]


def test_transmission_of_a_million_headers_is_one_refused_row(committed_scene: Scene) -> None:
    text = b"H|\r" * 1_398_000 + b"L|1\r"

    with listening_to_analyzers() as (port,), analyzer(port) as one:
        answers = [one.ask(data, seconds=30) for data in (ENQ, *long_frames_of(text))]

    assert set(answers) == {ACK}
    assert kept() == [("", "rejected", "too-many")]
    assert bytes(InboxMessage.objects.get().raw) == text


@pytest.mark.parametrize(("count", "rows"), [(5_000, 5_000), (5_001, 1)])
def test_transmission_holds_five_thousand_messages_at_most(count: int, rows: int) -> None:
    found = receive_text(b"H|\\^&|7\rL|1\r" * count, Place(HOST, 4000), AnalyzerDirectory(()), at=NOON)

    assert len(found) == rows
    assert {one.arrival.reason for one in found} == {"unknown-sender" if rows > 1 else "too-many"}
    assert {(one.arrival.message_type, one.arrival.control_id) for one in found} == {("ASTM", "7")}


def test_analyzers_are_read_afresh_once_for_a_transmission(
    committed_scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bool] = []
    current = DirectoryCache.current

    async def counted(self: DirectoryCache[AnalyzerDirectory], *, afresh: bool = False) -> AnalyzerDirectory | None:
        read.append(afresh)
        return await current(self, afresh=afresh)

    monkeypatch.setattr(DirectoryCache, "current", counted)
    with listening_to_analyzers() as (port,), analyzer(port) as one:
        for data in (ENQ, *long_frames_of(STRANGER * 20)):
            assert one.ask(data) == ACK

    assert len(kept()) == 20
    assert read.count(True) == 1


def test_beyond_so_many_connections_the_most_silent_is_closed(committed_scene: Scene) -> None:
    AnalyzerFactory(code="BS")

    with listening_to_analyzers(conduct=AstmConduct(most_lines=3)) as (port,):
        lines = [SimulatedAnalyzer(port) for _ in range(3)]
        for one in lines:
            assert one.ask(ENQ) == ACK
        assert lines[0].ask(frames_of(KNOWN)[0]) == ACK
        lines += [SimulatedAnalyzer(port) for _ in range(2)]
        answers = [lines[place].deliver(KNOWN)[-1] for place in (3, 4)]
        rest = [lines[0].ask(data) for data in frames_of(KNOWN)[1:]]

        assert [is_hung_up(one.socket, seconds=1) for one in lines] == [False, True, True, False, False]
        for one in lines:
            one.close()

    assert answers == [ACK, ACK]
    assert set(rest) == {ACK}


def test_messages_without_end_of_many_do_not_fill_the_memory(committed_scene: Scene) -> None:
    AnalyzerFactory(code="BS")
    long = KNOWN[: KNOWN.rindex(b"L|")] + b"C|1||" + b"x" * 90_000

    with (
        listening_to_analyzers(conduct=AstmConduct(Limits(open_bytes=100_000))) as (port,),
        analyzer(port) as large,
        analyzer(port) as small,
        analyzer(port) as other,
    ):
        for one, text in ((small, KNOWN[:100]), (large, long), (other, long[:20_000])):
            *whole, last = long_frames_of(text)
            for data in (ENQ, *whole):
                assert one.ask(data) == ACK
            one.say(last[:-2])
        assert is_hung_up(large.socket)
        small.close()
        other.close()
        wait_until_kept(1)

    assert kept()[0] == ("BS", "rejected", "truncated")
    assert len(bytes(InboxMessage.objects.order_by("id")[0].raw)) == 60_000


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """An analyser that never reads what it is sent; little goes into the buffers of the line."""

    def keep_little(line: socket.socket) -> None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)

    monkeypatch.setattr("lienthong.exchange.analyzers.listener.keep_alive", keep_little)
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        one.settimeout(30)
        yield one


def call_without_hearing(deaf: socket.socket) -> None:
    """Send ENQ, each of which is answered, until nothing goes any more."""
    while True:
        deaf.sendall(ENQ * 65_536)


def test_analyzer_that_never_reads_is_given_up_and_others_are_served(
    committed_scene: Scene, deaf: socket.socket
) -> None:
    AnalyzerFactory(code="BS")

    with listening_to_analyzers(conduct=AstmConduct(Limits(frame_seconds=0.5))) as (port,), analyzer(port) as other:
        deaf.connect((HOST, port))
        with pytest.raises(ConnectionError):
            call_without_hearing(deaf)
        answer = other.deliver(KNOWN)[-1]

    assert answer == ACK
    assert kept() == [("BS", "received", "")]


def test_listener_that_is_told_to_stop_does_not_wait_for_who_never_reads(
    committed_scene: Scene, deaf: socket.socket
) -> None:
    deaf.settimeout(3)

    with listening_to_analyzers() as (port,):
        deaf.connect((HOST, port))
        with pytest.raises(TimeoutError):
            call_without_hearing(deaf)

    assert kept() == []


def test_listener_may_have_many_connections(committed_scene: Scene) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)

    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
        with listening_to_analyzers():
            raised, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert raised == most
