"""Senders that nobody registered: some of what they send is kept for whoever registers them, never a disk full."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.exchange import message
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.running import Line, line, listening

from lienthong.exchange.listening.conversation import Limits
from lienthong.exchange.listening.listener import Conduct
from lienthong.exchange.listening.strangers import HOUR, Allowance
from lienthong.exchange.models import Source
from lienthong.interop import hl7v2
from lienthong.results.models import InboxMessage

STRANGER = message(facility="NOBODY")
ROOM = Conduct(Limits(stranger_bytes=2 * (len(STRANGER) + 1_000)))  # for two of them


def told(one: Line, payload: bytes) -> tuple[str, str]:
    """Send a message, alone or in a batch; return the code of its answer and the code of the first error in it."""
    one.send(payload)
    raw = one.payload()
    assert raw is not None
    answer, _ = hl7v2.parse(hl7v2.read_batch(raw).messages[0] if hl7v2.is_batch(raw) else raw)
    assert answer is not None
    return answer.get("MSA-1") or "", answer.get("ERR-5") or ""


@pytest.mark.django_db(transaction=True)
def test_of_unknown_senders_so_much_is_kept_and_no_more(
    committed_scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    with listening(ROOM) as port, line(port) as one, line(port) as known:
        answers = [told(one, STRANGER) for _ in range(5)]
        taken = told(known, message())

    assert answers == [("AE", "unknown-sender")] * 2 + [("AE", "not-kept")] * 3
    assert taken == ("AA", "")
    assert Scene.states() == [("rejected", "unknown-sender")] * 2 + [("received", "")]
    assert caplog.text.count("refused and not kept") == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("payload", "code"),
    [
        pytest.param(b"not a message at all", "AR", id="no HL7"),
        pytest.param(b"BHS|^~\\&|MEDLAB|NOBODY\r" + STRANGER + b"BTS|1\r", "AE", id="a batch"),
        pytest.param(STRANGER[:-1] + b"\rNTE|1||" + b"x" * 5_000, "AE", id="a large one"),
    ],
)
def test_whatever_a_stranger_sends_takes_of_the_allowance(committed_scene: Scene, payload: bytes, code: str) -> None:
    with listening(Conduct(Limits(stranger_bytes=1_010))) as port, line(port) as one:
        answer = told(one, payload)

    assert answer == (code, "not-kept")
    assert not InboxMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_sender_without_its_certificate_is_a_stranger(committed_scene: Scene) -> None:
    Source.objects.update(certificate="lis.hospital.example")

    with listening(Conduct(Limits(stranger_bytes=0))) as port, line(port) as one:
        answer = told(one, message())

    assert answer == ("AR", "not-kept")
    assert not InboxMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_registered_sender_is_taken_whatever_is_kept_of_strangers(committed_scene: Scene) -> None:
    """Also what is refused of it: its operator is to see it."""
    with listening(Conduct(Limits(stranger_bytes=0))) as port, line(port) as one:
        answers = [told(one, message()), told(one, message(kind="ADT^A60", control_id="M2"))]

    assert answers == [("AA", ""), ("AR", "message-type")]
    assert Scene.states() == [("received", ""), ("rejected", "message-type")]


@given(
    st.integers(0, 1_000_000),
    st.lists(st.tuples(st.floats(0, 2 * HOUR), st.integers(0, 100_000), st.integers(1, 20)), max_size=40),
)
def test_never_more_is_kept_than_at_once_and_since(hourly: int, frames: list[tuple[float, int, int]]) -> None:
    allowance, now, kept = Allowance(hourly), 0.0, 0

    for waited, size, messages in frames:
        now += waited
        kept += size if allowance.take(size, messages=messages, now=now) else 0
        assert kept <= hourly * (1 + now / HOUR) + 1


def test_allowance_fills_again_as_time_passes() -> None:
    allowance = Allowance(10_000)

    kept = [allowance.take(9_000, messages=1, now=now) for now in (0.0, HOUR / 2, HOUR)]

    assert kept == [True, False, True]
