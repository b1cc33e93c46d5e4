"""Two workers whose batches mix kinds, about the same patients in opposite order: neither may wait for the other."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from tests.factories.exchange import GLU, OBR, PID, message
from tests.factories.results import NOON, claim, store_patient_record
from tests.integration.exchange.claiming import NOW
from tests.integration.exchange.conftest import Scene

from lienthong.core.actions import system_user
from lienthong.exchange.processing.pipeline import process_taken
from lienthong.results import actions as results
from lienthong.results.people.persons import merge_people, person_of
from lienthong.results.reads import waiting_messages

pytestmark = pytest.mark.django_db(transaction=True)
LONGEST = 20  # seconds
CCCD = PID.split("~")[1].split("^")[0]
NAMES = ["Đào", "An", "Bình", "Chi", "Dung", "Giang"]


def of_patient(number: int) -> str:
    """PID of a patient without a national number."""
    return PID.replace("P1^^^SX", f"P{number}^^^SX").replace(f"~{CCCD}^^^CCCD^NI", "").replace("Đào", NAMES[number])


def adt(number: int) -> bytes:
    return message(of_patient(number), kind="ADT^A08", control_id=f"A{number}")


def orm(number: int) -> bytes:
    orc = f"ORC|NW|PL{number}|||||1^^^20261121070000^^S||20261120085000"
    asked = f"OBR|1|PL{number}||CHEM^Sinh hóa^L|||20261120070000"
    return message(of_patient(number), orc, asked, kind="ORM^O01", control_id=f"O{number}")


def oru(number: int) -> bytes:
    return message(of_patient(number), OBR.replace("PL1|SX1", f"PL{number}|SX{number}"), GLU, control_id=f"R{number}")


def a40(number: int, prior: str) -> bytes:
    return message(of_patient(number), f"MRG|{prior}^^^SX^MR", kind="ADT^A40", control_id=f"M{number}")


def received(*messages: bytes) -> list[int]:
    """Write messages to the inbox, each in a lane of its own."""
    kinds = [one.split(b"|")[8].decode() for one in messages]
    arrivals = [
        results.Arrival(raw=one, received_at=NOW, source="SX", lane=f"SX:{place}", message_type=kind)
        for place, (one, kind) in enumerate(zip(messages, kinds, strict=True))
    ]
    return results.receive(arrivals, by=system_user("exchange"), at=NOW)


def run_both(first: Sequence[int], second: Sequence[int], monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Store two batches at once: the first keeps its first locks until the second has, or waits for, some of its own.

    Returns the states of their messages; a deadlock raises.
    """
    lock, has_locked = results.lock_keys, threading.Event()
    names: dict[str, int] = {}

    def held(keys: Sequence[str]) -> None:
        lock(keys)
        if threading.get_ident() == names["first"] and not has_locked.is_set():
            has_locked.set()
            wait_for(lambda: "second" in names and locks_of(names["second"]) > 0)

    def store(ids: Sequence[int], name: str, ready: Callable[[], object]) -> list[str]:
        try:
            with transaction.atomic():
                names[name] = threading.get_ident() if name == "first" else backend()
                ready()
                done = process_taken(waiting_messages(ids), by=system_user("exchange"), at=NOW)
                return [one.state for one in done]
        finally:
            connection.close()

    monkeypatch.setattr(results, "lock_keys", held)
    with ThreadPoolExecutor(2) as pool:
        running: list[Future[list[str]]] = [
            pool.submit(store, first, "first", lambda: None),
            pool.submit(store, second, "second", lambda: has_locked.wait(LONGEST)),
        ]
        return [one.result(LONGEST) for one in running]


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def locks_of(pid: int) -> int:
    """Count the advisory locks that a session has or waits for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = %s", [pid])
        return int(cursor.fetchone()[0])


def wait_for(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + LONGEST
    while not is_so():
        assert time.monotonic() < until, "the other batch never asked for a lock"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(adt, orm, id="patients and orders"),
        pytest.param(adt, oru, id="patients and results"),
        pytest.param(orm, oru, id="orders and results"),
    ],
)
def test_mixed_batches_in_opposite_order_do_not_wait_for_each_other(
    committed_scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    before: Callable[[int], bytes],
    after: Callable[[int], bytes],
) -> None:
    first = received(before(1), after(2))
    second = received(before(2), after(1))

    states = run_both(first, second, monkeypatch)

    assert states[0] == ["stored", "stored"]
    assert set(states[1]) <= {"stored", "duplicate"}


def test_new_patients_of_one_name_do_not_wait_for_each_other(committed_scene: Scene) -> None:
    """In a crowded name every hospital of the country writes at once."""
    ids = [received(named_alike(number)) for number in (1, 2)]
    has_stored, may_end = threading.Event(), threading.Event()

    def store_and_wait() -> None:
        try:
            with transaction.atomic():
                process_taken(waiting_messages(ids[0]), by=system_user("exchange"), at=NOW)
                has_stored.set()
                assert may_end.wait(LONGEST)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(store_and_wait)
        assert has_stored.wait(LONGEST)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LONGEST // 2}s'")
            done = process_taken(waiting_messages(ids[1]), by=system_user("exchange"), at=NOW)
        may_end.set()
        first.result(LONGEST)

    assert [one.state for one in done] == ["stored"]


def named_alike(number: int) -> bytes:
    """Return a result of a patient who has the name and the birth date of others, and no national number."""
    patient = PID.replace("P1^^^SX", f"P{number}^^^SX").replace(f"~{CCCD}^^^CCCD^NI", "")
    return message(patient, OBR.replace("PL1|SX1", f"PL{number}|SX{number}"), GLU, control_id=f"N{number}")


def test_merge_locks_what_other_senders_know_of_its_persons_at_once(
    committed_scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (record_of(committed_scene, source, number) for source, number in (("SX", "P1"), ("HD", "Q1")))
    at = NOON + dt.timedelta(hours=1)
    merge_people(survivor=person_of(one), absorbed=person_of(other), why="", by=system_user("results"), at=at)

    locked = locked_by(received(a40(1, "P9"), adt(2)), monkeypatch)

    assert {
        f"patient\x1f{name}" for name in ("SX\x1fSX\x1fP1", "HD\x1fHD\x1fQ1", "SX\x1fSX\x1fP9", "SX\x1fSX\x1fP2")
    } == (set(locked[0]))


def record_of(scene: Scene, source: str, number: str) -> int:
    who = claim(
        scene.laboratory.facility,
        source=source,
        local_system=source,
        local_id=number,
        identifiers=(),
        full_name="Nguyễn Thị An",
    )
    record = store_patient_record(who, at=NOON)
    assert record
    return record


def locked_by(ids: Sequence[int], monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Store a batch and return what it locked, in its order."""
    lock, found = results.lock_keys, []

    def noted(keys: Sequence[str]) -> None:
        found.append(list(keys))
        lock(keys)

    monkeypatch.setattr(results, "lock_keys", noted)
    with transaction.atomic():
        process_taken(waiting_messages(ids), by=system_user("exchange"), at=NOW)
    return found
