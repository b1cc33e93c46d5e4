"""The ASTM listener over real sockets: what it acknowledges and keeps; the last ACK comes after commit."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from tests.factories.exchange import AnalyzerFactory, astm_message
from tests.integration.exchange.analyzer import (
    ACK,
    ENQ,
    EOT,
    NAK,
    SimulatedAnalyzer,
    analyzer,
    frames_of,
    listening_to_analyzers,
)
from tests.integration.exchange.conftest import Scene

from lienthong.cli.listening import astm_listener
from lienthong.core.models import AuditEvent
from lienthong.exchange.analyzers.listener import AstmConduct
from lienthong.exchange.listening.listener import conninfo
from lienthong.results.models import InboxMessage

RECORDS = ("P|1|PR1", "O|1|SP1001||^^^GLU|R", "R|1|^^^GLU|5.6|mmol/L|3.9^6.4|N||F||NHA|20261120080000|20261120080300")
MESSAGE = astm_message(*RECORDS)

pytestmark = pytest.mark.django_db(transaction=True)


def kept() -> list[tuple[str, str, str]]:
    return list(InboxMessage.objects.order_by("id").values_list("source", "state", "reason"))


def wait_until_kept(count: int) -> None:
    deadline = time.monotonic() + 10
    while InboxMessage.objects.count() < count and time.monotonic() < deadline:
        time.sleep(0.02)


def test_message_is_kept_as_sent_and_each_frame_acknowledged(committed_scene: Scene) -> None:
    AnalyzerFactory(code="BS")

    with listening_to_analyzers() as (port,), analyzer(port) as one:
        answers = one.deliver(MESSAGE)

    row = InboxMessage.objects.get()
    assert answers == [ACK] * (1 + len(frames_of(MESSAGE)))
    assert bytes(row.raw) == MESSAGE
    assert (row.source, row.lane, row.message_type, row.state) == ("BS", "BS:SP1001", "ASTM", "received")
    assert row.sender == f"BS-240^Mindray^SN7 / 127.0.0.1 / {port}"
    assert AuditEvent.objects.filter(action="receive").count() == 1


def test_last_frame_is_acknowledged_after_commit(committed_scene: Scene) -> None:
    AnalyzerFactory()
    *frames, last = frames_of(MESSAGE)

    with listening_to_analyzers() as (port,), psycopg.connect(conninfo()) as blocker, analyzer(port) as one:
        assert [one.ask(data) for data in (ENQ, *frames)] == [ACK] * (1 + len(frames))
        blocker.execute("LOCK TABLE results_inbox IN ACCESS EXCLUSIVE MODE")

        assert one.ask(last, seconds=0.4) == b""

        blocker.rollback()
        assert one.hear() == ACK
        assert len(kept()) == 1


def test_frame_that_is_not_kept_in_time_is_asked_for_again(committed_scene: Scene) -> None:
    AnalyzerFactory(laboratory=committed_scene.laboratory)
    *frames, last = frames_of(MESSAGE)

    with listening_to_analyzers(conduct=AstmConduct(seconds_to_keep=0.3)) as (port,), analyzer(port) as one:
        with psycopg.connect(conninfo()) as blocker:
            blocker.execute("LOCK TABLE results_inbox IN ACCESS EXCLUSIVE MODE")
            for data in (ENQ, *frames):
                one.ask(data)
            assert one.ask(last) == NAK
        assert one.ask(last) == ACK
    committed_scene.process()

    assert all(raw == MESSAGE for raw in map(bytes, InboxMessage.objects.values_list("raw", flat=True)))
    assert [state for _source, state, _reason in kept()].count("held") == 1  # its code is not mapped


def test_wrong_checksums_and_lost_frames_are_asked_for_again(committed_scene: Scene) -> None:
    AnalyzerFactory(code="BS")
    frames = frames_of(MESSAGE)

    with listening_to_analyzers() as (port,), analyzer(port) as one:
        answers = one.deliver(MESSAGE, spoilt=(0, 2, len(frames) - 1))
        assert one.ask(ENQ) == ACK
        assert one.ask(frames[0]) == ACK
        assert one.ask(frames[2]) == NAK
        assert [one.ask(data) for data in frames[1:]] == [ACK] * (len(frames) - 1)

    assert answers.count(NAK) == 3
    assert [bytes(raw) for raw in InboxMessage.objects.values_list("raw", flat=True)] == [MESSAGE, MESSAGE]


def test_answer_that_was_not_heard_doubles_nothing(committed_scene: Scene) -> None:
    AnalyzerFactory()
    *frames, last = frames_of(MESSAGE)

    with listening_to_analyzers() as (port,), analyzer(port) as one:
        for data in (ENQ, *frames):
            one.ask(data)

        assert [one.ask(last), one.ask(last), one.ask(last)] == [ACK, ACK, ACK]

    assert len(kept()) == 1


def test_connection_that_ends_in_the_middle_loses_nothing_that_was_acknowledged(committed_scene: Scene) -> None:
    AnalyzerFactory(code="BS")

    with listening_to_analyzers() as (port,):
        for count in range(1, len(frames_of(MESSAGE))):
            with analyzer(port) as cut_off:
                cut_off.ask(ENQ)
                for frame in frames_of(MESSAGE)[:count]:
                    cut_off.ask(frame)
                cut_off.say(frames_of(MESSAGE)[count][:4])
        wait_until_kept(len(frames_of(MESSAGE)) - 1)
        with analyzer(port) as again:
            again.deliver(MESSAGE)

    *cut, whole = kept()
    assert set(cut) == {("BS", "rejected", "truncated")}
    assert whole == ("BS", "received", "")


def test_frames_that_come_in_pieces_are_one_message(committed_scene: Scene) -> None:
    AnalyzerFactory()

    with listening_to_analyzers() as (port,), analyzer(port) as one:
        assert one.ask(ENQ) == ACK
        for frame in frames_of(MESSAGE):
            for place in range(len(frame) - 1):
                one.say(frame[place : place + 1])
            assert one.ask(frame[-1:]) == ACK
        one.say(EOT)

    assert bytes(InboxMessage.objects.get().raw) == MESSAGE


def test_analyzers_of_one_name_are_told_apart_by_the_port_that_they_call(committed_scene: Scene) -> None:
    with listening_to_analyzers(2) as ports:
        for place, port in enumerate(ports):
            AnalyzerFactory(code=f"BS{place}", listening_port=port)
        for port in reversed(ports):
            with analyzer(port) as one:
                one.deliver(MESSAGE)

    assert [source for source, _state, _reason in kept()] == ["BS1", "BS0"]


def test_unregistered_analyzer_is_held_and_goes_on_once_it_is_registered(committed_scene: Scene) -> None:
    with listening_to_analyzers() as (port,), analyzer(port) as one:
        assert set(one.deliver(MESSAGE)) == {ACK}
    assert kept() == [("", "held", "unknown-sender")]

    AnalyzerFactory(code="BS", laboratory=committed_scene.laboratory)
    committed_scene.replay_all()

    assert [source for source, _state, _reason in kept()] == ["BS"]


def test_request_for_orders_is_answered_that_there_is_no_information(committed_scene: Scene) -> None:
    AnalyzerFactory(code="BS")

    with listening_to_analyzers() as (port,), analyzer(port) as one:
        one.deliver(astm_message("Q|1|^SP1001||ALL||||||||O"))
        answer = one.hear_message()

    assert [line.split(b"|")[0] for line in answer.split(b"\r")] == [b"H", b"L", b""]
    assert b"L|1|I\r" in answer
    assert kept() == [("BS", "duplicate", "order-request")]


def test_where_both_call_at_once_the_analyzer_goes_first(committed_scene: Scene) -> None:
    AnalyzerFactory(code="BS")

    with listening_to_analyzers() as (port,), analyzer(port) as one:
        one.ask(ENQ)
        for frame in frames_of(astm_message("Q|1|^SP1001||ALL||||||||O")):
            one.ask(frame)
        assert one.ask(EOT) == ENQ  # the host wants to answer, and the analyser has results
        one.say(ENQ)

        assert one.deliver(MESSAGE)[0] == ACK

    assert [state for _source, state, _reason in kept()] == ["duplicate", "received"]


def test_calls_that_cross_on_the_wire_lose_neither_results_nor_answer(committed_scene: Scene) -> None:
    AnalyzerFactory(code="BS")

    with listening_to_analyzers() as (port,), analyzer(port) as one:
        one.ask(ENQ)
        for frame in frames_of(astm_message("Q|1|^SP1001||ALL||||||||O")):
            one.ask(frame)
        one.say(EOT + ENQ)  # the analyser calls again before it can have heard that the host calls
        assert one.hear() == ENQ
        assert one.hear(seconds=1.2) == b""  # neither takes the other's call for an answer

        answers = one.deliver(MESSAGE)
        answer = one.hear_message()

    assert set(answers) == {ACK}
    assert b"L|1|I\r" in answer
    assert [state for _source, state, _reason in kept()] == ["duplicate", "received"]
    assert bytes(InboxMessage.objects.order_by("id")[1].raw) == MESSAGE


def test_command_listens_to_analyzers_beside_hospitals_and_stops_with_them(committed_scene: Scene) -> None:
    AnalyzerFactory(code="BS")
    port, stop = free_port(), threading.Event()

    with astm_listener("127.0.0.1", [port], stop), waiting_for(port) as one:
        one.deliver(MESSAGE)

    assert stop.is_set()
    assert kept() == [("BS", "received", "")]


def test_command_ends_where_a_port_is_taken(committed_scene: Scene) -> None:
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(OSError, match="in use"), astm_listener("127.0.0.1", [port], stop):
            assert stop.wait(10)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@contextlib.contextmanager
def waiting_for(port: int) -> Iterator[SimulatedAnalyzer]:
    """Connect as soon as something listens there."""
    deadline = time.monotonic() + 10
    while True:
        try:
            one = SimulatedAnalyzer(port)
            break
        except ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    with contextlib.closing(one):
        yield one
