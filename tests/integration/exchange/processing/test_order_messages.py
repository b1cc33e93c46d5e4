"""Order messages: what becomes of the orders, which messages are held, and how reports of results meet them."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.factories.exchange import GLU, OBR, PID, SourceFactory, message, moment
from tests.integration.exchange.claiming import NOW, Senders, claimed, finish, store_opened
from tests.integration.exchange.conftest import Scene

from lienthong.core.actions import system_user
from lienthong.exchange.listening.lanes import lane_of
from lienthong.exchange.processing.order_messages import open_order_messages
from lienthong.exchange.processing.order_reading import read_order_message, status_of
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import OrderRequest
from lienthong.results.actions import Outcome, follow_reports
from lienthong.results.models import Order, PatientRecord, Report
from lienthong.results.reads import OrderFacts, order, orders_of_report

pytestmark = pytest.mark.django_db
CCCD = PID.split("~")[1].split("^")[0]
ORC = "ORC|NW|PL1|||||1^^^20261121070000^^S||20261120085000|||7^Lê^An"
ASKED = "OBR|1|PL1||CHEM^Sinh hóa^L|||20261120070000||||||||BLD&Máu"
DG1 = "DG1|1||E10.9^Đái tháo đường^I10"


def orm(*segments: str, control_id: str = "O1", kind: str = "ORM^O01", **header: str) -> bytes:
    return message(*(segments or (PID, ORC, ASKED, DG1)), kind=kind, control_id=control_id, **header)


def store(*messages: bytes) -> list[Outcome]:
    outcomes = store_opened(open_order_messages(claimed(*messages), Senders(), system_user("exchange"), NOW))
    finish(outcomes)
    return outcomes


def stored_order() -> OrderFacts:
    found = order(Order.objects.get().pk)
    assert found is not None
    return found


def test_order_message_is_stored_with_all_that_it_says(scene: Scene) -> None:
    (outcome,) = store(orm())

    found, record = stored_order(), PatientRecord.objects.get()
    now = found.now
    assert (outcome.state, outcome.findings) == ("stored", ())
    assert (found.source, found.placer_number, found.patient_record_id) == ("SX", "PL1", record.pk)
    assert (found.facility_id, now.status, now.control) == (scene.source.facility_id, "requested", "NW")
    assert (now.service_code, now.service_system, now.service) == ("CHEM", "L", "Sinh hóa")
    assert (now.specimen, now.priority, now.requester) == ("Máu", "S", "Lê An")
    assert now.diagnoses == (("E10.9", "I10", "Đái tháo đường"),)
    assert (now.requested_at, now.wanted_at) == (moment("2026-11-20 08:50"), moment("2026-11-21 07:00"))


def test_same_order_under_another_control_id_changes_nothing(scene: Scene) -> None:
    outcomes = [*store(orm()), *store(orm()), *store(orm(control_id="O2"))]

    assert [one.state for one in outcomes] == ["stored", "duplicate", "duplicate"]
    assert len(stored_order().versions) == 1


@pytest.mark.parametrize(
    ("control", "order_status", "expected"),
    [
        ("NW", "", "requested"),
        ("NW", "IP", "accepted"),
        ("CA", "", "cancelled"),
        ("DC", "CM", "cancelled"),
        ("HD", "", "on-hold"),
        ("RP", "", "replaced"),
        ("XO", "", ""),
        ("SC", "IP", "accepted"),
        ("SC", "CM", "completed"),
        ("SC", "A", "reported"),
        ("SC", "??", ""),
        ("Z1", "", ""),
    ],
)
def test_status_of_order_follows_control_code_and_order_status(control: str, order_status: str, expected: str) -> None:
    assert status_of(OrderRequest(control=control, status=order_status)) == expected


def test_cancellation_of_an_order_needs_no_service(scene: Scene) -> None:
    store(orm())
    store(orm(PID, "ORC|CA|PL1", control_id="O2"))

    assert [state.status for state in stored_order().versions] == ["requested", "cancelled"]
    assert stored_order().now.service == "Sinh hóa"


@pytest.mark.parametrize(
    ("segments", "reason"),
    [
        pytest.param((ORC, ASKED), "structure", id="no PID"),
        pytest.param((PID,), "structure", id="no order"),
        pytest.param(("PID|1||||Lê^An", ORC), "patient-missing", id="no number of the patient"),
        pytest.param((PID, "ORC|NW"), "order-number", id="no number of the order"),
        pytest.param((PID, "ORC|NW|" + "9" * 101), "order-number", id="number too long"),
        pytest.param((PID, "ORC||PL1"), "order-control", id="no control code"),
        pytest.param((PID, "PID|2||P2^^^SX", "ORC|PR|PL1", ASKED), "no-orders", id="earlier results only"),
    ],
)
def test_message_that_can_not_be_stored_is_held_with_its_reason(
    scene: Scene, segments: tuple[str, ...], reason: str
) -> None:
    (outcome,) = store(orm(*segments))

    assert (outcome.state, outcome.reason) == ("held", reason)
    assert outcome.findings
    assert not Order.objects.exists()


def test_answer_to_orders_is_held_as_another_kind(scene: Scene) -> None:
    (outcome,) = store(orm(PID, ORC, kind="ORR^O02"))

    assert (outcome.state, outcome.reason) == ("held", "message-type")


def test_order_number_of_another_patient_holds_the_whole_message(scene: Scene) -> None:
    store(orm())
    other = PID.replace("P1^^^SX", "P2^^^SX").replace(f"~{CCCD}^^^CCCD^NI", "")
    (outcome,) = store(orm(other, ORC, ASKED, "ORC|NW|PL7", "OBR|2|PL7||K^^L", control_id="O2"))

    assert (outcome.state, outcome.reason) == ("held", "order-of-another-patient")
    assert list(Order.objects.values_list("placer_number", flat=True)) == ["PL1"]
    assert PatientRecord.objects.count() == 1


def test_order_of_control_material_reaches_no_patient(scene: Scene) -> None:
    specimen = "SPM|1|S1||SER|||||||Q"

    outcomes = store(
        orm(PID, ORC, ASKED, specimen, kind="OML^O21"), orm(control_id="O2", processing_id="Q", kind="OML^O21")
    )

    assert [one.state for one in outcomes] == ["control", "control"]
    assert not PatientRecord.objects.exists()


def test_orders_of_several_patients_are_theirs(scene: Scene) -> None:
    second = PID.replace("P1^^^SX", "P2^^^SX").replace(f"~{CCCD}^^^CCCD^NI", "")

    store(orm(PID, ORC, ASKED, second, "ORC|NW|PL2", "OBR|1|PL2||K^^L"))

    found = Order.objects.order_by("placer_number").values_list("placer_number", "patient_record__local_id")
    assert list(found) == [("PL1", "P1"), ("PL2", "P2")]


def test_report_of_the_laboratory_completes_the_order_of_the_hospitals_system(scene: Scene) -> None:
    SourceFactory(code="HIS", sending_application="HIS", laboratory=scene.laboratory, facility=scene.source.facility)
    outcomes = store_opened(open_order_messages(claimed(orm(), source="HIS"), Senders(), system_user("exchange"), NOW))
    finish(outcomes)
    scene.process(message(PID, OBR, GLU))
    report = Report.objects.get()

    follow_reports([report.pk], by=system_user("exchange"), at=NOW)

    assert [state.status for state in stored_order().versions] == ["requested", "completed"]
    assert [one.placer_number for one in orders_of_report(report.pk)] == ["PL1"]


def test_lock_names_hold_patient_and_order(scene: Scene) -> None:
    (waiting,) = claimed(orm())
    facility_id = scene.source.facility_id

    names = read_order_message(waiting, Senders().known["SX"]).lock_names()

    assert names == ["patient\x1fSX\x1fSX\x1fP1", f"number\x1f{CCCD}", f"order\x1f{facility_id}\x1fPL1"]


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        pytest.param(("ORC|NW|PL1|L1",), "SX::ORC:PL1", id="placer before filler"),
        pytest.param(("ORC|SC||L1", "OBR|1|PL1^HIS|L1"), "SX::ORC:PL1", id="placer in OBR"),
        pytest.param(("ORC|SN||L1^LIS",), "SX::ORC:L1", id="filler alone"),
        pytest.param((PID,), "SX::O1", id="no number"),
    ],
)
def test_order_lane_is_the_source_and_the_placers_number(segments: tuple[str, ...], expected: str) -> None:
    data = orm(*segments)
    header = hl7v2.header(data)
    assert header is not None

    assert lane_of("SX", data.decode(), header) == expected


def test_order_without_a_zone_is_read_in_the_senders(scene: Scene) -> None:
    store(orm(PID, ORC.replace("20261120085000", "20261120085000+0900")))

    assert stored_order().now.requested_at == dt.datetime(2026, 11, 19, 23, 50, tzinfo=dt.UTC)
