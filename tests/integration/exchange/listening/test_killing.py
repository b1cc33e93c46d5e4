"""Kill -9 under load, a hundred times: what was acknowledged is there once, and took the effect that it has once.

What is sent, and what must be stored of it, is told by `stories` and `aftermath`.
"""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from hl7.client import MLLPClient
from tests.integration.exchange import aftermath
from tests.integration.exchange.cluster import Cluster, Nursery, nursery, own_cluster, wait_until
from tests.integration.exchange.stories import Told, day

from lienthong.core.embedded import free_port

KILLS = 100
SENDERS = 5
SEED = int(os.environ.get("KILLING_SEED", "20261126"))  # another one kills others at other moments
PACE = 0.2  # seconds between a sender's messages: the workers shall be busy, and soon done at the end


class Client(MLLPClient):  # type: ignore[misc]
    """The client of the package hl7, which leaves its socket open where nobody listens."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.encoding = "utf-8"


@dataclass(slots=True)
class Sender(threading.Thread):
    """Sends one message after the other as a hospital does: again and again until it is acknowledged."""

    number: int
    port: int
    stop: threading.Event
    attempts: Counter[str] = field(default_factory=Counter)
    acknowledged: list[Told] = field(default_factory=list)
    refused: list[bytes] = field(default_factory=list)
    client: Client | None = None

    def __post_init__(self) -> None:
        threading.Thread.__init__(self, daemon=True)

    def __hash__(self) -> int:
        return self.number

    def run(self) -> None:
        for told in day(self.number, SEED):
            while not self._is_acknowledged(told):
                time.sleep(0.005)
            self.acknowledged.append(told)
            if self.stop.wait(PACE):
                break
        self._hang_up()

    def _is_acknowledged(self, told: Told) -> bool:
        try:
            if self.client is None:
                self.client = Client(self.port)
            self.attempts[told.name] += 1
            answer = self.client.send_message(told.raw)
        except OSError:
            answer = b""
        if b"MSA|AA|" + told.name.encode() + b"\r" in answer:
            return True
        if answer and b"not-stored" not in answer:
            self.refused.append(answer)
        self._hang_up()
        return False

    def _hang_up(self) -> None:
        if self.client is not None:
            self.client.close()
            self.client = None


@dataclass(slots=True)
class Scene:
    """What runs: the database, one listener, two workers, and how each is killed and started again."""

    cluster: Cluster
    nursery: Nursery
    port: int
    listener: int
    workers: list[int]

    def kill(self, victim: str) -> None:
        if victim == "database":
            self.cluster.crash()
            self.cluster.server.start()
        elif victim == "listener":
            self.nursery.end(self.listener)
            self.listener = self.nursery.start("listener", self.port)
        else:
            self.nursery.end(self.workers.pop(0))
            self.workers.append(self.nursery.start("worker"))


def test_killed_at_any_moment_under_load_nothing_is_lost_and_nothing_doubled() -> None:
    chance = random.Random(SEED)  # noqa: S311 — for a test that can be repeated
    with own_cluster() as cluster, nursery(cluster) as children:
        port, stop = free_port(), threading.Event()
        workers = [children.start("worker"), children.start("worker")]
        scene = Scene(cluster, children, port, children.start("listener", port), workers)
        senders = [Sender(number, port, stop) for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        for turn in range(KILLS):
            victim = "database" if turn % 3 == 0 else chance.choice(("listener", "worker"))
            _let_some_pass(senders, chance)
            if turn % 10 == 9:
                _let_some_be_stored(cluster)
            try:
                scene.kill(victim)
            except BaseException:
                print(f"seed {SEED}, turn {turn}, victim {victim}")
                raise
        stop.set()
        for sender in senders:
            sender.join(timeout=60)
        aftermath.wait_until_done(cluster)

        told = Counter(one.kind for sender in senders for one in sender.acknowledged)
        print(f"seed {SEED}: {dict(told)}")  # shown where a check fails
        _check(cluster, senders)


def _let_some_pass(senders: list[Sender], chance: random.Random) -> None:
    """Wait until the scene works again and some messages went through, then for a moment that chance chooses."""
    wanted = _passed(senders) + chance.randint(1, 4)
    wait_until(lambda: _passed(senders) >= wanted)
    time.sleep(chance.random() * 0.05)


def _let_some_be_stored(cluster: Cluster) -> None:
    """Wait until workers brought a batch to its end between the deaths."""
    before = _stored(cluster)
    wait_until(lambda: _stored(cluster) > before)


def _stored(cluster: Cluster) -> int:
    count: int = cluster.ask("SELECT count(*) FROM results_inbox WHERE state <> 'received'")[0][0]
    return count


def _passed(senders: list[Sender]) -> int:
    return sum(len(one.acknowledged) for one in senders)


def _check(cluster: Cluster, senders: list[Sender]) -> None:
    attempts: Counter[str] = sum((one.attempts for one in senders), Counter())
    acknowledged = [told for one in senders for told in one.acknowledged]
    implied = aftermath.Implied()
    for told in acknowledged:
        implied.take(told)
    assert [answer for one in senders for answer in one.refused] == []
    assert attempts.keys() == implied.names
    aftermath.check_messages(cluster, implied, {told.name: told.raw for told in acknowledged}, attempts)
    aftermath.check_reports(cluster, implied)
    aftermath.check_orders(cluster, implied)
    aftermath.check_people(cluster, implied)
    aftermath.check_audit(cluster, implied)
