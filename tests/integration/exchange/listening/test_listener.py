"""The listener over real sockets: what it answers, what it keeps, and that the answer comes after commit."""

from __future__ import annotations

import time

import psycopg
import pytest
from django.utils import timezone
from tests.factories.exchange import GLU, OBR, PID, SourceFactory, message
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.running import HOST, line, listening

from lienthong.core.models import AuditEvent
from lienthong.exchange.listening.arrivals import answer as answer_to
from lienthong.exchange.listening.arrivals import receive_frame
from lienthong.exchange.listening.client import NoAnswer, send_messages
from lienthong.exchange.listening.conversation import NOT_KEPT
from lienthong.exchange.listening.listener import conninfo
from lienthong.exchange.senders import Directory
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import Frame
from lienthong.results.models import InboxMessage

END_LISTENERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'lienthong-listener'
"""

pytestmark = pytest.mark.django_db(transaction=True)


def kept() -> list[tuple[str, str, str]]:
    return list(InboxMessage.objects.order_by("id").values_list("state", "reason", "control_id"))


def wait_until_kept(count: int) -> None:
    deadline = time.monotonic() + 10
    while InboxMessage.objects.count() < count and time.monotonic() < deadline:
        time.sleep(0.02)


def test_message_is_kept_as_sent_and_answered_with_its_control_id(committed_scene: Scene) -> None:
    with listening() as port, line(port) as one:
        one.send(message(control_id="A7"))
        answer = one.answer()

    assert answer is not None
    assert (answer.code, answer.control_id) == ("AA", "A7")
    row = InboxMessage.objects.get()
    assert bytes(row.raw) == message(control_id="A7")
    assert (row.source, row.lane, row.message_type, row.state) == ("SX", "SX:SX1", "ORU^R01", "received")
    assert AuditEvent.objects.filter(action="receive").count() == 1


def test_answer_comes_after_commit(committed_scene: Scene) -> None:
    with listening() as port, psycopg.connect(conninfo()) as blocker, line(port) as one:
        blocker.execute("LOCK TABLE results_inbox IN ACCESS EXCLUSIVE MODE")
        one.send(message())

        assert one.answer(seconds=0.4) is None

        blocker.rollback()
        answer = one.answer()
        assert answer is not None
        assert answer.code == "AA"
        assert len(kept()) == 1


def test_messages_on_many_connections_share_commits(committed_scene: Scene) -> None:
    messages = [message(PID, OBR.replace("SX1", f"N{n}"), GLU, control_id=f"M{n}") for n in range(200)]
    seen: list[int] = []

    with listening() as port:
        sent = send_messages(messages, HOST, port, connections=40, on_progress=seen.append)

    assert sent.by_code == {"AA": 200}
    assert [answer.control_id for answer in sent.answers] == [f"M{n}" for n in range(200)]
    assert (len(kept()), sum(seen)) == (200, 200)
    assert AuditEvent.objects.filter(action="receive").count() < 200


def test_messages_sent_without_waiting_are_answered_in_order(committed_scene: Scene) -> None:
    with listening() as port, line(port) as one:
        one.send_raw(b"".join(hl7v2.frame(message(control_id=f"M{n}")) for n in range(5)))
        answers = []
        while len(answers) < 5:
            data = one.socket.recv(65536)
            answers += one.frames.feed(data)

    controls = [parsed.get("MSA-2") for answer in answers if (parsed := hl7v2.parse(answer.payload)[0])]
    assert controls == [f"M{n}" for n in range(5)]
    assert [row[2] for row in kept()] == controls


@pytest.mark.parametrize(
    ("payload", "code", "reason"),
    [
        pytest.param(message(facility="NOBODY"), "AE", "unknown-sender", id="unknown sender"),
        pytest.param(message(kind="ADT^A60"), "AR", "message-type", id="no results"),
        pytest.param(message().replace("ễ".encode(), b"\xff\xfe"), "AE", "charset", id="mis-encoded"),
        pytest.param(message(charset="KLINGON"), "AE", "charset", id="unknown character set"),
        pytest.param(b"\x00\x01\x02 not a message", "AR", "unreadable", id="no MSH"),
        pytest.param(b"", "AR", "unreadable", id="nothing"),
    ],
)
def test_what_can_not_be_taken_is_kept_and_the_sender_told_why(
    committed_scene: Scene, payload: bytes, code: str, reason: str
) -> None:
    with listening() as port, line(port) as one:
        one.send(payload)
        raw = one.payload()

    assert raw is not None
    answer, _ = hl7v2.parse(raw)
    assert answer is not None
    assert answer.get("MSA-1") == code
    assert answer.all("ERR")
    row = InboxMessage.objects.get()
    assert (row.state, row.reason, bytes(row.raw)) == ("rejected", reason, payload)


def test_frame_cut_off_by_hanging_up_is_kept_as_truncated(committed_scene: Scene) -> None:
    with listening() as port:
        with line(port) as one:
            one.send_raw(hl7v2.frame(message())[:-40])
        wait_until_kept(1)

    assert kept() == [("rejected", "truncated", "M1")]


def test_frame_cut_off_by_the_next_one_is_kept_and_the_next_is_taken(committed_scene: Scene) -> None:
    with listening() as port, line(port) as one:
        one.send_raw(hl7v2.frame(message())[:-40] + hl7v2.frame(message(control_id="M2")))
        answers = [one.answer()]
        if len(kept()) < 2 or not one.frames:
            answers.append(one.answer(seconds=2))

    assert kept() == [("rejected", "truncated", "M1"), ("received", "", "M2")]
    assert answers[0] is not None


@pytest.mark.parametrize(
    ("mode", "payload_changes", "expected"),
    [
        pytest.param("AL", {}, "CA", id="always, good"),
        pytest.param("AL", {"kind": "ADT^A60"}, "CR", id="always, refused"),
        pytest.param("ER", {}, None, id="errors only, good"),
        pytest.param("ER", {"kind": "ADT^A60"}, "CR", id="errors only, refused"),
        pytest.param("NE", {}, None, id="never"),
    ],
)
def test_enhanced_mode_is_answered_as_msh_15_asks(
    committed_scene: Scene, mode: str, payload_changes: dict[str, str], expected: str | None
) -> None:
    with listening() as port, line(port) as one:
        one.send(message(mode=mode, **payload_changes))
        answer = one.answer(seconds=0.5 if expected is None else 10)
        wait_until_kept(1)

    assert (answer.code if answer else None) == expected
    assert InboxMessage.objects.count() == 1


ACK = b"MSH|^~\\&|MEDLAB|SX|LIENTHONG|LT|20261120080000||%s|K%d|P|2.5.1%s\rMSA|AA|L1\r"


@pytest.mark.parametrize(
    ("kind", "mode", "facility"),
    [
        pytest.param("ACK^R01^ACK", "", "SX", id="of a known sender"),
        pytest.param("ACK", "", "NOBODY", id="of an unknown one"),
        pytest.param("ACK^R01^ACK", "|||AL|AL", "SX", id="that asks for an answer"),
        pytest.param("ORR^O02^ORR_O02", "", "SX", id="of another kind with MSA"),
    ],
)
def test_acknowledgment_is_kept_and_never_answered(
    committed_scene: Scene, caplog: pytest.LogCaptureFixture, kind: str, mode: str, facility: str
) -> None:
    """Two systems that answered each other's answers would go on for ever."""
    echoes = [(ACK % (kind.encode(), n, mode.encode())).replace(b"|SX|", f"|{facility}|".encode()) for n in range(2)]

    with listening() as port, line(port) as one:
        one.send(echoes[0])
        one.send(echoes[1])
        one.send(message())
        answer = one.answer()
        wait_until_kept(3)

    assert answer is not None
    assert (answer.code, answer.control_id) == ("AA", "M1")
    assert kept() == [
        ("rejected", "acknowledgment", "K0"),
        ("rejected", "acknowledgment", "K1"),
        ("received", "", "M1"),
    ]
    assert [row.source for row in InboxMessage.objects.filter(reason="acknowledgment")] == [
        facility * (facility == "SX")
    ] * 2
    assert caplog.text.count("sends acknowledgments here") == 1


