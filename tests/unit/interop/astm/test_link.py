"""The link of E1381 by its table: transmission, faults of the line, contention, time limits."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.interop.astm.conversation import MESSAGE, Conversation

from lienthong.interop.astm import (
    ALLOWED_TRANSITIONS,
    BrokenOff,
    Complete,
    Delivered,
    Frame,
    Link,
    NotDelivered,
    Send,
    State,
    cut,
    write_frame,
)

ENQ, EOT, ACK, NAK = b"\x05", b"\x04", b"\x06", b"\x15"


def receiving(*, now: float = 0.0) -> Link:
    link = Link("host")
    assert link.feed(ENQ, now=now) == [Send(ACK)]
    return link


def sent_by(link: Link, data: bytes, *, now: float = 0.0) -> list[bytes]:
    return [one.data for one in link.feed(data, now=now) if isinstance(one, Send)]


def test_every_state_is_left_by_some_event_and_reached_by_some() -> None:
    assert {state for state, _event in ALLOWED_TRANSITIONS} == set(State)
    assert {state for state, _acts in ALLOWED_TRANSITIONS.values()} == set(State)


def test_message_goes_over_an_undisturbed_line() -> None:
    line = Conversation()

    line.send(MESSAGE)

    assert line.kept == [MESSAGE]
    assert line.told == [Delivered(MESSAGE)]
    assert (line.host.state, line.instrument.state) == (State.NEUTRAL, State.NEUTRAL)
    assert line.said[0] == ("instrument", ENQ)
    assert line.said[-1] == ("instrument", EOT)


def test_last_frame_is_answered_only_when_the_message_is_kept() -> None:
    link = receiving()
    *before, last = [write_frame(frame) for frame in cut(MESSAGE)]

    answers = [sent_by(link, data) for data in before]
    effects = link.feed(last, now=0.0)

    assert answers == [[ACK]] * len(before)
    assert effects == [Complete(MESSAGE)]
    assert link.keep(now=0.0) == [Send(ACK)]


def test_frame_of_a_message_that_was_not_kept_is_asked_for_again() -> None:
    line = Conversation(keeps=lambda number: number == 3)

    line.send(MESSAGE)

    assert line.kept == [MESSAGE]
    assert line.told == [Delivered(MESSAGE)]
    assert [data for side, data in line.said if side == "host"].count(NAK) == 2


def test_message_that_is_never_kept_is_given_up_after_six_refusals() -> None:
    line = Conversation(keeps=lambda _number: False)

    line.send(MESSAGE)

    assert line.told == [NotDelivered(MESSAGE, "refused")]
    assert line.handed_over == 6
    assert line.broken == [MESSAGE[: MESSAGE.rindex(b"L|")]]


@pytest.mark.parametrize(
    "frames",
    [
        [Frame(1, MESSAGE, is_last=True)],
        [Frame(1, MESSAGE[:100], is_last=False), Frame(2, MESSAGE[100:], is_last=True)],
        [Frame(1, MESSAGE[:-1], is_last=True)],
    ],
    ids=["one-long-frame", "cut-anywhere", "without-the-last-cr"],
)
def test_message_is_complete_however_a_device_cuts_it(frames: list[Frame]) -> None:
    link = receiving()

    *_, effect = [effect for frame in frames for effect in link.feed(write_frame(frame), now=0.0)]

    assert effect == Complete(MESSAGE)


def test_several_messages_in_one_transmission_are_handed_over_one_by_one() -> None:
    line = Conversation()

    line.send(MESSAGE + MESSAGE)

    assert line.kept == [MESSAGE, MESSAGE]
    assert line.handed_over == 2


def test_frame_that_comes_again_is_acknowledged_and_not_taken_twice() -> None:
    link = receiving()
    first, *others = [write_frame(frame) for frame in cut(MESSAGE)]

    assert [sent_by(link, first) for _ in range(3)] == [[ACK]] * 3
    *_, effect = [effect for data in others for effect in link.feed(data, now=0.0)]

    assert effect == Complete(MESSAGE)


def test_last_frame_that_comes_again_after_it_was_kept_is_not_handed_over_twice() -> None:
    link = receiving()
    for data in (write_frame(frame) for frame in cut(MESSAGE)):
        link.feed(data, now=0.0)
    link.keep(now=0.0)

    assert link.feed(write_frame(cut(MESSAGE)[-1]), now=0.0) == [Send(ACK)]


def test_frame_after_a_lost_one_is_refused() -> None:
    link = receiving()
    first, _lost, third, *_ = [write_frame(frame) for frame in cut(MESSAGE)]

    assert sent_by(link, first) == [ACK]
    assert sent_by(link, third) == [NAK]


@given(data=st.data())
def test_frame_with_one_bit_wrong_is_refused_and_the_message_still_comes(data: st.DataObject) -> None:
    frames = [write_frame(frame) for frame in cut(MESSAGE)]
    spoilt = data.draw(st.integers(0, len(frames) - 1))
    place = data.draw(st.integers(1, len(frames[spoilt]) - 2))  # STX and LF part frames: without them none is seen
    bit = data.draw(st.integers(0, 7))
    disturbed: list[bytes] = []

    def wire(side: str, sent: bytes) -> bytes:
        if side == "instrument" and sent == frames[spoilt] and not disturbed:
            disturbed.append(sent)
            return sent[:place] + bytes([sent[place] ^ (1 << bit)]) + sent[place + 1 :]
        return sent

    line = Conversation(wire)
    line.send(MESSAGE)

    refusals = [data for side, data in line.said if side == "host"].count(NAK)
    is_small_letter = bit == 5 and frames[spoilt][place : place + 1] in b"ABCDEF" and place >= len(frames[spoilt]) - 4
    assert refusals == (0 if is_small_letter else 1)
    assert line.kept == [MESSAGE]
    assert line.told == [Delivered(MESSAGE)]


@settings(deadline=None)
@given(fate=st.lists(st.sampled_from(["pass", "pass", "pass", "lose", "spoil"]), max_size=60))
def test_message_is_kept_once_or_the_sender_knows_that_it_is_not_delivered(fate: list[str]) -> None:
    fates = itertools.chain(fate, itertools.repeat("pass"))

    def wire(_side: str, sent: bytes) -> bytes:
        what = next(fates)
        if what == "lose":
            return b""
        return sent[:3] + b"?" + sent[4:] if what == "spoil" and len(sent) > 6 else sent

    line = Conversation(wire)
    line.send(MESSAGE)

    assert len(line.told) == 1
    assert line.kept in ([], [MESSAGE])
    assert line.kept or isinstance(line.told[0], NotDelivered)


@given(stream=st.lists(st.sampled_from([ENQ, EOT, ACK, NAK, b"\x02", b"\n", b"x", MESSAGE, b"\x021L|1\r\x03"])))
def test_any_bytes_leave_the_link_usable(stream: list[bytes]) -> None:
    link = Link("host")

    for data in stream:
        if any(isinstance(effect, Complete) for effect in link.feed(data, now=0.0)):
            link.keep(now=0.0)
    link.pass_time(now=100.0)
    link.pass_time(now=200.0)

    assert link.feed(ENQ, now=200.0) == [Send(ACK)]


def test_cut_off_frame_is_forgotten_after_thirty_seconds() -> None:
    link = receiving()
    link.feed(write_frame(cut(MESSAGE)[0]), now=1.0)
    link.feed(b"\x022P|1", now=5.0)

    assert link.deadline == 31.0
    assert link.pass_time(now=31.0) == [BrokenOff(cut(MESSAGE)[0].text)]
    assert link.feed(ENQ, now=32.0) == [Send(ACK)]


@pytest.mark.parametrize("ending", [EOT, ENQ], ids=["eot", "enq"])
def test_message_without_its_end_is_told_as_broken_off(ending: bytes) -> None:
    link = receiving()
    link.feed(write_frame(cut(MESSAGE)[0]), now=0.0)

    assert link.feed(ending, now=0.0)[0] == BrokenOff(cut(MESSAGE)[0].text)


def test_connection_that_ends_in_the_middle_tells_what_came_and_what_was_not_delivered() -> None:
    link = receiving()
    link.feed(write_frame(cut(MESSAGE)[0]), now=0.0)
    link.send(MESSAGE, now=0.0)

    assert link.close() == [BrokenOff(cut(MESSAGE)[0].text), NotDelivered(MESSAGE, "no-answer")]


def test_where_both_call_the_instrument_goes_first_and_the_host_after_it() -> None:
    line = Conversation()
    from_host = line.host.send(MESSAGE, now=0.0)
    from_instrument = line.instrument.send(MESSAGE, now=0.0)

    assert from_host == from_instrument == [Send(ENQ)]
    assert line.host.feed(ENQ, now=0.0) == line.instrument.feed(ENQ, now=0.0) == []
    assert (line.host.deadline, line.instrument.deadline) == (20.0, 1.0)
    line.keeps = lambda _number: True
    line.follow("instrument", [])

    assert line.kept == [MESSAGE, MESSAGE]
    assert line.told == [Delivered(MESSAGE), Delivered(MESSAGE)]
    callers = [side for side, data in line.said if data == ENQ]
    assert callers == ["instrument", "host"]


def test_busy_receiver_is_called_six_times_ten_seconds_apart() -> None:
    link = Link("instrument")
    link.send(MESSAGE, now=0.0)

    for attempt in range(5):
        assert link.feed(NAK, now=attempt * 10.0) == []
        assert link.deadline == attempt * 10.0 + 10.0
        assert link.pass_time(now=attempt * 10.0 + 10.0) == [Send(ENQ)]

    assert link.feed(NAK, now=50.0) == [Send(EOT), NotDelivered(MESSAGE, "refused")]


def test_sender_gives_up_when_no_answer_comes_in_fifteen_seconds() -> None:
    link = Link("instrument")
    link.send(MESSAGE, now=0.0)

    assert link.pass_time(now=14.9) == []
    assert link.pass_time(now=15.0) == [Send(EOT), NotDelivered(MESSAGE, "no-answer")]


def test_eot_in_place_of_ack_does_not_lose_the_message() -> None:
    link = Link("instrument")
    link.send(MESSAGE, now=0.0)
    first, *others = [write_frame(frame) for frame in cut(MESSAGE)]

    assert link.feed(ACK, now=0.0) == [Send(first)]
    assert link.feed(EOT, now=0.0) == [Send(others[0])]


def test_what_comes_while_a_message_is_decided_on_is_read_afterwards() -> None:
    link = receiving()
    for data in (write_frame(frame) for frame in cut(MESSAGE)):
        link.feed(data, now=0.0)

    assert link.feed(EOT + ENQ, now=0.0) == []
    assert link.keep(now=0.0) == [Send(ACK), Send(ACK)]
    assert link.state is State.RECEIVING


def test_message_with_a_byte_of_the_line_is_not_sent() -> None:
    with pytest.raises(ValueError, match="must not hold the bytes"):
        Link("instrument").send(b"C|1|\x02\r", now=0.0)


def test_message_without_end_does_not_grow_beyond_the_largest() -> None:
    link = receiving()
    text = b"C|1|I|" + b"x" * 60_000 + b"\r"

    answers = [sent_by(link, write_frame(Frame((place + 1) % 8, text, is_last=True))) for place in range(80)]

    assert answers[0] == [ACK]
    assert answers[-1] == [NAK]
    (told,) = link.feed(EOT, now=0.0)
    assert isinstance(told, BrokenOff)
    assert len(told.text) <= 4 * 1024 * 1024
