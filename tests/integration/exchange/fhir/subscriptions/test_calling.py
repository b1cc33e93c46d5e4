"""One call over a real connection: what is proved before anything is sent, and what happens when nobody answers."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from tests.integration.exchange.fhir.subscriptions.conftest import LOOPBACK
from tests.integration.exchange.fhir.subscriptions.receiver import Receiver, listening
from tests.integration.exchange.own_certificates import Authority

from lienthong.core.outgoing import OutgoingRules
from lienthong.exchange.listening.certificates import TlsFiles
from lienthong.exchange.outbound.http.calling import Call, Limits, NotReached, send

QUICK = Limits(connect=2, answer=0.3, whole=5)


RULES = OutgoingRules(LOOPBACK)


@pytest.fixture
def files(certificates: tuple[Path, tuple[Path, Path]]) -> TlsFiles:
    return TlsFiles(authority=certificates[0])


def call(receiver: Receiver, host: str = "127.0.0.1", **changes: object) -> Call:
    return Call("POST", f"https://{host}:{receiver.port}/hook", {"X-A": "b"}, **changes)  # type: ignore[arg-type]


def test_call_arrives_as_it_was_meant(receiver: Receiver, files: TlsFiles) -> None:
    answer = send(call(receiver, body=b"{}"), RULES, files)

    [told] = receiver.told
    assert answer.status == 200
    assert (told.method, told.path, told.body) == ("POST", "/hook", b"{}")
    assert (told.headers["host"], told.headers["x-a"]) == (f"127.0.0.1:{receiver.port}", "b")


def test_empty_call_says_that_it_is_empty(receiver: Receiver, files: TlsFiles) -> None:
    send(call(receiver), RULES, files)

    assert receiver.told[0].headers["content-length"] == "0"
    assert "content-type" not in receiver.told[0].headers


def test_redirect_is_not_followed(receiver: Receiver, files: TlsFiles) -> None:
    receiver.status, receiver.more = 307, {"Location": f"https://127.0.0.1:{receiver.port}/elsewhere"}

    answer = send(call(receiver), RULES, files)

    assert answer.status == 307
    assert [one.path for one in receiver.told] == ["/hook"]


def test_connection_goes_to_the_address_that_was_judged(receiver: Receiver, files: TlsFiles) -> None:
    asked: list[str] = []

    def lookup(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with pytest.raises(NotReached) as failed:
        send(call(receiver, "hook.example.org"), RULES, files, lookup=lookup)

    assert asked == ["hook.example.org"]
    assert failed.value.code == "certificate"  # it was reached, but is not who was meant
    assert receiver.told == []


def test_next_address_is_tried_where_nobody_answers_at_the_first(receiver: Receiver, files: TlsFiles) -> None:
    answer = send(call(receiver), RULES, files, lookup=lambda host, port: ["127.0.0.2", "127.0.0.1"])

    assert answer.status == 200
    assert len(receiver.told) == 1


def test_certificate_of_an_unknown_authority_is_not_believed(receiver: Receiver, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, name="Stranger")

    with pytest.raises(NotReached) as failed:
        send(call(receiver), RULES, TlsFiles(authority=stranger.file))

    assert failed.value.code == "certificate"
    assert receiver.told == []


def test_authority_that_can_not_be_read_is_told_as_such(receiver: Receiver, tmp_path: Path) -> None:
    with pytest.raises(NotReached) as failed:
        send(call(receiver), RULES, TlsFiles(authority=tmp_path / "missing.pem"))

    assert failed.value.code == "bad-certificate"


def test_private_address_is_not_called_unless_allowed(receiver: Receiver, files: TlsFiles) -> None:
    with pytest.raises(NotReached) as failed:
        send(call(receiver), OutgoingRules(), files)

    assert failed.value.code == "not-callable"
    assert receiver.told == []


def test_plain_http_is_spoken_where_allowed() -> None:
    with listening() as plain:
        answer = send(plain_call(plain), OutgoingRules(LOOPBACK, is_plain_allowed=True), TlsFiles())

    assert (answer.status, len(plain.told)) == (200, 1)


def test_plain_http_is_not_spoken_unless_allowed() -> None:
    with listening() as plain, pytest.raises(NotReached) as failed:
        send(plain_call(plain), RULES, TlsFiles())

    assert (failed.value.code, plain.told) == ("not-callable", [])


def plain_call(receiver: Receiver) -> Call:
    return Call("POST", f"http://127.0.0.1:{receiver.port}/hook", {})


def test_nobody_at_the_port_is_told_as_such(files: TlsFiles) -> None:
    with listening() as gone:
        pass

    with pytest.raises(NotReached) as failed:
        send(call(gone), RULES, files)

    assert failed.value.code == "connect-refused"


def test_server_without_tls_is_told_as_such(files: TlsFiles) -> None:
    with listening() as plain, pytest.raises(NotReached) as failed:
        send(call(plain), RULES, files, limits=QUICK)

    assert failed.value.code in ("tls", "connect-timeout")


def test_silent_server_is_given_up_after_a_time(receiver: Receiver, files: TlsFiles) -> None:
    receiver.silence = threading.Event()

    with pytest.raises(NotReached) as failed:
        send(call(receiver), RULES, files, limits=QUICK)

    assert failed.value.code == "no-answer"


def test_dribbling_server_is_cut_off_after_the_whole_time(receiver: Receiver, files: TlsFiles) -> None:
    receiver.silence, receiver.dribble = threading.Event(), b"H"

    with pytest.raises(NotReached) as failed:
        send(call(receiver), RULES, files, limits=Limits(connect=2, answer=2, whole=0.4))

    assert failed.value.code == "no-answer"
