from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.findings import Finding
from lienthong.interop.hl7v2 import Acknowledgment, Header, acknowledge, header, parse

AT = datetime(2026, 10, 1, 8, 0, 5, tzinfo=timezone(timedelta(hours=7)))
FINDING = Finding("OBX(3)-5[2].1", "number", "OBX(3)-5 is not a number.")


def sender(version: str = "2.5.1", delimiters: str = "|^~\\&", tail: str = "||||||UNICODE UTF-8") -> Header:
    text = f"MSH{delimiters}|LIS^1.2^ISO|BVDK|LT|SYT|20261001||ORU^R01^ORU_R01|A\\T\\42|P|{version}{tail}\r"
    found = header(text.encode())
    assert found is not None
    return found


@pytest.mark.parametrize("code", ["AA", "AE", "AR", "CA", "CE", "CR"])
def test_acknowledge_swaps_sender_and_receiver_and_returns_the_control_id(code: Acknowledgment) -> None:
    answer = acknowledge(sender(), code=code, control_id="LT1", at=AT)

    assert answer == (
        b"MSH|^~\\&|LT|SYT|LIS^1.2^ISO|BVDK|20261001080005+0700||ACK^R01^ACK|LT1|P|2.5.1||||||UNICODE UTF-8\r"
        b"MSA|" + code.encode() + b"|A\\T\\42\r"
    )


def test_acknowledge_findings_become_err_with_location_and_condition() -> None:
    message, findings = parse(acknowledge(sender(), code="AE", findings=[FINDING], control_id="LT1", at=AT))
    assert message is not None

    assert findings == ()
    assert [message.get(f"ERR-2.{n}") for n in range(1, 6)] == ["OBX", "3", "5", "2", "1"]
    assert (message.get("ERR-3"), message.get("ERR-4"), message.get("ERR-5")) == ("102", "E", "number")
    assert message.get("ERR-8") == FINDING.message


def test_acknowledge_before_version_2_5_uses_the_old_location() -> None:
    message, _ = parse(acknowledge(sender("2.3.1"), code="AE", findings=[FINDING], control_id="LT1", at=AT))
    assert message is not None

    assert [message.get(f"ERR-1.{n}") for n in range(1, 5)] == ["OBX", "3", "5", "102"]


def test_acknowledge_place_that_is_no_segment_has_no_location() -> None:
    finding = Finding("line 7", "segment-name", "Line 7 is not a segment.")
    message, _ = parse(acknowledge(sender(), code="AR", findings=[finding], control_id="LT1", at=AT))
    assert message is not None

    assert (message.get("ERR-2"), message.get("ERR-3"), message.get("ERR-7")) == ("", "100", "line 7")


def test_acknowledge_unreadable_message_has_no_control_id() -> None:
    message, findings = parse(acknowledge(None, code="AR", control_id="LT1", at=AT))
    assert message is not None

    assert findings == ()
    assert (message.get("MSA-1"), message.get("MSA-2"), message.get("MSH-12")) == ("AR", "", "2.5.1")


def test_acknowledge_without_escape_character_stays_readable() -> None:
    about = header(b"MSH|^~&|Q3|Zybio|||20181030||ORU^R01|2018\\1|Q|2.3.1||||||UNICODE\r")
    assert about is not None

    message, findings = parse(acknowledge(about, code="AE", findings=[FINDING], control_id="LT1", at=AT))

    assert findings == ()
    assert message is not None
    assert message.get("MSA-2") == "2018\\1"


def test_acknowledge_naive_time_raises() -> None:
    with pytest.raises(ValueError, match="must have a zone"):
        acknowledge(sender(), code="AA", control_id="LT1", at=AT.replace(tzinfo=None))


@given(st.binary(max_size=120), st.sampled_from([b"", b"MSH|^~\\&|", b"MSH|^~&|A|B|C|D|1||ORU^R01|"]))
def test_acknowledge_any_bytes_can_be_answered(data: bytes, start: bytes) -> None:
    about = header(start + data)

    answer = acknowledge(about, code="AE", findings=[FINDING], control_id="1", at=AT.astimezone(UTC))

    found = header(answer)
    assert found is not None
    assert found.message_code == "ACK"