def test_acknowledgments_in_a_batch_are_not_answered_and_the_message_beside_them_is(committed_scene: Scene) -> None:
    echo = ACK % (b"ACK^R01^ACK", 1, b"")

    with listening() as port, line(port) as one:
        one.send(b"BHS|^~\\&|MEDLAB|SX\r" + echo + b"BTS|1\r")
        one.send(b"BHS|^~\\&|MEDLAB|SX\r" + echo + message() + b"\rBTS|2\r")
        raw = one.payload()

    assert raw is not None
    assert (raw.count(b"\rMSA|"), b"MSA|AA|M1" in raw) == (1, True)


def test_acknowledgment_that_can_not_be_stored_is_not_answered_either() -> None:
    """While the database is away, `not-stored` would be an answer as well."""
    reception = receive_frame(Frame(ACK % (b"ACK", 1, b"")), Directory({}), at=timezone.now())

    assert answer_to(reception, control_id="L1", at=timezone.now(), not_kept=NOT_KEPT) is None


def test_result_with_a_stray_msa_is_a_result(committed_scene: Scene) -> None:
    with listening() as port, line(port) as one:
        one.send(message().replace(b"\rPID|", b"\rMSA|AA|X\rPID|"))
        answer = one.answer()

    assert answer is not None
    assert answer.code == "AA"


def test_client_does_not_wait_for_the_answer_to_an_acknowledgment(committed_scene: Scene) -> None:
    with listening() as port:
        sent = send_messages([ACK % (b"ACK", 1, b""), message()], HOST, port, timeout_seconds=5)
        wait_until_kept(2)

    assert [one.code for one in sent.answers] == ["", "AA"]


def test_source_registered_while_listening_is_known_at_once(committed_scene: Scene) -> None:
    with listening() as port, line(port) as one:
        one.send(message(facility="NEW"))
        before = one.answer()
        SourceFactory(code="NEW")
        one.send(message(facility="NEW", control_id="M2"))
        after = one.answer()

    assert before is not None
    assert after is not None
    assert (before.code, after.code) == ("AE", "AA")


def test_lost_connection_to_the_database_is_made_anew(committed_scene: Scene) -> None:
    with listening() as port, line(port) as one:
        one.send(message())
        one.answer()
        with psycopg.connect(conninfo(), autocommit=True, application_name="test") as killer:
            killer.execute(END_LISTENERS)
        one.send(message(control_id="M2"))
        answer = one.answer()

    assert answer is not None
    assert (answer.code, answer.control_id) == ("AA", "M2")
    assert {row[2] for row in kept()} == {"M1", "M2"}


def test_client_says_that_nobody_listens() -> None:
    with pytest.raises(NoAnswer, match="does not listen"):
        send_messages([message()], HOST, 1)


def test_client_keeps_messages_of_one_report_in_order(committed_scene: Scene) -> None:
    messages = [message(PID, OBR.replace("SX1", f"N{n % 3}"), GLU, control_id=f"M{n}") for n in range(30)]

    with listening() as port:
        send_messages(messages, HOST, port, connections=8)

    for number in range(3):
        rows = InboxMessage.objects.filter(lane=f"SX:N{number}").order_by("id").values_list("control_id", flat=True)
        assert list(rows) == [f"M{n}" for n in range(30) if n % 3 == number]
