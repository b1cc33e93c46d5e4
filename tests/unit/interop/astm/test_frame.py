"""Frames of E1381: number, checksum, their place in a stream."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.interop.astm import Frame, checksum, cut, read_frame, write_frame
from lienthong.interop.astm._frame import Tokens

texts = st.binary(max_size=300).map(lambda data: bytes(byte for byte in data if byte >= 0x20) + b"\r")
frames = st.builds(Frame, number=st.integers(0, 7), text=texts, is_last=st.booleans())


def taken(tokens: Tokens, data: bytes) -> list[bytes]:
    tokens.feed(data)
    return list(iter(tokens.next, None))


def test_checksum_is_the_sum_from_number_to_end_of_text_modulo_256() -> None:
    body = b"1L|1|N\r\x03"  # 31 4C 7C 31 7C 4E 0D 03

    assert checksum(body) == b"04"
    assert write_frame(Frame(1, b"L|1|N\r", is_last=True)) == b"\x021L|1|N\r\x0304\r\n"


@given(frame=frames)
def test_frame_written_and_read_is_the_same(frame: Frame) -> None:
    assert read_frame(write_frame(frame)) == frame


@pytest.mark.parametrize("sign", [b"\x02", b"\x03", b"\x04", b"\x05", b"\x06", b"\n", b"\x15", b"\x17"], ids=bytes.hex)
def test_text_with_a_byte_of_the_line_is_not_framed(sign: bytes) -> None:
    with pytest.raises(ValueError, match="must not hold the bytes"):
        write_frame(Frame(1, b"C|1|I|" + sign, is_last=True))


@given(frame=frames, data=st.data())
def test_frame_with_any_one_bit_wrong_is_not_read(frame: Frame, data: st.DataObject) -> None:
    written = bytearray(write_frame(frame))
    place = data.draw(st.integers(0, len(written) - 1))
    bit = data.draw(st.integers(0, 7))
    digits = range(len(written) - 4, len(written) - 2)

    written[place] ^= 1 << bit

    read = read_frame(bytes(written))
    is_other_case = place in digits and bit == 5 and read == frame  # the digits A to F in small letters
    assert read is None or is_other_case


def test_records_are_cut_into_frames_of_240_signs_numbered_1_to_7_and_0() -> None:
    message = b"H|\\^&\r" + b"C|1|I|" + b"x" * 500 + b"\r" + b"R|1\r" * 6 + b"L|1|N\r"

    cut_frames = cut(message)

    assert [frame.number for frame in cut_frames] == [1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3]
    assert [len(frame.text) for frame in cut_frames[:4]] == [6, 240, 240, 27]
    assert [frame.is_last for frame in cut_frames[:4]] == [True, False, False, True]
    assert b"".join(frame.text for frame in cut_frames) == message


@given(whole=st.lists(frames, max_size=4), data=st.data())
def test_tokens_are_the_same_whatever_pieces_the_stream_comes_in(whole: list[Frame], data: st.DataObject) -> None:
    stream = b"\x05" + b"".join(b"~" + write_frame(frame) for frame in whole) + b"\x04"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    bounds = [0, *cuts, len(stream)]
    tokens = Tokens()

    found = [one for first, last in itertools.pairwise(bounds) for one in taken(tokens, stream[first:last])]

    assert found == [b"\x05", *(write_frame(frame) for frame in whole), b"\x04"]


def test_frame_without_end_is_kept_up_to_the_limit_only() -> None:
    tokens = Tokens(largest=1000)

    assert taken(tokens, b"\x021" + b"x" * 1_000_000) == []
    (spoilt,) = taken(tokens, b"\r\n")

    assert len(spoilt) == 1000
    assert read_frame(spoilt) is None
