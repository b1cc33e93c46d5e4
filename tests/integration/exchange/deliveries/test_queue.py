"""Parting in the background: whoever is interrupted, every report reaches the inbox once, and its progress is seen."""

from __future__ import annotations

import datetime as dt
import threading

import psycopg
import pytest
from django.db import DataError, InterfaceError, OperationalError, connection
from django.utils import timezone, translation
from tests.factories.workbooks import DAMAGED
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.deliveries_scene import HEADER, ROW_1, deliver, push, report

from lienthong.core.tabular import _grids
from lienthong.errors import Conflict
from lienthong.exchange.deliveries import queue
from lienthong.exchange.deliveries.facts import delivery_by_number
from lienthong.exchange.deliveries.places import place_in_file
from lienthong.exchange.deliveries.queue import keep_deliveries, work_deliveries, work_delivery
from lienthong.exchange.deliveries.states import ALLOWED_TRANSITIONS, move
from lienthong.exchange.models import Delivery, DeliveryPiece
from lienthong.exchange.processing.worker import process_waiting
from lienthong.results.models import InboxMessage

REPORTS = 7
MANY = "\n".join((HEADER, *(ROW_1.replace(",R1,", f",R{n},") for n in range(REPORTS)))).encode()


class Killed(BaseException):
    """What ends a process at once."""


@pytest.mark.django_db
def test_interrupted_worker_is_followed_by_one_that_goes_on(mapped: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = deliver(MANY)
    monkeypatch.setattr(queue, "CHUNK", 3)
    receive, calls = queue.results.receive, []

    def dying(*given: object, **more: object) -> list[int]:
        calls.append(1)
        if len(calls) == 3:
            raise Killed
        return receive(*given, **more)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(queue.results, "receive", dying)
    with pytest.raises(Killed):
        work_delivery(receipt.id, at=timezone.now())
    between = delivery_by_number(receipt.number)
    monkeypatch.setattr(queue.results, "receive", receive)
    work_deliveries(timezone.now())
    after = delivery_by_number(receipt.number)

    assert (between.state, between.row.pieces_received, between.row.pieces_found) == ("received", 6, REPORTS)
    assert (after.state, after.row.pieces_received) == ("processing", REPORTS)
    assert InboxMessage.objects.count() == DeliveryPiece.objects.count() == REPORTS
    assert list(DeliveryPiece.objects.order_by("place").values_list("number", flat=True)) == [
        f"R{n}" for n in range(REPORTS)
    ]


@pytest.mark.django_db(transaction=True)
def test_two_workers_part_a_delivery_once(committed_scene: Scene) -> None:
    receipt = deliver(MANY)
    gate = threading.Barrier(2)
    done: list[bool] = []

    def work() -> None:
        try:
            gate.wait()
            done.append(work_delivery(receipt.id, at=timezone.now()))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert True in done
    assert DeliveryPiece.objects.count() == InboxMessage.objects.filter(source="SX").count() == REPORTS
    assert Delivery.objects.get().state == "split"


@pytest.mark.django_db
def test_versions_of_a_report_keep_their_order_whichever_way_they_come(mapped: Scene) -> None:
    deliver(push(report(number="R0", results=[{"code": "XYZ", "value": "1"}])))
    deliver(MANY)
    work_deliveries(timezone.now())

    process_waiting(timezone.now())

    lanes = InboxMessage.objects.filter(lane="SX:R0").order_by("id").values_list("message_type", "state")
    assert list(lanes) == [("REPORT", "held"), ("FORM", "received")]


class Unheard(Exception):
    """What no list of kinds has, as DependencyError of pypdf and LZMAError."""


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kind", [TypeError, RuntimeError, NotImplementedError, OSError, AssertionError, MemoryError, Unheard]
)
def test_file_that_nobody_foresaw_is_refused_and_blocks_no_other(
    mapped: Scene, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    first, second = deliver(MANY), deliver(push())
    whole = queue.split_delivery

    def breaking(name: str, *given: object, **more: object) -> object:
        if name == "FORM":
            raise kind
        return whole(name, *given, **more)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(queue, "split_delivery", breaking)
    work_deliveries(timezone.now())

    told = delivery_by_number(first.number)
    assert (told.state, [one.code for one in told.findings]) == ("refused", ["unforeseen"])
    assert delivery_by_number(second.number).state == "processing"


@pytest.mark.django_db
def test_delivery_that_the_database_does_not_take_is_refused(mapped: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = deliver(MANY)

    def refused(*_: object, **__: object) -> list[int]:
        raise DataError

    monkeypatch.setattr(queue.results, "receive", refused)
    work_deliveries(timezone.now())

    told = delivery_by_number(receipt.number)
    assert (told.state, [one.code for one in told.findings]) == ("refused", ["unforeseen"])


@pytest.mark.django_db
@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in DAMAGED.items()])
def test_damaged_workbook_is_refused_and_blocks_no_other(mapped: Scene, data: bytes) -> None:
    first, second = deliver(data), deliver(push())

    work_deliveries(timezone.now())

    told = delivery_by_number(first.number)
    assert (told.state, [one.code for one in told.findings]) == ("refused", ["unreadable"])
    assert delivery_by_number(second.number).state == "processing"


