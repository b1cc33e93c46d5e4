"""The sender as a process: killed between sending and commit it sends again, and a receiver can tell."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest
from tests.integration.exchange.cluster import wait_until
from tests.integration.exchange.listening.test_listening_command import environment
from tests.integration.exchange.outbound.receiver import acknowledging, receiving
from tests.integration.exchange.outbound.scene import Scene, row, states
from tests.integration.exchange.outbound.scene import Told as _Told

from lienthong.core.models import AuditEvent
from lienthong.exchange.outbound.channels import Sent
from lienthong.exchange.outbound.running import Conduct, run_sender
from lienthong.exchange.outbound.sending import work_outlet

pytestmark = pytest.mark.django_db(transaction=True)
SENDER = [sys.executable, "-m", "lienthong", "exchange", "outbound"]


def start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(SENDER, env=environment(), stderr=subprocess.DEVNULL)


def test_sender_that_is_killed_before_its_commit_sends_the_same_again(committed_orders: Scene) -> None:
    killed = threading.Event()

    def answer(payload: bytes) -> bytes:
        """Kill the sender once it has sent and waits for the answer; it never knows that the message arrived."""
        if not killed.is_set():
            process.kill()
            process.wait(timeout=20)
            killed.set()
        return acknowledging("AA")(payload) or b""

    with receiving(answer) as receiver:
        outlet = committed_orders.outlet(receiver.port)
        committed_orders.report("EX1")
        committed_orders.report("EX2")
        process = start()
        wait_until(killed.is_set)
        between = states(outlet)
        second = start()
        wait_until(lambda: states(outlet) == ["delivered", "delivered"])
        second.send_signal(signal.SIGTERM)
        code = second.wait(timeout=60)

    assert set(between) <= {"waiting"}
    assert code == 0
    assert receiver.numbers() == ["EX1", "EX1", "EX2"]
    assert receiver.control_ids()[0] == receiver.control_ids()[1] != receiver.control_ids()[2]
    assert AuditEvent.objects.filter(action="read").count() == 3


def test_two_senders_never_work_at_one_outlet(committed_orders: Scene) -> None:
    entered, leave = threading.Event(), threading.Event()

    def slowly(_dispatch: object) -> Sent:
        entered.set()
        leave.wait(timeout=20)
        return Sent(outcome="delivered")

    outlet = committed_orders.outlet()
    committed_orders.report("EX1")
    channel, stop = _Told(slowly), threading.Event()
    conduct = Conduct(channels={"hl7v2": channel}, idle_seconds=0.02)
    thread = threading.Thread(target=run_sender, args=(stop,), kwargs={"conduct": conduct})
    thread.start()
    try:
        assert entered.wait(timeout=20)
        attempts = work_outlet(outlet, channels={"hl7v2": channel}, clock=lambda: row(outlet).valid_from)
    finally:
        leave.set()
        wait_until(lambda: states(outlet) == ["delivered"])
        stop.set()
        thread.join(timeout=20)

    assert attempts == 0
    assert len(channel.asked) == 1


def test_slow_receiver_delays_no_other(committed_orders: Scene) -> None:
    leave, told = threading.Event(), []

    def by_outlet(dispatch: object) -> Sent:
        if not told:
            told.append(dispatch)
            leave.wait(timeout=20)
        return Sent(outcome="delivered")

    slow = committed_orders.outlet(code="A")
    quick = committed_orders.outlet(code="B")
    committed_orders.report("EX1")
    stop = threading.Event()
    conduct = Conduct(channels={"hl7v2": _Told(by_outlet)}, idle_seconds=0.02)
    thread = threading.Thread(target=run_sender, args=(stop,), kwargs={"conduct": conduct})
    thread.start()
    try:
        wait_until(lambda: sorted(states(slow) + states(quick)) == ["delivered", "waiting"])
    finally:
        leave.set()
        wait_until(lambda: states(slow) + states(quick) == ["delivered", "delivered"])
        stop.set()
        thread.join(timeout=20)

    assert not thread.is_alive()
