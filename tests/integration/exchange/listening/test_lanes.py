"""Which messages keep their order: those about one report, and those about one patient record."""

from __future__ import annotations

import pytest
from tests.factories.exchange import GLU, OBR, PID, message

from lienthong.exchange.listening.lanes import lane_of
from lienthong.interop import hl7v2

ADT = {"kind": "ADT^A08^ADT_A01"}


@pytest.mark.parametrize(
    ("segments", "header", "lane"),
    [
        pytest.param((PID, OBR, GLU), {}, "SX:SX1", id="filler"),
        pytest.param((PID, OBR.replace("|SX1|", "|SX1^LIS|"), GLU), {}, "SX:SX1", id="filler with its system"),
        pytest.param((PID, "ORC|RE|PL1|SX7", OBR.replace("|SX1|", "||"), GLU), {}, "SX:SX7", id="ORC-3"),
        pytest.param((PID, OBR.replace("|SX1|", "||"), GLU), {}, "SX:PL1", id="placer"),
        pytest.param((PID, OBR.replace("|PL1|SX1|", '|""|""|'), GLU), {}, "SX::M1", id="null"),
        pytest.param((PID, "OBR|1"), {}, "SX::M1", id="short segment"),
        pytest.param((PID,), {}, "SX::M1", id="no order"),
        pytest.param((PID,), ADT, "SX::PID:P1", id="ADT"),
        pytest.param(("EVN|A08", "PID|1|P9|"), ADT, "SX::PID:P9", id="ADT with PID-2"),
        pytest.param(("EVN|A08",), ADT, "SX::M1", id="ADT of nobody"),
    ],
)
@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"], ids=["CR", "LF", "CRLF"])
def test_lane_is_named_by_what_the_message_is_about(
    segments: tuple[str, ...], header: dict[str, str], lane: str, end: str
) -> None:
    text = message(*segments, **header).decode().replace("\r", end)
    read = hl7v2.header(text.encode())

    assert read is not None
    assert lane_of("SX", text, read) == lane
