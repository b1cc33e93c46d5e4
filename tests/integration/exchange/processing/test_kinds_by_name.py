"""Kinds of messages and character sets that are seldom sent, each by its name: from MLLP to what is stored."""

from __future__ import annotations

import pytest
from django.utils import timezone
from tests.factories.exchange import GLU, OBR, PID, message, moment
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.running import line, listening

from lienthong.exchange.processing.worker import process_waiting
from lienthong.results.models import InboxMessage, Order, OrderSpecimen, OrderVersion, PatientRecord, Report, Result

pytestmark = pytest.mark.django_db(transaction=True)
POTASSIUM = "OBX|1|NM|2823-3^Potassium^LN||4.1|mmol/L|3.5-5.1|N|||F|||20261120070000||||C8|20261120081000"


def sent(*messages: bytes) -> list[tuple[str, str]]:
    """Send messages over MLLP, each acknowledged, let a worker store them, and return state and reason of each."""
    with listening() as port, line(port) as one:
        for data in messages:
            one.send(data)
            answer = one.answer()
            assert answer is not None
            assert answer.code == "AA"
    process_waiting(timezone.now())
    return list(InboxMessage.objects.order_by("id").values_list("state", "reason"))


def of_report(number: str) -> list[tuple[str, str, str, int | None]]:
    """Return what is stored of a report: status, analyte, value as reported, system."""
    rows = Result.objects.filter(report_id=Report.objects.get(number=number).pk).order_by("id")
    return [(row.status, row.local_code, row.reported_value, row.procedure_id) for row in rows]


@pytest.mark.parametrize(
    ("kind", "segments"),
    [
        pytest.param(
            "OUL^R23^OUL_R23",
            ("SPM|1|T1||SER|||||||P", "SAC|||C1", "INV|R1|OK|CO", OBR, GLU, OBR.replace("SX1", "SX2"), POTASSIUM),
            id="by container",
        ),
        pytest.param(
            "OUL^R24^OUL_R24",
            (OBR, "ORC|SC|PL1", "SPM|1|T1||SER|||||||P", "SAC|||C1", GLU, OBR.replace("SX1", "SX2"), POTASSIUM),
            id="by order",
        ),
    ],
)
def test_results_of_an_analyser_are_stored_with_their_reports(
    committed_scene: Scene, kind: str, segments: tuple[str, ...]
) -> None:
    states = sent(message(PID, *segments, kind=kind))

    record, (glucose, potassium) = PatientRecord.objects.get(), Report.objects.order_by("number")
    assert states == [("stored", "")]
    assert of_report("SX1") == [("final", "2345-7", "5.6", committed_scene.glucose_system.pk)]
    assert of_report("SX2") == [("final", "2823-3", "4.1", committed_scene.potassium_systems[1].pk)]
    assert {one.patient_record_id for one in (glucose, potassium)} == {record.pk}
    assert (glucose.specimen, glucose.placer_number, glucose.status) == ("SER", "PL1", "final")
    assert Result.objects.get(report_id=glucose.pk).measured_at == moment("2026-11-20 08:00")


@pytest.mark.parametrize(
    ("kind", "tube"),
    [
        pytest.param("OML^O33^OML_O33", ("SPM|1|T1||SER|||||||P||||||20261120064500",), id="by specimen"),
        pytest.param("OML^O35^OML_O35", ("SPM|1|||SER|||||||P||||||20261120064500", "SAC|||T1"), id="by container"),
    ],
)
def test_orders_of_a_tube_are_stored_with_it_and_completed_by_their_report(
    committed_scene: Scene, kind: str, tube: tuple[str, ...]
) -> None:
    asked = ("ORC|NW|PL1|||||||20261120063000", "TQ1|1||||||||S", "OBR|1|PL1||2345-7^Glucose^LN")
    further = ("ORC|NW|PL2|||||||20261120063000", "OBR|2|PL2||2823-3^Potassium^LN")

    states = sent(
        message(PID, *tube, *asked, *further, kind=kind, control_id="O1"),
        message(PID, *tube, "ORC|CA|PL2", "OBR|2|PL2||2823-3^Potassium^LN", kind=kind, control_id="O2"),
        message(control_id="M1"),
    )

    versions = OrderVersion.objects.order_by("order__placer_number", "version")
    assert states == [("stored", "")] * 3
    assert list(versions.values_list("order__placer_number", "status", "service_code", "specimen")) == [
        ("PL1", "requested", "2345-7", "SER"),
        ("PL1", "completed", "2345-7", "SER"),
        ("PL2", "requested", "2823-3", "SER"),
        ("PL2", "cancelled", "2823-3", "SER"),
    ]
    assert versions[0].priority == "S"
    assert set(Order.objects.values_list("patient_record__local_id", flat=True)) == {"P1"}
    tubes = OrderSpecimen.objects.order_by("order__placer_number")
    assert list(tubes.values_list("order__placer_number", "number", "named_at")) == [
        (number, "T1", moment("2026-11-20 06:45")) for number in ("PL1", "PL2")
    ]


# Written from the tables of TCVN 5712:1993 and RFC 1456, not by the platform's own codecs.
@pytest.mark.parametrize(
    ("charset", "name"),
    [
        pytest.param("TCVN3", b"Nguy\xd4n^\xa7\xb5o^Th\xde", id="TCVN3"),
        pytest.param("VISCII", b"Nguy\xadn^\xd0\xe0o^Th\xb8", id="VISCII"),
    ],
)
@pytest.mark.parametrize("is_named", [False, True], ids=["of the source", "in MSH-18"])
def test_names_in_a_vietnamese_character_set_are_right(
    committed_scene: Scene, charset: str, name: bytes, is_named: bool
) -> None:
    source = committed_scene.source
    source.default_charset = source.default_charset if is_named else charset
    source.save()
    data = message(PID.replace("Nguyễn^Đào^Thị", "NAME"), OBR, GLU, charset=charset if is_named else "")

    states = sent(data.replace(b"NAME", name))

    record = PatientRecord.objects.get()
    assert states == [("stored", "")]
    assert (record.full_name, record.name_key) == ("Nguyễn Thị Đào", "nguyen thi dao")
    assert bytes(InboxMessage.objects.get().raw) == data.replace(b"NAME", name)


@pytest.mark.parametrize("order_status", ["F", "C", ""])
def test_correction_whose_obx_11_is_blank_is_a_new_version_and_told(committed_scene: Scene, order_status: str) -> None:
    correction = message(
        PID,
        OBR.removesuffix("F") + order_status,
        GLU.replace("||5.6|", "||6.5|").replace("N|||F|", "N||||"),
        control_id="M2",
    )

    states = sent(message(), correction, correction.replace(b"|M2|", b"|M3|"))

    rows = Result.objects.order_by("version")
    assert states == [("stored", ""), ("stored", ""), ("duplicate", "")]
    assert [(row.version, row.status, row.reported_value, row.is_current) for row in rows] == [
        (1, "final", "5.6", False),
        (2, "corrected", "6.5", True),
    ]
    assert rows[1].replaces == rows[0].pk
    assert Report.objects.get().status == "corrected"
    found = InboxMessage.objects.get(control_id="M2").findings
    assert [(one["where"], one["code"]) for one in found if one["where"].startswith("OBX")] == [
        ("OBX(1)-11", "status-assumed")
    ]