@pytest.mark.django_db
def test_nothing_is_stored_of_a_form_whose_later_rows_are_not_read(
    mapped: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_grids, "MOST_CELLS", 30 * len(HEADER.split(",")))
    receipt = deliver("\n".join((HEADER, *(ROW_1.replace("GLU", f"G{n}") for n in range(40)))).encode())

    work_deliveries(timezone.now())

    told = delivery_by_number(receipt.number)
    assert (told.state, [one.code for one in told.findings]) == ("refused", ["too-many-cells"])
    assert not InboxMessage.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("wants_preview", [False, True])
def test_delivery_that_fails_after_it_was_read_is_refused_and_blocks_no_other(
    mapped: Scene, monkeypatch: pytest.MonkeyPatch, wants_preview: bool
) -> None:
    first, second = deliver(MANY, wants_preview=wants_preview), deliver(push())
    whole = queue._go_on

    def breaking(row: Delivery, *given: object, **more: object) -> None:
        if row.pk == first.id:
            raise RuntimeError
        whole(row, *given, **more)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(queue, "_go_on", breaking)
    work_deliveries(timezone.now())

    told = delivery_by_number(first.number)
    assert (told.state, [one.code for one in told.findings]) == ("refused", ["unforeseen"])
    assert delivery_by_number(second.number).state == "processing"


LOSSES = [OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError]


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["split_delivery", "_go_on"])
@pytest.mark.parametrize("loss", LOSSES)
def test_lost_database_is_no_fault_of_the_file(
    mapped: Scene, monkeypatch: pytest.MonkeyPatch, place: str, loss: type[Exception]
) -> None:
    receipt = deliver(MANY)

    def losing(*_: object, **__: object) -> None:
        raise loss

    monkeypatch.setattr(queue, place, losing)
    with pytest.raises(loss):
        work_delivery(receipt.id, at=timezone.now())
    with monkeypatch.context() as gone:
        gone.setattr(connection, "is_usable", lambda: False)
        with pytest.raises(loss):
            work_deliveries(timezone.now())

    assert Delivery.objects.get().state == "received"


@pytest.mark.django_db
def test_delivery_that_the_database_has_no_time_for_waits_and_blocks_no_other(
    mapped: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = deliver(MANY), deliver(push())
    whole = queue._take_in

    def breaking(row: Delivery, *given: object, **more: object) -> None:
        if row.pk == first.id:
            raise OperationalError
        whole(row, *given, **more)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(queue, "_take_in", breaking)
    done = work_deliveries(timezone.now())

    assert (done, Delivery.objects.get(pk=first.id).state) == (1, "received")
    assert delivery_by_number(second.number).state == "processing"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("loss", LOSSES)
def test_lost_database_does_not_end_the_parting(monkeypatch: pytest.MonkeyPatch, loss: type[Exception]) -> None:
    stop, turns = threading.Event(), []

    def losing(at: dt.datetime) -> int:
        turns.append(at)
        if len(turns) == 2:
            stop.set()
        raise loss

    monkeypatch.setattr(queue, "work_deliveries", losing)
    keep_deliveries(stop, clock=timezone.now, look_seconds=0.01)

    assert len(turns) == 2


@pytest.mark.django_db
def test_character_that_no_text_has_is_told_by_its_report(mapped: Scene) -> None:
    receipt = deliver(push(report(number="J\0"), report()))

    work_deliveries(timezone.now())

    told = delivery_by_number(receipt.number)
    assert [(one.where, one.code) for one in told.findings] == [("$.reports[0]", "nul")]
    assert told.row.pieces_received == 1


@pytest.mark.django_db
def test_every_state_has_its_transitions_and_others_are_refused(mapped: Scene) -> None:
    deliver(push())
    row = Delivery.objects.get()

    assert set(ALLOWED_TRANSITIONS) == set(Delivery.State.values)
    with translation.override("en"), pytest.raises(Conflict, match="has gone on meanwhile"):
        move(row, Delivery.State.CHECKED)


@pytest.mark.parametrize(
    ("where", "piece", "kind", "told"),
    [
        pytest.param("results(2)-3", "2,3,7", "FORM", "3: code", id="cell-of-a-form"),
        pytest.param("PID-7", "2,3,7", "FORM", "2–3, 7: birth_date", id="patient-of-a-form"),
        pytest.param("report(1)-3", "2", "FORM", "2: report_number", id="report-of-a-form"),
        pytest.param("", "2,3", "FORM", "2–3", id="rows"),
        pytest.param("results(1)-5", "4", "REPORT", "$.reports[4].results[0].value", id="json"),
        pytest.param("PID-5", "0", "REPORT", "$.reports[0].patient.name", id="patient-in-json"),
        pytest.param("OBX(1)-5", "3", "HL7", "OBX(1)-5", id="hl7"),
    ],
)
def test_place_is_told_as_the_sender_knows_it(where: str, piece: str, kind: str, told: str) -> None:
    assert place_in_file(where, piece, kind) == told
