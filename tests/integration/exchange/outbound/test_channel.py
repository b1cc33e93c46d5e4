"""HL7 v2 over real sockets: what each answer leads to, TLS, and what may be read by whom."""

from __future__ import annotations

import random
import ssl
from pathlib import Path

import pytest
from tests.factories.results import result_draft
from tests.integration.exchange.outbound.receiver import HOST, acknowledging, receiving
from tests.integration.exchange.outbound.scene import Clock, Scene, row, states, work
from tests.integration.exchange.own_certificates import Authority

from lienthong.core.models import AuditEvent
from lienthong.exchange.listening.certificates import TlsFiles, server_context
from lienthong.exchange.outbound.hl7v2.channel import Hl7Channel
from lienthong.exchange.outbound.labels import dispatch_of
from lienthong.exchange.outbound.models import Dispatch
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import frame
from lienthong.results.models import OrderVersion

pytestmark = pytest.mark.django_db


def test_receiver_gets_the_reports_in_order_on_one_connection(orders: Scene) -> None:
    with receiving() as receiver:
        outlet = orders.outlet(receiver.port)
        for n in range(5):
            orders.report(f"EX{n}")
        work(outlet)

    assert receiver.numbers() == [f"EX{n}" for n in range(5)]
    assert receiver.connections == 1
    assert states(outlet) == ["delivered"] * 5


def test_correction_follows_its_original_with_status_c_and_withdrawal_with_x(orders: Scene) -> None:
    with receiving() as receiver:
        outlet = orders.outlet(receiver.port)
        orders.report("EX1")
        work(outlet)
        orders.corrected("EX1")
        work(outlet)
        orders.report("EX1", result_draft(orders.glucose.pk, status="withdrawn", amends=True), status="withdrawn")
        work(outlet)

    assert receiver.statuses() == ["F", "C", "X"]
    assert len(set(receiver.control_ids())) == 3


@pytest.mark.parametrize("code", ["AA", "CA"])
def test_acceptance_in_either_mode_delivers(orders: Scene, code: str) -> None:
    with receiving(acknowledging(code)) as receiver:  # type: ignore[arg-type]  # a code of table 0008
        outlet = orders.outlet(receiver.port)
        orders.report("EX1")
        work(outlet)

    assert states(outlet) == ["delivered"]


@pytest.mark.parametrize("code", ["AE", "AR", "CR"])
def test_refusal_keeps_one_and_lets_the_next_go(orders: Scene, code: str) -> None:
    refuse, accept = acknowledging(code), acknowledging("AA")  # type: ignore[arg-type]  # a code of table 0008
    with receiving(lambda payload: refuse(payload) if b"|EX1^" in payload else accept(payload)) as receiver:
        outlet = orders.outlet(receiver.port)
        orders.report("EX1")
        orders.report("EX2")
        work(outlet)

    assert states(outlet) == ["waiting", "delivered"]
    assert Dispatch.objects.get(state="waiting").last_error_code == code


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (acknowledging("CE"), "CE"),
        (acknowledging("AA", control_id="OTHER"), "wrong-control-id"),
        (lambda _payload: b"HTTP/1.1 400 Bad Request\r\n\r\n", "garbage"),
        (lambda _payload: frame(b"MSH|^~\\&|no|answer\r"), "garbage"),
        (lambda _payload: frame(b"what?"), "garbage"),
        (lambda _payload: None, "hung-up"),
        (lambda _payload: b"", "no-answer"),
        (lambda payload: acknowledging("AA")(payload).replace(b"|AA|", b"|OK|"), "unknown-answer"),  # type: ignore[union-attr]
    ],
    ids=["CE", "another id", "no frame", "no MSA", "no message", "hangs up", "keeps silent", "unknown code"],
)
def test_what_is_no_answer_lets_the_outlet_wait_and_the_same_message_comes_again(
    orders: Scene, clock: Clock, answer: object, code: str
) -> None:
    with receiving(answer) as receiver:  # type: ignore[arg-type]  # what answers
        outlet = orders.outlet(receiver.port, answer_seconds=1)
        orders.report("EX1")
        orders.report("EX2")
        work(outlet, clock=clock)
        fault = row(outlet).last_error_code
        receiver.answer = acknowledging("AA")
        clock.forward(minutes=1)
        work(outlet, clock=clock)

    assert fault == code
    assert receiver.numbers() == ["EX1", "EX1", "EX2"]
    assert receiver.control_ids()[0] == receiver.control_ids()[1]
    assert states(outlet) == ["delivered", "delivered"]


