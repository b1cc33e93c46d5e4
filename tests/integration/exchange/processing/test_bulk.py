"""A batch is stored in bulk: a fault leaves nothing of its message and does not touch the others, order is kept."""

from __future__ import annotations

import datetime as dt
import random
import threading

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.factories.exchange import GLU, OBR, PID, CodeMappingFactory, message
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.processing.test_worker import numbered, wait_until_done
from tests.integration.exchange.running import working

from lienthong.core.actions import system_user
from lienthong.exchange.processing import pipeline, storing, worker
from lienthong.exchange.processing.desk import Desk
from lienthong.exchange.processing.pipeline import kind_of, process_batch
from lienthong.exchange.processing.worker import BatchSize, process_waiting
from lienthong.results.actions import Waiting, replay, take_lanes
from lienthong.results.models import (
    HeldResult,
    InboxMessage,
    OrderVersion,
    PatientIdentifier,
    PatientRecord,
    PriorNumber,
    Report,
    Result,
    ReviewCase,
)

NOON = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
NOBODY = PID.replace("P1^^^SX^MR~001180012345^^^CCCD^NI", "")
UNKNOWN = "OBX|1|NM|XYZ^Xyz^L||5.6|mmol/L|||||F"


def of_patient(number: int, report: str, *, born: str = "19800517", control_id: str = "") -> bytes:
    """Return a glucose of patient `number` of the sender, who has no other number."""
    patient = f"PID|1||Q{number}^^^SX^MR||Nguyễn^Đào^Thị||{born}|F"
    return message(patient, OBR.replace("SX1", report), GLU, control_id=control_id or report)


