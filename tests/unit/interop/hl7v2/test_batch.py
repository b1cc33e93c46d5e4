"""Files and batches: what they hold, what is wrong with their envelopes, and the one answer to them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.interop.hl7v2 import Batch, batch_acknowledgement, decode, is_batch, read_batch, split_batch

AT = dt.datetime(2026, 11, 20, 9, tzinfo=dt.timezone(dt.timedelta(hours=7)))
FHS = r"FHS|^~\&|HIS|BV|LT|HD|20261120||ket-qua.hl7|note|F1"
BHS = r"BHS|^~\&|HIS|BV|LT|HD|20261120|||note|B1"


def msh(control_id: str) -> str:
    return rf"MSH|^~\&|HIS|BV|LT|HD|20261120||ADT^A04|{control_id}|P|2.5"


def ack(control_id: str) -> bytes:
    return rf"MSH|^~\&|LT|HD|HIS|BV|20261120||ACK|a{control_id}|P|2.5".encode() + f"\rMSA|AA|{control_id}\r".encode()


def lines(*segments: str, end: str = "\r") -> bytes:
    return "".join(segment + end for segment in segments).encode()


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_split_batch_file_in_utf_16_is_parted_as_text(codec: str) -> None:
    first, second = (
        f"MSH|^~\\&|LIS|BV|||20261120||ORU^R01|{number}|P|2.5.1||||||UNICODE UTF-16\rPID|1||P{number}||{name}\r"
        for number, name in ((1, "Nguyễn^Đào^Thị"), (2, "张^伟"))
    )

    messages, findings = split_batch((first + second).replace("\r", "\r\n").encode(codec))

    assert findings == ()
    assert [one.text for data in messages if (one := decode(data)[0])] == [first, second]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"], ids=["CR", "LF", "CR LF"])
def test_read_batch_file_of_two_batches_keeps_them_apart(end: str) -> None:
    second = BHS.replace("B1", "B2")
    sent = lines(FHS, BHS, msh("1"), "PID|1", msh("2"), "BTS|2", second, msh("3"), "BTS|1", "FTS|2", end=end)

    read = read_batch(sent)

    assert read.findings == ()
    assert read.header is not None
    assert (read.header.control_id, read.header.field(9)) == ("F1", "ket-qua.hl7")
    assert [batch.header.control_id if batch.header else None for batch in read.batches] == ["B1", "B2"]
    assert [batch.messages for batch in read.batches] == [
        (lines(msh("1"), "PID|1"), lines(msh("2"))),
        (lines(msh("3")),),
    ]


@pytest.mark.parametrize(
    ("segments", "code"),
    [
        pytest.param((BHS, msh("1"), "BTS|2"), "count", id="fewer messages than BTS-1"),
        pytest.param((FHS, BHS, msh("1"), "BTS|1", "FTS|2"), "count", id="fewer batches than FTS-1"),
        pytest.param((BHS, msh("1")), "trailer-missing", id="cut short"),
        pytest.param((msh("1"), "BTS|1"), "header-missing", id="BTS alone"),
        pytest.param((BHS, msh("1"), BHS, msh("2"), "BTS|1"), "header-repeated", id="BHS twice"),
        pytest.param((BHS, "PID|1", "BTS|0"), "outside-message", id="no MSH"),
    ],
)
def test_read_batch_faulty_envelope_is_told_and_messages_are_kept(segments: tuple[str, ...], code: str) -> None:
    read = read_batch(lines(*segments))

    assert [finding.code for finding in read.findings] == [code]
    assert len(read.messages) == sum(segment.startswith("MSH") for segment in segments)


def test_read_batch_line_feed_inside_a_field_is_text() -> None:
    sent = lines(msh("1"), "NTE|1||first\nsecond", "PID|1")

    assert read_batch(sent).batches == (Batch(None, (sent,)),)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (lines(BHS, msh("1"), "BTS|1"), True),
        (lines(FHS, "FTS|0"), True),
        (lines(msh("1"), msh("2")), True),
        (b"\xef\xbb\xbf" + lines(BHS), True),
        (lines(msh("1"), "NTE|1||MSH"), False),
        (b"", False),
    ],
    ids=["batch", "file", "run of messages", "byte order mark", "message", "nothing"],
)
def test_is_batch_tells_envelopes_and_runs_from_one_message(sent: bytes, expected: bool) -> None:
    assert is_batch(sent) is expected


def test_batch_acknowledgement_answers_a_batch_with_a_batch() -> None:
    received = read_batch(lines(BHS, msh("1"), msh("2"), "BTS|2"))

    answer = batch_acknowledgement(received, [ack("1"), ack("2")], control_id="A9", at=AT)

    head, tail = rb"BHS|^~\&|LT|HD|HIS|BV|20261120090000+0700||||A9|B1" + b"\r", b"BTS|2\r"
    assert answer == head + ack("1") + ack("2") + tail


def test_batch_acknowledgement_answers_a_file_batch_by_batch() -> None:
    received = read_batch(lines(FHS, BHS, msh("1"), "BTS|1", BHS.replace("B1", "B2"), msh("2"), "BTS|1", "FTS|2"))

    answer = batch_acknowledgement(received, [ack("1"), None], control_id="A9", at=AT)

    again = read_batch(answer)
    assert again.findings == ()
    assert again.header is not None
    assert (again.header.control_id, again.header.field(12)) == ("A9", "F1")
    assert [batch.header.fields[10:12] for batch in again.batches if batch.header] == [("A9.1", "B1"), ("A9.2", "B2")]
    assert [batch.messages for batch in again.batches] == [(ack("1"),), ()]


def test_batch_acknowledgement_tells_what_is_wrong_with_the_envelope() -> None:
    received = read_batch(lines(BHS, msh("1"), "BTS|7"))

    answer = batch_acknowledgement(received, [ack("1")], control_id="A9", at=AT)

    assert answer.endswith(b"BTS|1|line 3: BTS-1 does not agree with what the file holds, which is 1.\r")


def test_batch_acknowledgement_run_without_envelope_is_answered_without() -> None:
    received = read_batch(lines(msh("1"), msh("2")))

    assert batch_acknowledgement(received, [ack("1"), ack("2")], control_id="A9", at=AT) == ack("1") + ack("2")


def test_batch_acknowledgement_names_return_byte_by_byte() -> None:
    received = read_batch(lines(BHS.replace("|BV|", "|王|"), "BTS|0").replace("王".encode(), "王".encode("gbk")))

    answer = batch_acknowledgement(received, [], control_id="A9", at=AT)

    assert "|王|".encode("gbk") in answer


def test_batch_acknowledgement_missing_answer_raises() -> None:
    with pytest.raises(ValueError, match="one for each of 1 messages"):
        batch_acknowledgement(read_batch(lines(msh("1"))), [], control_id="A9", at=AT)


segments = st.sampled_from([FHS, BHS, msh("1"), "PID|1||7", "BTS|1", "FTS|1", "BTS", "x", "", "BHS", "FHS^"])


tails = st.binary(max_size=5).filter(lambda tail: b"MSH" not in tail)


@given(st.lists(segments, max_size=12), st.sampled_from(["\r", "\n", "\r\n"]), tails)
def test_read_batch_any_run_of_segments_loses_no_message(sent: list[str], end: str, tail: bytes) -> None:
    data = lines(*sent, end=end) + tail

    read = read_batch(data)
    answer = batch_acknowledgement(read, [ack("1") for _ in read.messages], control_id="A", at=AT)

    assert len(read.messages) == sum(segment.startswith("MSH") for segment in sent)
    assert split_batch(answer)[0] == tuple(ack("1") for _ in read.messages)


@given(st.binary(max_size=200))
def test_read_batch_arbitrary_bytes_never_raise(data: bytes) -> None:
    read = read_batch(data)

    batch_acknowledgement(read, [None for _ in read.messages], control_id="A", at=AT)
    assert is_batch(data) in (True, False)
