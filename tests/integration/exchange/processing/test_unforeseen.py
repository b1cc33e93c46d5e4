"""What nobody foresaw holds one message and lets all others by: the worker, and what it keeps beside, go on."""

from __future__ import annotations

import threading
import time

import pytest
from django.utils import timezone
from tests.factories.exchange import GLU, OBR, PID, message
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.running import working

from lienthong.core.actions import system_user
from lienthong.exchange.processing import pipeline, worker
from lienthong.exchange.processing.training import has_training_id
from lienthong.exchange.processing.worker import process_waiting
from lienthong.results.actions import Arrival, receive
from lienthong.results.models import InboxMessage, Result

pytestmark = pytest.mark.django_db

OTHER = message(PID, OBR.replace("SX1", "SX2"), GLU, control_id="M2")


def in_inbox(raw: bytes, *, kind: str, control_id: str) -> None:
    """Put bytes into the inbox as of a kind, in one lane."""
    same = {"source": "SX", "sender": "MEDLAB", "lane": "SX:bad", "received_at": timezone.now()}
    arrival = Arrival(raw=raw, control_id=control_id, message_type=kind, **same)
    receive([arrival], by=system_user("listener"), at=timezone.now())


def test_event_that_has_the_name_of_a_bundle_is_none(scene: Scene) -> None:
    unmapped = GLU.replace("2345-7^Glucose^LN", "XYZ^^L")

    scene.process(message(PID, OBR, unmapped, kind="ORU^FHIR^ORU_R01"), OTHER)

    assert InboxMessage.objects.get(control_id="M1").message_type == "ORU"
    assert scene.states() == [("held", "code-unknown"), ("stored", "")]


@pytest.mark.parametrize("raw", [b"\n" + message(), b"[", b"\xff", b"MSH"], ids=repr)
def test_bundle_that_is_none_is_held_and_delays_no_other(scene: Scene, raw: bytes) -> None:
    in_inbox(raw, kind="ORU^FHIR", control_id="bad")
    in_inbox(message(control_id="behind"), kind="ORU^R01", control_id="behind")
    scene.take(OTHER)

    process_waiting(timezone.now())

    states = dict(InboxMessage.objects.values_list("control_id", "state"))
    assert states == {"bad": "held", "behind": "received", "M2": "stored"}


@pytest.mark.parametrize("error", [AssertionError, RuntimeError, ValueError, NotImplementedError])
def test_message_at_which_all_fails_is_held_alone(
    scene: Scene, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = pipeline.process_taken

    def process_taken(waiting: list[object], **named: object) -> object:
        if any(one.control_id == "M1" for one in waiting):  # type: ignore[attr-defined]
            raise error("nobody foresaw it")
        return whole(waiting, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "process_taken", process_taken)

    scene.process(message(), OTHER, message(control_id="M3"))

    states = dict(InboxMessage.objects.values_list("control_id", "state"))
    assert states == {"M1": "held", "M2": "stored", "M3": "received"}  # the third is behind the first
    assert InboxMessage.objects.get(control_id="M1").reason == "unforeseen"
    assert Result.objects.count() == 1


@pytest.mark.parametrize("raw", [b"MSH", b"MSH\r", b"MSH\n", b"MSH ", b"", b"MS"])
def test_header_without_a_separator_is_no_training(raw: bytes) -> None:
    assert not has_training_id(raw)


@pytest.mark.django_db(transaction=True)
def test_worker_and_what_it_keeps_go_on_after_a_fault(committed_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    follow = worker.follow_happenings

    def fail_once(*, at: object) -> int:
        begun.append("follow")
        if begun.count("follow") == 1:
            raise AssertionError("nobody foresaw it")
        return follow(at=at)  # type: ignore[arg-type]

    def keep(stop: threading.Event, **_named: object) -> None:
        begun.append("keep")
        if begun.count("keep") == 1:
            raise RuntimeError("nobody foresaw it")
        stop.wait()

    monkeypatch.setattr(worker, "AFTER_A_FAULT", 0.01)
    monkeypatch.setattr(worker, "follow_happenings", fail_once)
    monkeypatch.setattr(worker, "keep_house", keep)

    with working(1):
        _wait(lambda: begun.count("keep") > 1 and begun.count("follow") > 1)
        committed_scene.take(message())
        _wait(lambda: Scene.states() == [("stored", "")])


def _wait(holds: object) -> None:
    until = time.monotonic() + 20
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.02)
