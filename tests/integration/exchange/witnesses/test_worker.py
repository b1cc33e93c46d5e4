"""A worker hands checkpoints over beside its work: a witness that is dead, or silent, delays nothing."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from hashlib import sha256
from ipaddress import ip_network
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.utils import timezone
from tests.integration.exchange.fhir.subscriptions.receiver import listening
from tests.integration.exchange.running import working
from tests.integration.exchange.witnesses.serving import free_port, witnessing
from tools.log_sample import KEY, WITNESS

from lienthong.core.actions import system_user
from lienthong.core.log.checkpoints import read
from lienthong.core.log.cosignatures import witness_key
from lienthong.core.log.entering import enter
from lienthong.core.log.identity import log_key
from lienthong.core.log.reads import head
from lienthong.core.log.witnesses import cosigned_head, witnesses
from lienthong.core.models import LogWitness
from lienthong.exchange.witnesses.actions import add_witness
from lienthong.exchange.witnesses.entry import WitnessEntry

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _may_call_this_machine(settings: Any) -> None:
    settings.HOOK_NETWORKS, settings.HOOK_HTTP, settings.WITNESS_SECONDS = (ip_network("127.0.0.0/8"),), True, 1


def wait_for(is_so: Callable[[], bool], *, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_so()


def let_wait(*entries: int) -> None:
    enter([(one, sha256(b"%d" % one).digest()) for one in entries])


def added(url: str, key: object) -> None:
    entry = WitnessEntry(name=str(key), url=url, key=str(key))
    add_witness(entry, by=system_user("command-line"), at=timezone.now())


def size_signed() -> int:
    kept = head()
    return kept.size if kept else 0


def size_cosigned() -> int:
    note = cosigned_head()
    return read(note, log_key()).size if note else 0


def test_dead_and_silent_witnesses_delay_neither_signing_nor_the_witness_that_answers(tmp_path: Path) -> None:
    with listening() as silent, witnessing(tmp_path / "w", str(log_key())) as served:
        silent.silence = Event()
        added(f"http://127.0.0.1:{silent.port}", WITNESS)
        added(f"http://127.0.0.1:{free_port()}", witness_key("dead.example", KEY))
        added(served.url, served.key)
        let_wait(1)
        with working(1):
            assert wait_for(lambda: bool(silent.told))
            begun = time.monotonic()
            let_wait(2)

            assert wait_for(lambda: size_signed() == 2, seconds=8)  # every five seconds is signed
            assert wait_for(lambda: size_cosigned() == 2, seconds=8)

            assert time.monotonic() - begun < 10
        codes = {one.name: one.error_code for one in witnesses()}
    assert codes[served.key] == ""
    assert codes[str(witness_key("dead.example", KEY))] == "connect-refused"


def test_witness_killed_at_any_moment_is_caught_up_with(tmp_path: Path) -> None:
    """kill -9 while checkpoints are handed over; what it cosigned before is never taken for unknown."""
    chance, port = random.Random(4), free_port()  # noqa: S311 — by seed, so that a failure comes again
    entry = 0
    with working(1):
        for turn in range(4):
            with witnessing(tmp_path / "w", str(log_key()), port=port) as served:
                if not turn:
                    added(served.url, served.key)
                LogWitness.objects.update(next_attempt_at=None)
                deadline = time.monotonic() + 4 + chance.random() * 4
                while time.monotonic() < deadline:
                    let_wait(entry := entry + 1)
                    time.sleep(0.05 * chance.random())
                served.kill()
        with witnessing(tmp_path / "w", str(log_key()), port=port):
            LogWitness.objects.update(next_attempt_at=None)

            assert wait_for(lambda: size_cosigned() == entry)

    assert [one.error_code for one in witnesses()] == [""]