def states() -> dict[str, str]:
    return dict(InboxMessage.objects.values_list("control_id", "state"))


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let the storing of any batch fail that holds a report named BAD; return the sizes of the attempts."""
    sizes: list[int] = []
    real = storing.results.store_reports

    def store_reports(claims, **by):  # type: ignore[no-untyped-def]  # as the original
        sizes.append(len(claims))
        if any(claim.draft.number.startswith("BAD") for claim in claims):
            raise ValueError("what nobody foresaw")
        return real(claims, **by)

    monkeypatch.setattr(storing.results, "store_reports", store_reports)
    return sizes


@pytest.mark.django_db
@pytest.mark.parametrize("place", [0, 3, 7])
def test_unforeseen_fault_holds_one_message_and_stores_the_others(scene: Scene, failing: list[int], place: int) -> None:
    messages = [of_patient(n, "BAD" if n == place else f"R{n}") for n in range(8)]

    scene.process(*messages)

    held = InboxMessage.objects.get(control_id="BAD")
    assert (held.state, held.reason) == ("held", "unforeseen")
    assert Result.objects.count() == Report.objects.count() == PatientRecord.objects.count() == 7
    assert not PatientIdentifier.objects.filter(value=f"Q{place}").exists()


@pytest.mark.django_db
def test_batch_of_faults_only_is_held_message_by_message(scene: Scene, failing: list[int]) -> None:
    scene.process(*(of_patient(n, f"BAD{n}") for n in range(5)))

    assert set(states().values()) == {"held"}
    assert not PatientRecord.objects.exists()


@pytest.mark.django_db
def test_text_that_the_database_refuses_holds_its_message_only(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    real = storing.read_message

    def read_message(one, source, book):  # type: ignore[no-untyped-def]  # as the original
        read = real(one, source, book)
        if one.control_id == "R1":
            read.patients[0].reports[0].draft.results[0].outcome = "x" * 16  # longer than its column
        return read

    monkeypatch.setattr(storing, "read_message", read_message)

    scene.process(of_patient(0, "R0"), of_patient(1, "R1"), of_patient(2, "R2"))

    assert states() == {"R0": "stored", "R1": "held", "R2": "stored"}
    assert PatientRecord.objects.count() == 2


@pytest.mark.django_db
def test_conflict_of_identity_in_a_batch_leaves_no_result_of_its_message_and_a_case_to_decide(scene: Scene) -> None:
    scene.process(of_patient(1, "R1"))
    two = message(
        "PID|1||Q8^^^SX^MR||Lê^Lan||19900101|F", OBR.replace("SX1", "R8"), GLU,
        "PID|1||Q1^^^SX^MR||Trần^Bình||19550101|M", OBR.replace("SX1", "R9"), GLU,
        control_id="BOTH",
    )  # fmt: skip

    scene.process(of_patient(2, "R2"), two, of_patient(3, "R3"))

    assert states() == {"R1": "stored", "R2": "stored", "BOTH": "held", "R3": "stored"}
    assert not Report.objects.filter(number__in=["R8", "R9"]).exists()
    assert ReviewCase.objects.exists()


@pytest.mark.django_db
def test_report_of_another_patient_in_one_batch_is_held_alone(scene: Scene) -> None:
    scene.process(of_patient(1, "R1", control_id="1"), of_patient(2, "R1", control_id="2"), of_patient(3, "R3"))

    assert states() == {"1": "stored", "2": "held", "R3": "stored"}
    assert sorted(PatientRecord.objects.values_list("local_id", flat=True)) == ["Q1", "Q3"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "held",
    [
        pytest.param(message(PID, OBR, UNKNOWN, control_id="H"), id="no code is known"),
        pytest.param(message(PID, GLU, OBR, control_id="H"), id="broken"),
        pytest.param(message(NOBODY, OBR, GLU, control_id="H"), id="no patient"),
    ],
)
def test_held_message_delays_its_own_report_only(scene: Scene, held: bytes) -> None:
    """The patient of the held message goes on with other reports: a result hangs on its record and moves with it."""
    other_report = message(PID, OBR.replace("SX1", "SX2"), GLU, control_id="O")

    scene.process(held, message(control_id="B"), other_report, numbered(2, 1))

    found = states()
    assert found["H"] == "held"
    assert (found["O"], found["2-1"]) == ("stored", "stored")
    assert found["B"] == "received"


@pytest.mark.django_db
def test_lane_goes_on_in_order_once_its_held_message_is_replayed(scene: Scene) -> None:
    scene.process(message(PID, OBR, UNKNOWN, control_id="H"), numbered(2, 1), *(_turn(n) for n in (1, 2, 3)))
    CodeMappingFactory(source=scene.source, local_code="XYZ", analyte=scene.potassium)

    replay([InboxMessage.objects.get(control_id="H").id], by=system_user("operator"), at=timezone.now())
    process_waiting(timezone.now())

    assert set(states().values()) == {"stored"}
    rows = Result.objects.filter(report_id=Report.objects.get(number="SX1").pk, analyte_id=scene.glucose.pk)
    assert [(row.version, int(row.value or 0)) for row in rows.order_by("version")] == [(1, 1), (2, 2), (3, 3)]


def _turn(number: int) -> bytes:
    return message(PID, OBR, GLU.replace("||5.6|", f"||{number}|"), control_id=f"T{number}")


@pytest.mark.django_db
def test_run_of_one_lane_is_one_batch_with_all_its_versions(scene: Scene) -> None:
    scene.take(*(_turn(n) for n in range(1, 9)))

    done = process_batch(by=system_user("exchange"), at=timezone.now())

    rows = list(Result.objects.order_by("version"))
    assert len(done) == 8
    assert [int(row.value or 0) for row in rows] == list(range(1, 9))
    assert [row.replaces for row in rows] == [None, *(row.id for row in rows[:-1])]
    assert [row.is_current for row in rows] == [False] * 7 + [True]
    assert Report.objects.get().version == 8


@pytest.mark.django_db
def test_batches_of_any_size_give_the_same(scene: Scene) -> None:
    """The fast way equals the plain one: a message at a time."""
    rng = random.Random(5)  # noqa: S311 — a seed
    messages = [_random_message(rng, n) for n in range(60)]

    def stored(limit: int) -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE results_inbox, results_result, results_heldresult")
        Report.objects.all().delete()
        scene.take(*messages)
        process_waiting(timezone.now(), limit=limit)
        rows = Result.objects.order_by("key", "version")
        numbers = dict(rows.values_list("id", "version"))
        return [(row.key, row.version, row.status, row.value, numbers.get(row.replaces or 0)) for row in rows]

    one_by_one = stored(1)

    assert len(one_by_one) > 10
    assert stored(7) == stored(500) == one_by_one


def _random_message(rng: random.Random, number: int) -> bytes:
    report, value = rng.randrange(4), rng.randrange(3)
    status = rng.choice("FFFFCCDX")
    released = f"2026112009{rng.randrange(4)}000"
    obr = OBR.replace("SX1", f"R{report}").replace("20261120090000", released)
    patient = PID.replace("P1^", f"P{report}^").replace("001180012345", f"00118001234{report}")
    observed = GLU.replace("||5.6|", f"||{value}|").replace("|||F|", f"|||{status}|")
    return message(patient, obr, observed, control_id=f"N{number}")


@pytest.mark.django_db
def test_same_bytes_twice_in_a_batch_change_nothing(scene: Scene) -> None:
    corrected = message(PID, OBR, GLU.replace("||5.6|", "||6.6|"), control_id="M2")

    scene.process(message(), corrected, message())

    assert scene.states() == [("stored", ""), ("stored", ""), ("duplicate", "")]
    assert [str(row.value) for row in Result.objects.filter(is_current=True)] == ["6.6000000000"]


@pytest.mark.django_db
def test_same_bytes_twice_in_a_batch_take_no_later_change_of_an_order_back(scene: Scene) -> None:
    asked = message(PID, "ORC|NW|PL1|||||1^^^20261121070000^^R", "OBR|1|PL1||C^^L", kind="ORM^O01", control_id="O1")
    urgent = asked.replace(b"|NW|", b"|XO|").replace(b"^^R", b"^^S").replace(b"|O1|", b"|O2|")

    scene.process(asked, urgent, asked)

    assert scene.states() == [("stored", ""), ("stored", ""), ("duplicate", "")]
    assert list(OrderVersion.objects.order_by("version").values_list("priority", flat=True)) == ["R", "S"]


@pytest.mark.django_db
def test_same_merge_twice_in_a_batch_is_stored_once(scene: Scene) -> None:
    scene.process(message(PID, "MRG|P2^^^SX^MR", kind="ADT^A40"), message(PID, "MRG|P2^^^SX^MR", kind="ADT^A40"))

    assert scene.states() == [("stored", ""), ("duplicate", "")]
    assert PriorNumber.objects.count() == 1


@pytest.mark.django_db
def test_mapping_that_ends_is_not_used_by_a_desk_that_knew_it(scene: Scene) -> None:
    mapping = CodeMappingFactory(source=scene.source, local_code="XYZ", analyte=scene.glucose)
    desk, by = Desk(), system_user("exchange")
    scene.take(message(PID, OBR, UNKNOWN, control_id="1"))
    process_batch(by=by, at=NOON, desk=desk)

    type(mapping).objects.update(superseded_at=timezone.now())
    scene.take(message(PID, OBR.replace("SX1", "SX2"), UNKNOWN, control_id="2"))
    process_batch(by=by, at=NOON, desk=desk)

    assert states() == {"1": "stored", "2": "held"}


@pytest.mark.django_db
def test_desk_asks_nothing_where_nothing_changed(scene: Scene, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    desk = Desk()
    waiting = [
        Waiting(id=1, source="SX", sender="", lane="", control_id="", message_type="", raw=b"", received_at=NOON)
    ]
    desk.prepare(waiting, at=NOON)

    with django_assert_num_queries(1):
        desk.prepare(waiting, at=NOON)


@pytest.mark.django_db
def test_number_of_statements_does_not_grow_with_the_batch(scene: Scene) -> None:
    by, counts = system_user("exchange"), []
    for round_, size in enumerate((2, 20)):
        scene.take(*(of_patient(1, f"R{round_}-{n}") for n in range(size)))
        with CaptureQueriesContext(connection) as asked:
            process_batch(by=by, at=timezone.now())
        counts.append(sum("results_patient" not in one["sql"] and "personlink" not in one["sql"] for one in asked))
    assert counts[1] <= counts[0]


@pytest.mark.django_db
def test_batch_holds_at_most_so_many_bytes(scene: Scene) -> None:
    scene.take(*(numbered(n, 1) for n in range(5)))
    size = len(numbered(0, 1))

    taken = take_lanes(limit=100, by=system_user("exchange"), largest=2 * size)

    assert [one.control_id for one in taken] == ["0-1", "1-1"]


@pytest.mark.parametrize(
    ("message_type", "kind"),
    [("ADT^A40", "patient"), ("OML^O21", "order"), ("ORU^R01", "results"), ("OUL^R22", "results"), ("", "results")],
)
def test_message_is_dispatched_by_its_kind(message_type: str, kind: str) -> None:
    assert kind_of(_claimed(message_type)) == kind


def _claimed(kind: str) -> Waiting:
    return Waiting(id=1, source="SX", sender="", lane="", control_id="", message_type=kind, raw=b"", received_at=NOON)


@pytest.mark.django_db
def test_lane_that_mixes_kinds_keeps_its_order(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def noted(waiting, desk, by, at):  # type: ignore[no-untyped-def]  # a handler
        order.extend(one.control_id for one in waiting)
        return storing.open_results(waiting, desk, by, at)

    monkeypatch.setattr(pipeline, "HANDLERS", dict.fromkeys(("patient", "order", "results"), noted))
    scene.take(_turn(1), _turn(2), _turn(3))
    InboxMessage.objects.filter(control_id="T2").update(message_type="ORM^O01")

    while process_batch(by=system_user("exchange"), at=timezone.now()):
        pass

    assert order == ["T1", "T2", "T3"]


def test_size_of_a_batch_grows_while_much_waits_and_shrinks_when_it_takes_long() -> None:
    size = BatchSize(messages=100)

    size.learn(100, seconds=0.1)
    assert size.messages == 200
    size.learn(10, seconds=0.1)
    assert size.messages == 200
    size.learn(200, seconds=9)
    assert size.messages == 100


@pytest.mark.django_db(transaction=True)
def test_workers_that_meet_the_same_patients_and_reports_neither_wait_for_each_other_nor_double(
    committed_scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every message names two patients with shared numbers and two reports, in either order, one of them shared."""
    deadlocks: list[str] = []
    monkeypatch.setattr(worker.log, "warning", lambda *args: deadlocks.append(str(args)))
    rng = random.Random(7)  # noqa: S311 — a seed
    messages = []
    for number in range(80):
        parts = []
        for place in rng.sample(range(6), 2):
            patient = PID.replace("P1^", f"P{place}^").replace("001180012345", f"00118001234{place}")
            parts += [patient, OBR.replace("SX1", f"R{place}"), GLU.replace("||5.6|", f"||{number}|")]
        messages.append(message(*parts, control_id=str(number)))
    committed_scene.take(*messages)

    with working(3):
        wait_until_done()

    assert deadlocks == []
    assert set(InboxMessage.objects.values_list("state", flat=True)) <= {"stored", "duplicate"}
    assert PatientRecord.objects.count() == Report.objects.count() == 6
    assert Result.objects.filter(is_current=True).count() == 6
    for key in set(Result.objects.values_list("key", flat=True)):
        rows = Result.objects.filter(key=key).order_by("version")
        assert [row.version for row in rows] == list(range(1, len(rows) + 1))


