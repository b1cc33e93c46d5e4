"""What a listener makes of any bytes: never a crash, always an answer that the sender can read."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.factories.exchange import GLU, OBR, PID, message

from lienthong.exchange.listening.arrivals import answer, receive_frame
from lienthong.exchange.listening.client import read_answer
from lienthong.exchange.listening.conversation import NOT_KEPT
from lienthong.exchange.listening.lanes import lane_of
from lienthong.exchange.senders import Directory
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import Frame
from lienthong.results.intake.inbox import receive_parameters

NOON = dt.datetime(2026, 11, 20, 5, 0, tzinfo=dt.UTC)
KNOWN = Directory.of([("MEDLAB", "SX", "SX", "utf-8")])
MESSAGE = message(control_id="A7")


@settings(max_examples=150, deadline=None)
@given(
    start=st.integers(0, len(MESSAGE)),
    length=st.integers(0, 30),
    other=st.binary(max_size=30),
    fault=st.sampled_from(["", hl7v2.TRUNCATED, hl7v2.TOO_LARGE]),
)
@example(start=0, length=len(MESSAGE), other=b"", fault="")
@example(start=0, length=0, other=b"\x00", fault="")
@example(start=5, length=1, other=b"", fault="")
def test_any_change_of_a_message_is_kept_whole_and_answered(start: int, length: int, other: bytes, fault: str) -> None:
    changed = MESSAGE[:start] + other + MESSAGE[start + length :]

    reception = receive_frame(Frame(changed, fault), KNOWN, at=NOON)
    payload = answer(reception, control_id="L1", at=NOON)

    assert reception.arrival.raw == changed
    assert (reception.arrival.state == "received") is reception.is_accepted
    assert bool(reception.arrival.reason) is not reception.is_accepted
    parameters = receive_parameters([reception.arrival], at=NOON, actor="a", actor_label="b")
    assert all("\0" not in parameters[name][0] for name in ("sender", "lane", "control_id", "message_type"))
    if payload is not None:
        told = read_answer(payload)
        assert told.code in {"AA", "CA"} if reception.is_accepted else {"AE", "AR", "CE", "CR"}
        assert bool(told.errors) is not reception.is_accepted


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_kept_as_refused(data: bytes) -> None:
    reception = receive_frame(Frame(data), KNOWN, at=NOON)

    assert (reception.arrival.state, reception.arrival.raw) == ("rejected", data)
    assert answer(reception, control_id="L1", at=NOON)


def test_answer_says_when_nothing_could_be_stored() -> None:
    reception = receive_frame(Frame(MESSAGE), KNOWN, at=NOON)

    payload = answer(reception, control_id="L1", at=NOON, not_kept=NOT_KEPT)

    assert payload is not None
    assert (read_answer(payload).code, read_answer(payload).control_id) == ("AE", "A7")


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        pytest.param((PID, OBR, GLU), "SX:SX1", id="filler order number"),
        pytest.param((PID, OBR.replace("SX1", "SX1^LAB"), GLU), "SX:SX1", id="first component"),
        pytest.param((PID, "ORC|RE|PL7|F7", OBR.replace("|PL1|SX1|", "|||"), GLU), "SX:F7", id="of ORC"),
        pytest.param((PID, OBR.replace("|SX1|", "||"), GLU), "SX:PL1", id="placer's"),
        pytest.param((PID, OBR.replace("|PL1|SX1|", "|||"), GLU), "SX::M1", id="none: the message alone"),
        pytest.param((PID, OBR.replace("SX1", '""'), GLU), "SX:PL1", id="null is no number"),
    ],
)
def test_lane_is_source_and_report(segments: tuple[str, ...], expected: str) -> None:
    data = message(*segments)
    header = hl7v2.header(data)
    assert header is not None

    assert lane_of("SX", data.decode(), header) == expected


def test_sender_is_known_by_first_components() -> None:
    data = MESSAGE.replace(b"|MEDLAB|SX|", b"|MEDLAB^1.2.3^ISO|SX^4.5^ISO|")

    assert receive_frame(Frame(data), KNOWN, at=NOON).arrival.source == "SX"


def test_source_with_a_character_set_that_nobody_knows_is_read_as_utf_8() -> None:
    directory = Directory.of([("MEDLAB", "SX", "SX", "klingon")])

    assert receive_frame(Frame(message(charset="")), directory, at=NOON).is_accepted
