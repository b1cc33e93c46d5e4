"""Several messages in one frame: each its own row in order, one frame back with a batch of acknowledgments."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.factories.exchange import GLU, OBR, PID, message
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.running import line, listening

from lienthong.exchange.listening.arrivals import receive_all
from lienthong.exchange.senders import Directory
from lienthong.interop.hl7v2 import Frame, split_batch
from lienthong.results.models import InboxMessage

NOON = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
KNOWN = Directory.of([("MEDLAB", "SX", "SX", "utf-8")])
BHS = b"BHS|^~\\&|MEDLAB|SX|LT|HD|20261120090000||||B77\r"
FHS = b"FHS|^~\\&|MEDLAB|SX|LT|HD|20261120090000||||F78\r"
ONE, TWO = message(control_id="1"), message(PID, OBR.replace("SX1", "SX2"), GLU, control_id="2")


def sent_and_answered(payload: bytes) -> list[str]:
    with listening() as port, line(port) as one:
        one.send(payload)
        answer = one.payload()
    assert answer is not None
    return answer.decode().split("\r")[:-1]


@pytest.mark.django_db(transaction=True)
def test_batch_is_kept_message_by_message_and_answered_as_a_batch(committed_scene: Scene) -> None:
    lines = sent_and_answered(BHS + ONE + TWO + b"BTS|2\r")

    rows = list(InboxMessage.objects.order_by("id").values_list("control_id", "lane", "state"))
    assert rows == [("1", "SX:SX1", "received"), ("2", "SX:SX2", "received")]
    assert [bytes(row.raw) for row in InboxMessage.objects.order_by("id")] == [ONE, TWO]
    head = lines[0].split("|")
    assert (head[0], head[2:6], head[11]) == ("BHS", ["LT", "HD", "MEDLAB", "SX"], "B77")
    assert [one for one in lines if one.startswith("MSA")] == ["MSA|AA|1", "MSA|AA|2"]
    assert lines[-1] == "BTS|2"


@pytest.mark.django_db(transaction=True)
def test_count_that_does_not_agree_is_told_and_nothing_is_lost(committed_scene: Scene) -> None:
    lines = sent_and_answered(BHS + ONE + TWO + b"BTS|3\r")

    assert list(InboxMessage.objects.values_list("state", flat=True)) == ["received", "received"]
    assert [one for one in lines if one.startswith("MSA")] == ["MSA|AA|1", "MSA|AA|2"]
    told = [one.split("|") for one in lines if one.startswith("ERR")]
    assert [(one[4], one[5]) for one in told] == [("W", "count")]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        pytest.param(ONE + TWO, ["MSH", "MSA", "MSH", "MSA"], id="plain run"),
        pytest.param(
            FHS + BHS + ONE + b"BTS|1\rFTS|1\r", ["FHS", "BHS", "MSH", "MSA", "BTS", "FTS"], id="file of one batch"
        ),
        pytest.param(
            BHS + ONE + message(facility="NOBODY") + b"BTS|2\r",
            ["BHS", "MSH", "MSA", "MSH", "MSA", "ERR", "BTS"],
            id="one refused, the other not",
        ),
        pytest.param(BHS + b"BTS|0\r", ["BHS", "BTS"], id="no message"),
        pytest.param(
            BHS + message(mode="NE") + ONE + b"BTS|2\r", ["BHS", "MSH", "MSA", "BTS"], id="one wants no answer"
        ),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_answer_has_the_form_of_what_was_sent(committed_scene: Scene, payload: bytes, expected: list[str]) -> None:
    lines = sent_and_answered(payload)

    assert [one[:3] for one in lines] == expected
    assert len(split_batch("\r".join(lines).encode())[0]) == expected.count("MSH")


def test_segments_outside_any_message_are_kept_with_the_whole_frame() -> None:
    payload = BHS + ONE + b"BTS|1\rZZZ|lost?\r"

    received = receive_all(Frame(payload), KNOWN, at=NOON)

    assert [one.state for one in received.arrivals] == ["received", "rejected"]
    assert received.arrivals[-1].raw == payload


def test_batch_without_messages_is_kept_as_refused() -> None:
    received = receive_all(Frame(BHS + b"BTS|0\r"), KNOWN, at=NOON)

    assert [(one.state, one.reason) for one in received.arrivals] == [("rejected", "empty-batch")]


@pytest.mark.parametrize(
    ("kind", "segments", "lane"),
    [
        pytest.param("ORU^R01^ORU_R01", (PID, OBR, GLU), "SX:SX1", id="results"),
        pytest.param("OUL^R22^OUL_R22", (PID, OBR, GLU), "SX:SX1", id="results by specimen"),
        pytest.param("OML^O21^OML_O21", (PID, "ORC|NW|PL1", "OBR|1|PL1"), "SX::ORC:PL1", id="order"),
        pytest.param("ORM^O01", (PID, "ORC|NW|PL1", "OBR|1|PL1"), "SX::ORC:PL1", id="old order"),
        pytest.param("ADT^A08^ADT_A01", ("EVN||20261120", PID), "SX::PID:P1", id="patient"),
        pytest.param("ADT^A40^ADT_A39", (PID, "MRG|P2^^^SX^MR"), "SX::PID:P1", id="merge, by who stays"),
        pytest.param("ADT^A31", ("PID|1|P9|",), "SX::PID:P9", id="number in PID-2"),
        pytest.param("ADT^A31", ("PID|1||7^^^N^NI~P3^^^SX^MR",), "SX::PID:P3", id="own number before the nation's"),
        pytest.param("ADT^A31", ("EVN||",), "SX::M1", id="no patient: the message alone"),
    ],
)
def test_kinds_that_are_taken_wait_in_the_lane_of_report_or_patient(
    kind: str, segments: tuple[str, ...], lane: str
) -> None:
    received = receive_all(Frame(message(*segments, kind=kind)), KNOWN, at=NOON)

    assert [(one.state, one.lane) for one in received.arrivals] == [("received", lane)]


@pytest.mark.parametrize("kind", ["ADT^A60", "ADT", "OUL^R21", "SIU^S12", "QBP^Q11", "MDM^T02"])
def test_kinds_that_nobody_acts_on_are_refused_and_kept(kind: str) -> None:
    received = receive_all(Frame(message(kind=kind)), KNOWN, at=NOON)

    assert [(one.code, one.arrival.reason) for one in received.receptions] == [("AR", "message-type")]


@pytest.mark.parametrize(
    "part", [b"MSH|^~\\&|\r", b"BHS|\r", b"\nMSH|^~\\&|MEDLAB|SX\r"], ids=["short", "batches", "known"]
)
def test_frame_of_more_messages_than_others_can_wait_for_is_refused_whole(part: bytes) -> None:
    frame = Frame(BHS + part * 5_001)

    received = receive_all(frame, KNOWN, at=NOON)

    [one] = received.receptions
    assert (one.arrival.state, one.arrival.reason, one.code) == ("rejected", "too-many", "AR")
    assert received.arrivals[0].raw == frame.payload
    assert len(receive_all(Frame(BHS + part * 4_990), KNOWN, at=NOON).arrivals) >= 1
