"""Senders that misbehave: silent, endless, deaf, or very many. Each is answered or given up, and none harms another."""

from __future__ import annotations

import datetime as dt
import socket
import threading
import time

import psycopg
import pytest
from django.utils import timezone
from tests.factories.exchange import message
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.running import HOST, Line, is_hung_up, line, listening

from lienthong.exchange.listening.committer import Committer
from lienthong.exchange.listening.conversation import FrontDesk, Limits
from lienthong.exchange.listening.directory_cache import DirectoryCache
from lienthong.exchange.listening.listener import Conduct, conninfo
from lienthong.exchange.senders import Directory
from lienthong.interop import hl7v2
from lienthong.results.models import InboxMessage

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 1_000


def test_connection_that_is_silent_for_too_long_is_closed(committed_scene: Scene) -> None:
    with listening(Conduct(Limits(idle_seconds=0.5))) as port, line(port) as one:
        one.send(message())

        assert one.answer() is not None
        assert is_hung_up(one.socket)


def test_frame_that_does_not_go_on_is_kept_as_cut_off(committed_scene: Scene) -> None:
    with listening(Conduct(Limits(frame_seconds=0.5))) as port, line(port) as one:
        one.send_raw(hl7v2.frame(message())[:-20])
        answer = one.answer()

        assert answer is not None
        assert (answer.code, answer.control_id) == ("AE", "M1")
        assert is_hung_up(one.socket)
    assert list(InboxMessage.objects.values_list("state", "reason")) == [("rejected", "truncated")]


def test_frame_without_end_is_refused_at_its_limit_and_the_line_closed(committed_scene: Scene) -> None:
    limit = 20_000
    with listening(Conduct(Limits(largest_message=limit))) as port, line(port) as one:
        one.send_raw(hl7v2.frame(message())[:-2] + b"Z" * 2 * limit)
        answer = one.answer()

        assert answer is not None
        assert answer.code == "AE"
        assert is_hung_up(one.socket)
    row = InboxMessage.objects.get()
    assert (row.reason, len(bytes(row.raw))) == ("too-large", limit)


def test_sender_that_never_reads_its_answers_is_given_up_and_others_are_served(committed_scene: Scene) -> None:
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    with listening(Conduct(Limits(frame_seconds=1.0))) as port, line(port) as other:
        deaf.connect((HOST, port))
        deaf.settimeout(15)
        data = hl7v2.frame(message()) * 500
        with pytest.raises(OSError):  # noqa: PT012 — the listener stops reading, then gives the line up
            for _ in range(200):
                deaf.sendall(data)
        other.send(message(control_id="M2"))
        answer = other.answer()
        deaf.close()

    assert answer is not None
    assert (answer.code, answer.control_id) == ("AA", "M2")


def test_a_thousand_connections_are_served(committed_scene: Scene) -> None:
    with listening() as port:
        lines = [Line(port) for _ in range(MANY)]
        for number, one in enumerate(lines):
            one.send(message(control_id=f"M{number}"))
        answers = [one.answer() for one in lines]
        for one in lines:
            one.close()

    assert [(one.code, one.control_id) for one in answers if one] == [("AA", f"M{n}") for n in range(MANY)]
    assert InboxMessage.objects.count() == MANY


def test_listener_that_is_told_to_stop_answers_what_it_has_read(committed_scene: Scene) -> None:
    frames = b"".join(hl7v2.frame(message(control_id=f"M{n}")) for n in range(50))
    answers: list[str] = []
    with psycopg.connect(conninfo()) as blocker:
        with listening() as port:
            one = Line(port)
            blocker.execute("LOCK TABLE results_inbox IN ACCESS EXCLUSIVE MODE")
            one.send_raw(frames)
            threading.Timer(1.0, blocker.rollback).start()
            time.sleep(0.3)  # the listener has read by now; it is told to stop while the database holds it up
        one.socket.settimeout(10)
        while data := one.socket.recv(65536):
            parsed = (hl7v2.parse(each.payload)[0] for each in one.frames.feed(data))
            answers += [each.get("MSA-2") for each in parsed if each]
        one.close()

    assert answers == [f"M{n}" for n in range(50)]
    assert InboxMessage.objects.count() == 50


def test_sender_that_closes_its_own_direction_still_gets_its_answer(committed_scene: Scene) -> None:
    with listening() as port, line(port) as one:
        one.send(message())
        one.socket.shutdown(socket.SHUT_WR)
        answer = one.answer()

    assert answer is not None
    assert answer.code == "AA"


def test_answers_of_one_second_have_numbers_of_their_own() -> None:
    desk = FrontDesk(Committer("", timezone.now), DirectoryCache("", "", lambda _rows: Directory({})))
    at = dt.datetime(2026, 11, 26, 8, 30, 15, tzinfo=dt.UTC)

    numbers = [desk.control_id(at) for _ in range(20_000)]

    assert len(set(numbers)) == len(numbers)
    assert {len(one) for one in numbers} == {20}


def test_messages_without_end_of_many_do_not_fill_the_memory(committed_scene: Scene) -> None:
    limits = Limits(open_bytes=100_000)
    with listening(Conduct(limits)) as port, line(port) as large, line(port) as small, line(port) as other:
        small.send_raw(hl7v2.frame(message())[:-2])
        large.send_raw(hl7v2.frame(message())[:-2] + b"Z" * 90_000)
        time.sleep(0.2)
        other.send_raw(hl7v2.frame(message(control_id="M2"))[:-2] + b"Z" * 20_000)
        refused = large.answer()
        small.send_raw(b"\x1c\r")
        taken = small.answer()

        assert refused is not None
        assert (refused.code, is_hung_up(large.socket)) == ("AE", True)
        assert taken is not None
        assert taken.code == "AA"
        other.send_raw(b"\x1c\r")
        assert other.answer() is not None
