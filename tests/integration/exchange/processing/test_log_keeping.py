"""The worker keeps the log: what it stores is signed, whatever happens to its database or to another worker."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable

import psycopg
import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.processing.test_worker import numbered
from tests.integration.exchange.running import working

from lienthong.core.actions import system_user
from lienthong.core.log import storage
from lienthong.core.log.entering import enter
from lienthong.core.log.identity import log_key
from lienthong.core.log.reads import head
from lienthong.core.log.sequencer import append_waiting
from lienthong.core.log.storage import LogBroken
from lienthong.exchange.listening.listener import conninfo
from lienthong.exchange.processing import log_keeping
from lienthong.exchange.processing.worker import process_waiting
from lienthong.results.log_reads import check_log

pytestmark = pytest.mark.django_db(transaction=True)


def wait_for(is_so: Callable[[], bool], *, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_so()


def size_signed() -> int:
    kept = head()
    return kept.size if kept else 0


def entries_in(query: str) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {row[0] for row in cursor.fetchall()}


def test_worker_signs_what_it_stored(committed_scene: Scene) -> None:
    committed_scene.take(numbered(1, 1), numbered(2, 1))

    with working(1):
        assert wait_for(lambda: size_signed() == 2)

    assert check_log(log_key()).findings == ()


def test_several_workers_keep_one_log_through_the_loss_of_their_database(committed_scene: Scene) -> None:
    committed_scene.take(*[numbered(lane, 1) for lane in range(4)])
    with working(2):
        assert wait_for(lambda: storage.size_of_log() == 4)
        with psycopg.connect(conninfo(), autocommit=True, application_name="test") as killer:
            killer.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), %s)",
                [connection.connection.info.backend_pid],
            )
        committed_scene.take(*[numbered(lane, 2) for lane in range(4)])
        assert wait_for(lambda: size_signed() == 8)

    assert check_log(log_key()).findings == ()


def test_only_one_sequencer_has_its_turn() -> None:
    enter([(1, bytes(32))])
    by = system_user("log")

    with psycopg.connect(conninfo()) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [storage.ONE_SEQUENCER])
        meanwhile = append_waiting(by=by)
        other.rollback()

    assert (meanwhile, append_waiting(by=by)) == (0, 1)


@pytest.mark.parametrize("fault", [OperationalError("gone"), LogBroken("broken"), psycopg.OperationalError("gone")])
def test_keeper_goes_on_after_a_fault(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    stop, turns = threading.Event(), []

    def turn(_keeper: log_keeping.Keeper, at: dt.datetime) -> bool:
        turns.append(at)
        if len(turns) == 1:
            raise fault
        stop.set()
        return False

    monkeypatch.setattr(log_keeping.Keeper, "turn", turn)
    monkeypatch.setattr(log_keeping, "AFTER_A_FAULT", 0.0)

    log_keeping.keep_log(stop, clock=timezone.now, look_seconds=0.0)

    assert len(turns) == 2


def test_report_is_in_the_log_or_in_the_queue_and_never_in_neither(committed_scene: Scene) -> None:
    committed_scene.take(numbered(1, 1))
    process_waiting(timezone.now())
    entries = entries_in("SELECT id FROM results_report_version")

    waiting = entries_in("SELECT id FROM core_log_waiting")
    append_waiting(by=system_user("log"))

    assert waiting == entries != set()
    assert all(storage.leaf_of(one) for one in entries)
    assert entries_in("SELECT id FROM core_log_waiting") == set()