def test_correction_reaches_a_receiver_that_leaves_out_what_it_has_had(orders: Scene, clock: Clock) -> None:
    """The answer to the original is lost; what comes again is the correction, which the receiver must not have had."""
    filed: dict[str, str] = {}

    def file_once(payload: bytes) -> None:
        header, message = hl7v2.header(payload), hl7v2.parse(payload)[0]
        assert header
        assert message
        filed.setdefault(header.control_id, message.get("OBX-5"))

    def take(payload: bytes) -> bytes | None:
        file_once(payload)
        return acknowledging("AA")(payload)

    with receiving(file_once) as receiver:
        outlet = orders.outlet(receiver.port, answer_seconds=1)
        orders.report("EX1")
        work(outlet, clock=clock)
        orders.corrected("EX1", "6.1")
        receiver.answer = take
        clock.forward(minutes=1)
        work(outlet, clock=clock)

    assert [*filed.values()][-1] == "6.1"
    assert set(states(outlet)) == {"delivered", "superseded"}
    assert all(len(one) <= 20 for one in filed)
    assert {dispatch_of(one) for one in filed} == {Dispatch.objects.get(state="delivered").pk}


def test_late_answer_never_stands_for_the_next_message(orders: Scene, clock: Clock) -> None:
    held: list[bytes] = []

    def late(payload: bytes) -> bytes:
        """Answer the first message not at all, and the second with the answer to the first."""
        held.append(payload)
        return b"" if len(held) == 1 else acknowledging("AA")(held[0]) or b""

    with receiving(late) as receiver:
        outlet = orders.outlet(receiver.port, answer_seconds=1)
        orders.report("EX1")
        work(outlet, clock=clock)
        clock.forward(minutes=1)
        orders.report("EX2")
        work(outlet, clock=clock)

    assert states(outlet) == ["delivered", "waiting"]
    assert row(outlet).last_error_code == "wrong-control-id"
    assert receiver.connections == 2


def test_nobody_who_listens_lets_the_outlet_wait(orders: Scene) -> None:
    with receiving() as receiver:
        port = receiver.port
    outlet = orders.outlet(port)
    orders.report("EX1")

    work(outlet)

    assert row(outlet).last_error_code == "connect-refused"
    assert row(outlet).last_error == f"{HOST}:{port} can't be reached: ConnectionRefusedError"


def test_words_of_a_refusal_are_not_kept(orders: Scene) -> None:
    def refuse(payload: bytes) -> bytes:
        header = hl7v2.header(payload)
        assert header
        answer = (
            f"MSH|^~\\&|HIS||LIENTHONG||20261120||ACK^R01|1|P|2.5.1\rMSA|AE|{header.control_id}|Nguyễn Đào unknown\r"
            "ERR||PID^1^3|204^Unknown key identifier^HL70357|E|||P1|Patient Nguyễn Đào is not known\r"
        )
        return frame(answer.encode())

    with receiving(refuse) as receiver:
        outlet = orders.outlet(receiver.port)
        orders.report("EX1")
        work(outlet)

    assert Dispatch.objects.get().last_error == "AE; PID^1^3 204"
    assert row(outlet).last_error == "AE; PID^1^3 204"


def test_order_is_kept_under_a_receiver_that_fails_at_random(orders: Scene, clock: Clock) -> None:
    chance = random.Random(11)  # noqa: S311 — a fixed sequence
    accept = acknowledging("AA")

    def at_random(payload: bytes) -> bytes | None:
        return chance.choice((accept, accept, acknowledging("CE"), lambda _payload: None))(payload)

    with receiving(at_random) as receiver:
        outlet = orders.outlet(receiver.port)
        for n in range(20):
            orders.report(f"EX{n:02}")
        for _turn in range(100):
            work(outlet, clock=clock)
            clock.forward(minutes=20)

    first = list(dict.fromkeys(receiver.numbers()))
    assert first == [f"EX{n:02}" for n in range(20)]
    assert states(outlet) == ["delivered"] * 20
    assert len(set(receiver.control_ids())) == 20


