"""Kill -9 under load, a hundred times: what was acknowledged is there once, and every result once."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from zlib import crc32

from hl7.client import MLLPClient
from tests.factories.exchange import GLU, OBR, PID, message
from tests.integration.exchange.cluster import Cluster, Nursery, nursery, own_cluster, wait_until

from lienthong.core.embedded import free_port

KILLS = 100
SENDERS = 5
SEED = int(os.environ.get("KILLING_SEED", "20261126"))  # another one kills others at other moments
PACE = 0.2  # seconds between a sender's messages: the workers shall be busy, and soon done at the end
POTASSIUM = "OBX|2|NM|2823-3^Potassium^LN||4.1|mmol/L|3.5-5.1|N|||F|||20261120070000||C6|||20261120080000"


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
    acknowledged: list[str] = field(default_factory=list)
    refused: list[bytes] = field(default_factory=list)
    client: Client | None = None

    def __post_init__(self) -> None:
        threading.Thread.__init__(self, daemon=True)

    def __hash__(self) -> int:
        return self.number

    def run(self) -> None:
        count = 0
        while not self.stop.is_set():
            count += 1
            name = f"S{self.number}N{count}"
            while not self._is_acknowledged(name):
                time.sleep(0.005)
            self.acknowledged.append(name)
            self.stop.wait(PACE)
        self._hang_up()

    def _is_acknowledged(self, name: str) -> bool:
        try:
            if self.client is None:
                self.client = Client(self.port)
            self.attempts[name] += 1
            answer = self.client.send_message(sent(name))
        except OSError:
            answer = b""
        if b"MSA|AA|" + name.encode() + b"\r" in answer:
            return True
        if answer and b"not-stored" not in answer:
            self.refused.append(answer)
        self._hang_up()
        return False

    def _hang_up(self) -> None:
        if self.client is not None:
            self.client.close()
            self.client = None


def sent(name: str) -> bytes:
    """Return the message of that control id: a report of its own with two results, whose values no other has."""
    patient = PID.replace("P1^", f"{patient_of(name)}^").replace("~001180012345^^^CCCD^NI", "")
    glucose, potassium = values_of(name)
    results = (GLU.replace("|5.6|", f"|{glucose}|"), POTASSIUM.replace("|4.1|", f"|{potassium}|"))
    return message(patient, OBR.replace("SX1", name), *results, control_id=name)


def patient_of(name: str) -> str:
    return f"P{int(name.rsplit('N')[1]) % 50}-{name[1]}"


def values_of(name: str) -> tuple[str, str]:
    """Return glucose and potassium of a message, apart for each, as they are written: with their last zeros."""
    mark = crc32(name.encode())
    return f"{3 + mark % 20_000 / 1000:.3f}", f"{2 + mark // 20_000 % 5000 / 1000:.3f}"


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
        wait_until(lambda: not cluster.ask("SELECT 1 FROM results_inbox WHERE state = 'received' LIMIT 1"), seconds=180)

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
    acknowledged = {name for one in senders for name in one.acknowledged}
    kept: Counter[str] = Counter()
    effects: Counter[str] = Counter()
    for name, state, raw in cluster.ask("SELECT control_id, state, raw FROM results_inbox"):
        assert bytes(raw) == sent(name), f"seed {SEED}"
        kept[name] += 1
        effects[state] += 1
    assert [answer for one in senders for answer in one.refused] == []
    assert set(attempts) == acknowledged == set(kept), f"seed {SEED}"
    assert all(kept[name] <= attempts[name] for name in kept), f"seed {SEED}"
    assert effects["stored"] == len(acknowledged), f"seed {SEED}: {effects}"
    assert set(effects) <= {"stored", "duplicate"}
    told = cluster.ask("SELECT sum((detail->>'messages')::int) FROM core_audit_event WHERE action = 'receive'")
    assert told == [(sum(kept.values()),)], f"seed {SEED}"
    _check_results(cluster, len(acknowledged))
    _check_values(cluster, acknowledged)


def _check_results(cluster: Cluster, messages: int) -> None:
    """Every result once, in its first version, of the message's own report."""
    counted = "SELECT count(*), count(DISTINCT key), max(version), bool_and(is_current) FROM results_result"
    assert cluster.ask(counted) == [(2 * messages, 2 * messages, 1, True)], f"seed {SEED}"
    by_report = (
        "SELECT count(*) FROM (SELECT r.number, count(*) AS results FROM results_report r "
        "JOIN results_result v ON v.report_id = r.id GROUP BY r.number) AS each WHERE results <> 2"
    )
    assert cluster.ask(by_report) == [(0,)], f"seed {SEED}"
    assert cluster.ask("SELECT count(*) FROM results_report") == [(messages,)], f"seed {SEED}"


def _check_values(cluster: Cluster, names: Iterable[str]) -> None:
    """Each value, as reported and as a number, with its unit and interval, is that of its report and its patient."""
    stored = cluster.ask(
        "SELECT r.number, p.local_id, v.local_code, v.reported_value, v.value, v.reported_unit, v.reference_range "
        "FROM results_result v JOIN results_report r ON r.id = v.report_id "
        "JOIN results_patientrecord p ON p.id = v.patient_record_id AND p.id = r.patient_record_id"
    )
    expected = [
        (name, patient_of(name), code, value, Decimal(value), "mmol/L", interval)
        for name in names
        for (code, interval), value in zip((("2345-7", "3.9-6.4"), ("2823-3", "3.5-5.1")), values_of(name), strict=True)
    ]
    assert sorted(stored) == sorted(expected), f"seed {SEED}"
