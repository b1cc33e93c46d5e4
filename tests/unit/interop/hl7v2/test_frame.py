from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.interop.hl7v2 import TOO_LARGE, TRUNCATED, Frame, Frames, frame

payloads = st.binary(max_size=40).map(lambda data: data.replace(b"\x0b", b"").replace(b"\x1c", b""))


def test_frame_payload_stands_between_the_blocks() -> None:
    assert frame(b"MSH|") == b"\x0bMSH|\x1c\r"


@pytest.mark.parametrize("payload", [b"a\x0bb", b"a\x1c"], ids=["start", "end"])
def test_frame_payload_with_a_block_byte_raises(payload: bytes) -> None:
    with pytest.raises(ValueError, match="0B and 1C"):
        frame(payload)


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"\x0bA\x1c\r", [Frame(b"A")]),
        (b"\x0bA\x1c\r\x0bB\x1c\r", [Frame(b"A"), Frame(b"B")]),
        (b"\r\n\x0bA\x1c\r\r\n  \x0bB\x1c\r\n", [Frame(b"A"), Frame(b"B")]),
        (b"\x0bA\x1c\x0bB\x1c", [Frame(b"A"), Frame(b"B")]),
        (b"\x0bA\x0bB\x1c\r", [Frame(b"A", TRUNCATED), Frame(b"B")]),
        (b"\x0bA", [Frame(b"A", TRUNCATED)]),
        (b"\x0b", [Frame(b"", TRUNCATED)]),
        (b"GET / HTTP/1.1\r\n", []),
        (b"A\x1c\r", []),
        (b"\x0b123456789\x1c\r\x0bB\x1c\r", [Frame(b"12345678", TOO_LARGE), Frame(b"B")]),
    ],
    ids=[
        "one",
        "two",
        "bytes between",
        "no carriage return",
        "end block missing",
        "connection cut",
        "cut after the start",
        "not MLLP",
        "start block missing",
        "too large",
    ],
)
def test_frames_stream_gives_messages_and_faults(stream: bytes, expected: list[Frame]) -> None:
    frames = Frames(maximum=8)

    found = frames.feed(stream) + frames.close()

    assert found == expected


def test_frames_bytes_between_frames_are_counted() -> None:
    frames = Frames()

    frames.feed(b"abc\x0bA\x1c\r\nde")

    assert frames.stray == 5


def test_frames_maximum_below_one_raises() -> None:
    with pytest.raises(ValueError, match="maximum must be at least 1"):
        Frames(maximum=0)


@given(st.lists(payloads, max_size=5), st.lists(st.integers(1, 30), max_size=20))
def test_frames_any_cut_of_the_stream_gives_the_same_messages(messages: list[bytes], sizes: list[int]) -> None:
    stream = b"".join(frame(message) for message in messages)
    frames, found = Frames(), []

    for size in [*sizes, len(stream)]:
        found += frames.feed(stream[:size])
        stream = stream[size:]

    assert [one.payload for one in found if one.is_complete] == messages
    assert frames.feed(stream) + frames.close() == []


@given(st.binary(max_size=200), st.integers(0, 200))
def test_frames_arbitrary_bytes_do_not_depend_on_the_cut(stream: bytes, cut: int) -> None:
    whole, pieces = Frames(maximum=20), Frames(maximum=20)

    assert whole.feed(stream) + whole.close() == pieces.feed(stream[:cut]) + pieces.feed(stream[cut:]) + pieces.close()
