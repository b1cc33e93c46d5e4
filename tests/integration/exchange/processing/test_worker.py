"""Workers: order within a lane, what is held delays only its lane, nothing is doubled, and a killed listener."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from decimal import Decimal

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.utils import timezone
from tests.factories.exchange import GLU, OBR, PID, message
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.running import line, listening, working

from lienthong.core.actions import system_user
from lienthong.exchange.listening.client import send_messages
from lienthong.exchange.listening.listener import conninfo
from lienthong.exchange.processing.worker import process_waiting
from lienthong.results.actions import replay, set_aside, take_lanes
from lienthong.results.models import InboxMessage, PatientRecord, PersonLink, Result

pytestmark = pytest.mark.django_db(transaction=True)

KILLED = """
import django; django.setup()
from lienthong.exchange.listening.listener import run_listener
run_listener("127.0.0.1", 0, on_ready=lambda port: print(port, flush=True))
"""


def numbered(lane: int, turn: int) -> bytes:
    """Return the turn-th version of report `lane`: its value is the turn."""
    patient = PID.replace("P1^", f"P{lane % 3}^").replace("001180012345", f"00118001234{lane % 3}")
    return message(
        patient, OBR.replace("SX1", f"R{lane}"), GLU.replace("||5.6|", f"||{turn}|"), control_id=f"{lane}-{turn}"
    )


def wait_until_done() -> None:
    deadline = time.monotonic() + 30
    while InboxMessage.objects.filter(state="received").exists() and time.monotonic() < deadline:
        time.sleep(0.05)


def test_order_of_effect_is_kept_in_each_lane_under_several_workers(committed_scene: Scene) -> None:
    lanes, turns = 6, 8
    messages = [numbered(lane, turn) for turn in range(1, turns + 1) for lane in range(lanes)]

    with listening() as port, working(3):
        send_messages(messages, "127.0.0.1", port, connections=4)
        wait_until_done()

    assert set(InboxMessage.objects.values_list("state", flat=True)) == {"stored"}
    for lane in range(lanes):
        versions = Result.objects.filter(report_id__in=_report_ids(f"R{lane}")).order_by("version")
        assert [int(row.value or 0) for row in versions] == list(range(1, turns + 1))
        assert [row.is_current for row in versions] == [False] * (turns - 1) + [True]
    assert PatientRecord.objects.count() == PersonLink.objects.count() == 3


def _report_ids(number: str) -> list[int]:
    from lienthong.results.models import Report

    return list(Report.objects.filter(number=number).values_list("id", flat=True))


def test_second_worker_passes_claimed_lanes_by(committed_scene: Scene) -> None:
    committed_scene.take(numbered(1, 1), numbered(1, 2), numbered(2, 1))
    by = system_user("exchange")

    with transaction.atomic():
        mine = take_lanes(limit=1, by=by)
        with psycopg.connect(conninfo()) as other:
            rows = other.execute(
                "SELECT lane FROM results_inbox WHERE state = 'received' ORDER BY id FOR UPDATE SKIP LOCKED"
            ).fetchall()

    assert [one.lane for one in mine] == ["SX:R1"]
    assert ("SX:R2",) in rows


def test_held_message_delays_only_its_lane(committed_scene: Scene) -> None:
    held = message(PID, OBR, "OBX|1|NM|XYZ^Xyz^L||5.6|mmol/L|||||F", control_id="H")
    after = message(control_id="A")
    elsewhere = numbered(2, 1)

    committed_scene.process(held, after, elsewhere)

    states = dict(InboxMessage.objects.values_list("control_id", "state"))
    assert states == {"H": "held", "A": "received", "2-1": "stored"}


def test_lane_goes_on_when_its_held_message_is_set_aside(committed_scene: Scene) -> None:
    committed_scene.process(message(PID, OBR, "OBX|1|NM|XYZ^Xyz^L||5.6|mmol/L|||||F", control_id="H"), message())
    held = InboxMessage.objects.get(control_id="H")

    set_aside(held.id, why="sent by mistake", by=system_user("operator"), at=timezone.now())
    process_waiting(timezone.now())

    assert committed_scene.states() == [("rejected", "set-aside"), ("stored", "")]


def test_replayed_message_does_not_undo_what_came_after_it(committed_scene: Scene) -> None:
    held_unit = message(PID, OBR, GLU, "OBX|2|NM|2823-3^K^LN||4.1|U/L|||||F", control_id="1")
    committed_scene.process(held_unit)
    committed_scene.process(message(PID, OBR, GLU.replace("||5.6|", "||6.6|"), control_id="2"))

    replay([InboxMessage.objects.get(control_id="1").id], by=system_user("operator"), at=timezone.now())
    process_waiting(timezone.now())

    assert [row.value for row in Result.objects.filter(is_current=True)] == [Decimal("6.6")]
    assert "overtaken" in {one["code"] for one in InboxMessage.objects.get(control_id="1").findings}


def test_worker_that_dies_in_the_middle_leaves_nothing_behind(committed_scene: Scene) -> None:
    committed_scene.take(numbered(1, 1))

    with transaction.atomic():
        process_waiting(timezone.now())
        transaction.set_rollback(True)

    assert committed_scene.states() == [("received", "")]
    assert not Result.objects.exists()
    assert process_waiting(timezone.now()).stored == 1


def test_worker_waits_for_a_lost_database_and_goes_on(committed_scene: Scene) -> None:
    with working(1):
        with psycopg.connect(conninfo(), autocommit=True, application_name="test") as killer:
            killer.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), %s)",
                [connection.connection.info.backend_pid],
            )
        committed_scene.take(numbered(1, 1))
        wait_until_done()

    assert committed_scene.states() == [("stored", "")]


FULL = """
CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER disk_is_full BEFORE INSERT ON results_result FOR EACH ROW EXECUTE FUNCTION disk_is_full();
"""


def test_full_disk_is_waited_for_and_holds_no_message(committed_scene: Scene) -> None:
    committed_scene.take(*[numbered(lane, 1) for lane in range(5)])
    with connection.cursor() as cursor:
        cursor.execute(FULL)
    try:
        with working(1):
            time.sleep(2)
            assert {state for state, _ in committed_scene.states()} == {"received"}
            with connection.cursor() as cursor:
                cursor.execute("DROP FUNCTION disk_is_full CASCADE")
            wait_until_done()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION IF EXISTS disk_is_full CASCADE")

    assert committed_scene.states() == [("stored", "")] * 5
    assert Result.objects.count() == 5


def test_listener_killed_between_receipt_and_commit_has_promised_nothing(committed_scene: Scene) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DATABASE_URL": _database_url(), "DJANGO_SETTINGS_MODULE": "lienthong.config.settings"},
    )
    assert process.stdout is not None
    port = int(process.stdout.readline())
    with psycopg.connect(conninfo()) as blocker, line(port) as one:
        blocker.execute("LOCK TABLE results_inbox IN ACCESS EXCLUSIVE MODE")
        one.send(message())
        assert one.answer(seconds=0.5) is None
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
        assert one.answer(seconds=2) is None
        blocker.rollback()
    process.stdout.close()

    with listening() as port:
        assert send_messages([message()], "127.0.0.1", port).by_code == {"AA": 1}
    process_waiting(timezone.now())

    assert Result.objects.count() == 1
    assert set(InboxMessage.objects.values_list("state", flat=True)) <= {"stored", "duplicate"}


def _database_url() -> str:
    at = connections["default"].settings_dict
    return f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