@pytest.mark.parametrize(
    ("facility", "which", "expected"),
    [
        ("30001", "orders", ["EX1"]),
        ("30001", "reach", ["EX1", "EX2"]),
        ("30002", "orders", []),
        ("30002", "reach", []),
        ("30002", "all", ["EX1", "EX2"]),
        ("30003", "reach", []),
    ],
)
def test_receiver_gets_what_its_facility_may_read_and_wants(
    orders: Scene, facility: str, which: str, expected: list[str]
) -> None:
    with receiving() as receiver:
        outlet = orders.outlet(receiver.port, facility=facility, reports=which)
        orders.report("EX1")
        orders.report("EX2", placer="OTHER")
        work(outlet)

    assert receiver.numbers() == expected


def test_report_that_may_be_read_no_more_when_it_is_sent_is_withheld(orders: Scene, clock: Clock) -> None:
    with receiving(acknowledging("CE")) as receiver:
        outlet = orders.outlet(receiver.port, reports="reach")
        orders.report("EX2", placer="OTHER")
        work(outlet, clock=clock)
        OrderVersion.objects.update(status="completed")
        clock.forward(minutes=1)
        work(outlet, clock=clock)

    assert len(receiver.messages) == 1
    assert states(outlet) == ["withheld"]
    assert Dispatch.objects.get().last_error_code == "not-readable"


def test_each_sending_is_a_read_in_the_audit_log_with_its_relation(orders: Scene, clock: Clock) -> None:
    with receiving(acknowledging("CE")) as receiver:
        outlet = orders.outlet(receiver.port)
        report = orders.report("EX1")
        work(outlet, clock=clock)
        receiver.answer = acknowledging("AA")
        clock.forward(minutes=1)
        work(outlet, clock=clock)

    events = AuditEvent.objects.filter(action="read")
    assert {(one.object_kind, one.object_key, one.facility, one.relation) for one in events} == {
        ("report", str(report), "30001", "order")
    }
    assert {one.patient_record_id for one in events} == {orders.their_record}
    assert len(events) == 2


def test_letter_that_the_receivers_character_set_lacks_is_a_refusal_before_anything_is_sent(orders: Scene) -> None:
    with receiving() as receiver:
        outlet = orders.outlet(receiver.port, charset="8859/1")
        orders.report("EX1")
        work(outlet)

    assert receiver.messages == []
    assert Dispatch.objects.get().last_error_code == "charset"
    assert not AuditEvent.objects.filter(action="read").exists()


def secured(authority: Authority) -> ssl.SSLContext:
    return server_context(TlsFiles(*authority.listener(), authority.file))


def test_receiver_by_tls_sees_our_certificate(orders: Scene, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    files = TlsFiles(*authority.certificate("lienthong"), authority.file)
    with receiving(tls=secured(authority)) as receiver:
        outlet = orders.outlet(receiver.port, tls=True)
        orders.report("EX1")
        work(outlet, channel=Hl7Channel(lambda: files))

    assert receiver.numbers() == ["EX1"]
    assert states(outlet) == ["delivered"]


@pytest.mark.parametrize(
    ("is_own", "name"),
    [(False, ""), (True, "another.example")],
    ids=["authority of somebody else", "another name"],
)
def test_receiver_whose_certificate_is_not_the_one_expected_gets_nothing(
    orders: Scene, tmp_path: Path, is_own: bool, name: str
) -> None:
    authority = Authority(tmp_path)
    (tmp_path / "other").mkdir()
    trusted = authority if is_own else Authority(tmp_path / "other", "Other")
    files = TlsFiles(authority=trusted.file)
    with receiving(tls=secured(authority)) as receiver:
        outlet = orders.outlet(receiver.port, tls=True, tls_name=name)
        orders.report("EX1")
        work(outlet, channel=Hl7Channel(lambda: files))

    assert receiver.messages == []
    assert row(outlet).last_error_code == "certificate"


def test_missing_certificate_of_ours_is_told(orders: Scene, tmp_path: Path) -> None:
    outlet = orders.outlet(1, tls=True)
    orders.report("EX1")

    work(outlet, channel=Hl7Channel(lambda: TlsFiles(tmp_path / "none.pem")))

    assert row(outlet).last_error_code == "bad-certificate"


def test_connection_that_the_receiver_closes_after_each_answer_is_opened_anew(orders: Scene) -> None:
    with receiving(once_a_connection=True) as receiver:
        outlet = orders.outlet(receiver.port)
        for n in range(3):
            orders.report(f"EX{n}")
        work(outlet)

    assert receiver.connections == 3
    assert receiver.numbers() == ["EX0", "EX1", "EX2"]
    assert states(outlet) == ["delivered"] * 3