@pytest.mark.django_db(transaction=True)
def test_worker_goes_on_after_its_turn_was_lost(committed_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    real, lost = worker.process_batch, threading.Event()

    def process(**asked):  # type: ignore[no-untyped-def]  # as the original
        if not lost.is_set():
            lost.set()
            raise OperationalError("deadlock detected")
        return real(**asked)

    monkeypatch.setattr(worker, "process_batch", process)
    committed_scene.take(numbered(1, 1))

    with working(1):
        wait_until_done()

    assert lost.is_set()
    assert states() == {"1-1": "stored"}


@pytest.mark.django_db
def test_held_results_of_a_batch_wait_under_their_messages(scene: Scene) -> None:
    def both(report: str) -> bytes:
        return message(PID, OBR.replace("SX1", report), GLU, UNKNOWN.replace("OBX|1", "OBX|2"), control_id=report)

    scene.process(both("A"), both("B"))
    CodeMappingFactory(source=scene.source, local_code="XYZ", analyte=scene.potassium)
    replay(list(InboxMessage.objects.values_list("id", flat=True)), by=system_user("operator"), at=timezone.now())
    assert HeldResult.objects.filter(released_at=None).count() == 2
    process_waiting(timezone.now())

    assert HeldResult.objects.filter(released_at=None).count() == 0
    assert Result.objects.count() == 4
    assert set(InboxMessage.objects.values_list("results_held", flat=True)) == {0}
