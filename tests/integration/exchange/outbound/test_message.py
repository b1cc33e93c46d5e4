"""What a message says: the report as it was told, in the receiver's own numbers, with the marks that stand."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

import hl7
import pytest
from django.utils import timezone
from tests.factories.exchange import SourceFactory
from tests.factories.recognition import GrantFactory
from tests.factories.registry import AnalyteFactory, LaboratoryFactory, ProcedureFactory
from tests.factories.results import result_draft
from tests.integration.exchange.outbound.scene import AT, Scene

from lienthong.core.actions import system_user
from lienthong.exchange.listening.arrivals import receive_frame
from lienthong.exchange.outbound.hl7v2.message import write_report
from lienthong.exchange.outbound.hl7v2.settings import Hl7Settings
from lienthong.exchange.outbound.hl7v2.shelf import Shelf
from lienthong.exchange.outbound.hl7v2.telling import gather
from lienthong.exchange.outbound.hl7v2.values import value_of
from lienthong.exchange.processing.worker import process_waiting
from lienthong.exchange.senders import directory
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import Frame, Message, OruMessage, OruOrder
from lienthong.recognition.models import Grant
from lienthong.registry.models import Laboratory
from lienthong.registry.reads import facility_by_code
from lienthong.results import reads as results
from lienthong.results.actions import receive
from lienthong.results.models import Report
from lienthong.results.reads import ReportFacts

pytestmark = pytest.mark.django_db
MARK = {"grant_id": 1, "item": "GLU", "mark": "LT-HD", "scope": ["VN-HD"]}


def written(report_id: int, *, facility: str = "30001", **settings: object) -> bytes:
    report, receiver = results.report(report_id), facility_by_code(facility, on=AT.date())
    assert report
    assert receiver
    usual = {"host": "h", "port": 1, "language": "en"}
    chosen = Hl7Settings(**{**usual, **settings})  # type: ignore[arg-type]  # as named
    return write_report(gather(report, receiver, Shelf(), chosen, at=AT), chosen, control_id="LT1", at=AT)


def parsed(data: bytes) -> Message:
    message, findings = hl7v2.parse(data)
    assert message
    assert findings == ()
    return message


def read(data: bytes) -> tuple[OruMessage, OruOrder]:
    oru, findings = hl7v2.read_oru(parsed(data))
    assert oru
    assert findings == ()
    return oru, oru.orders[0]


def test_message_names_both_numbers_and_what_was_ordered(orders: Scene) -> None:
    one = parsed(written(orders.report("EX1"), receiving_application="HIS", receiving_facility="30001"))

    assert [one.get(f"MSH-{n}") for n in (3, 4, 5, 6, 10, 11, 12, 18)] == [
        *("LIENTHONG", "LIENTHONG", "HIS", "30001", "LT1", "P", "2.5.1", "UNICODE UTF-8"),
    ]
    assert one.all("MSH")[0].sent(9) == "ORU^R01^ORU_R01"
    assert (one.get("ORC-1"), one.get("ORC-2"), one.get("ORC-3"), one.get("ORC-5")) == ("RE", "PL1", "EX1", "CM")
    assert (one.get("OBR-2"), one.get("OBR-3"), one.get("OBR-3.2")) == ("PL1", "EX1", "EX")
    assert one.all("OBR")[0].sent(4) == "GLU^Glucose^L"
    assert (one.get("OBR-7"), one.get("OBR-22"), one.get("OBR-25")) == (
        *("20261120090000+0700", "20261120110000+0700"),
        "F",
    )


def test_patient_has_the_receivers_own_number_first(orders: Scene) -> None:
    pid = parsed(written(orders.report("EX1"))).all("PID")[0]

    assert pid.sent(3) == "P1^^^HIS1^MR~034180000123^^^^NI~L9^^^EX^PI"
    assert pid.sent(5) == "Nguyễn^Đào^Thị^^^^L"
    assert (pid.value(7), pid.value(8)) == ("19800517", "F")


def test_patient_of_whom_the_receiver_has_no_record_comes_without_its_number(orders: Scene) -> None:
    pid = parsed(written(orders.report("EX1"), facility="30003")).all("PID")[0]

    assert pid.sent(3) == "034180000123^^^^NI~L9^^^EX^PI"


def test_result_is_told_as_it_was_reported(orders: Scene) -> None:
    _message, order = read(written(orders.report("EX1")))
    one = order.observations[0]

    assert (one.code.code, one.code.system, one.text, one.value_type) == ("2345-7", "LN", "5.6", "NM")
    assert (one.unit.code, one.reference_range, one.flags, one.status) == ("mmol/L", "3.9-6.4", ("N",), "F")  # type: ignore[union-attr]
    assert one.performing_organisation
    assert (one.performing_organisation.code, one.performing_organisation.name) == ("30002", "Hospital 30002")
    assert one.observed_at
    assert one.observed_at.value == AT - dt.timedelta(hours=4)
    assert one.analysed_at
    assert one.analysed_at.value == AT - dt.timedelta(hours=3)
    assert one.comments == ()


@pytest.mark.parametrize(
    ("reported", "kind", "values"),
    [
        ("1.50", "NM", ("1.50",)),
        ("-0.5", "NM", ("-0.5",)),
        ("<0.5", "SN", ("<^0.5",)),
        (">=1000", "SN", (">=^1000",)),
        ("1,5", "ST", ("1,5",)),
        ("âm tính", "ST", ("âm tính",)),
        ("1:40", "ST", ("1:40",)),
        ("No growth.\nSecond line", "TX", ("No growth.", "Second line")),
        ("x" * 200, "TX", ("x" * 200,)),
        ("", "", ()),
    ],
)
def test_value_keeps_its_digits_and_has_the_type_that_it_is(reported: str, kind: str, values: tuple[str, ...]) -> None:
    assert value_of(reported) == (kind, values)


def test_value_in_another_unit_is_told_beside_the_reported_one(orders: Scene) -> None:
    draft = result_draft(orders.glucose.pk, reported_value="101", reported_unit="mg/dL", value=Decimal("5.6061500000"))

    _message, order = read(written(orders.report("EX1", draft)))
    one = order.observations[0]

    assert (one.text, one.unit.code) == ("101", "mg/dL")  # type: ignore[union-attr]
    assert [(note.text, note.kind.code, note.kind.system) for note in one.comments if note.kind] == [
        ("5.60615 mmol/L", "COMPARED", "99LTN")
    ]


def test_unit_in_the_laboratorys_words_comes_first_with_ucum_beside_it(orders: Scene) -> None:
    white = AnalyteFactory(key="WBC", unit="10*9/L")
    draft = result_draft(white.pk, local_code="WBC", reported_unit="10^9/L")

    obx = parsed(written(orders.report("EX1", draft))).all("OBX")[0]

    assert obx.components(6) == ("10^9/L", "10^9/L", "L", "10*9/L", "10*9/L", "UCUM")


def test_comments_are_notes_where_they_were_made(orders: Scene) -> None:
    draft = result_draft(orders.glucose.pk, comment="haemolytic\nrepeated")

    _message, order = read(written(orders.report("EX1", draft, comment="fasting?")))

    assert order.notes == ("fasting?",)
    assert order.observations[0].notes == ("haemolytic", "repeated")


def test_corrected_result_has_status_c_and_the_report_too(orders: Scene) -> None:
    orders.report("EX1")

    one = parsed(written(orders.corrected("EX1")))

    assert (one.get("OBR-25"), one.get("OBX-11"), one.get("OBX-5")) == ("C", "C", "6.1")
    assert len(one.all("OBX")) == 1


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [("W", "5.6", "W"), ("D", "5.6", "D"), ("W", "", "X")],
    ids=["wrong", "delete", "never had a value"],
)
def test_withdrawn_result_is_told_as_the_receiver_wants_it(
    orders: Scene, setting: str, value: str, expected: str
) -> None:
    orders.report("EX1")
    draft = result_draft(orders.glucose.pk, status="withdrawn", reported_value=value, amends=True)

    one = parsed(written(orders.report("EX1", draft, status="withdrawn"), withdrawn=setting))

    assert (one.get("OBX-11"), one.get("OBR-25"), one.get("ORC-5")) == (expected, "X", "CA")


def test_result_keeps_its_name_through_its_versions(orders: Scene) -> None:
    first = parsed(written(orders.report("EX1"))).get("OBX-21")

    second = parsed(written(orders.corrected("EX1"))).get("OBX-21")

    assert first == second
    assert first.startswith(f"{results.report(int(first.split('-')[0])).id}-")  # type: ignore[union-attr]


def test_equal_codes_are_numbered_in_the_order_in_which_they_were_first_told(orders: Scene) -> None:
    later = AT + dt.timedelta(hours=2)
    drafts = [
        result_draft(orders.glucose.pk, sub_id=sub, reported_value=value, value=Decimal(value), observed_at=at)
        for sub, value, at in (("0", "5.1", AT), ("120", "7.9", later))
    ]

    _message, order = read(written(orders.report("EX1", *drafts)))

    assert [(one.sub_id, one.text) for one in order.observations] == [("1", "5.1"), ("2", "7.9")]
    assert [one.observed_at.value for one in order.observations if one.observed_at] == [AT, later]


def marked_report(scene: Scene, *, scope: tuple[str, ...] = ("VN-HD",), **changes: object) -> int:
    """A report whose glucose was given a mark, by a right that holds in `scope`."""
    laboratory = ProcedureFactory(laboratory__facility=scene.theirs, analyte=scene.glucose, code="EX-GLU")
    GrantFactory(procedure=laboratory, item="GLU", mark="LT-HD", scope=list(scope))
    draft = result_draft(scene.glucose.pk, procedure_id=laboratory.pk, marks=({**MARK, "scope": list(scope)},))
    return scene.report("EX1", draft, **changes)


def marks_in(data: bytes) -> list[tuple[str, str]]:
    _message, order = read(data)
    notes = [note for one in order.observations for note in one.comments if note.kind and note.kind.system == "99LTM"]
    return [(note.kind.code, note.kind.alt_code) for note in notes if note.kind]


def test_mark_that_stands_is_a_note_on_the_result(orders: Scene) -> None:
    data = written(marked_report(orders))

    assert marks_in(data) == [("LT-HD", "GLU")]
    note = parsed(data).all("NTE")[0]
    assert note.sent(4) == "LT-HD^Mark of recognition^99LTM^GLU^^99LTN"
    assert note.value(3).startswith("LT-HD: this result is recognised in ")


def test_mark_that_holds_elsewhere_only_is_not_told(orders: Scene) -> None:
    assert marks_in(written(marked_report(orders, scope=("VN-01",)))) == []


@pytest.mark.parametrize("status", ["suspended", "revoked"])
def test_mark_that_was_taken_away_since_is_not_told(orders: Scene, status: str) -> None:
    report = marked_report(orders)
    given = Grant.objects.get()
    Grant.objects.update(superseded_at=AT)
    GrantFactory(procedure=given.procedure, item="GLU", status=status, reason="false report", recorded_at=AT)

    assert marks_in(written(report)) == []


def test_withdrawn_result_has_no_mark(orders: Scene) -> None:
    marked_report(orders)
    draft = result_draft(orders.glucose.pk, status="withdrawn", amends=True, marks=(MARK,))

    assert marks_in(written(orders.report("EX1", draft, status="withdrawn"))) == []


def test_letter_that_the_character_set_lacks_is_told(orders: Scene) -> None:
    with pytest.raises(UnicodeEncodeError):
        written(orders.report("EX1"), charset="8859/1")


def test_message_in_gb18030_is_read_in_it(orders: Scene) -> None:
    data = written(orders.report("EX1"), charset="GB 18030-2000")

    assert "Nguyễn".encode("gb18030") in data
    assert parsed(data).get("PID-5") == "Nguyễn"


def test_message_of_the_document_is_the_one_that_is_written(orders: Scene) -> None:
    """All but what a catalogue translates and the name of the result, which is made of keys."""
    page = (Path(__file__).resolve().parents[4] / "docs" / "outbound.md").read_text("utf-8")
    told = next(block for block in re.findall(r"```\n(MSH.*?)```", page, flags=re.DOTALL) if "ORU^R01" in block)
    system = ProcedureFactory(
        laboratory__facility=orders.theirs,
        analyte=orders.glucose,
        code="EX-GLU",
        method="hexokinase",
        period__instrument_code="C6",
    )
    GrantFactory(procedure=system, item="GLU", mark="LT-HD")
    draft = result_draft(
        orders.glucose.pk,
        procedure_id=system.pk,
        marks=(MARK,),
        local_code="GLUC",
        local_name="Glucose (máu)",
        reported_value="101",
        reported_unit="mg/dL",
        value=Decimal("5.60615"),
        reference_range="70-115",
    )
    report = orders.report("EX1", draft, specimen="Huyết thanh")

    data = written(report, language="vi", receiving_application="HIS", receiving_facility="30001")

    assert _fixed(data.decode()) == _fixed(told.replace("\n", "\r").replace("LT1A2B3C4D5E6F70", "LT1"))


def _fixed(text: str) -> list[str]:
    lines = [line for line in text.split("\r") if line]
    return [re.sub(r"\|\d+-\w{24}\^", "|NAME^", line) if line[:3] != "NTE" else _codes(line) for line in lines]


def _codes(note: str) -> str:
    """Return a note without what it says in words."""
    name, number, source, _text, kind = note.split("|")
    return "|".join((name, number, source, re.sub(r"\^[^^]+\^99LT", "^^99LT", kind, count=1)))


def test_enhanced_mode_asks_for_the_accept_acknowledgment_only(orders: Scene) -> None:
    one = parsed(written(orders.report("EX1"), acknowledgment="enhanced"))

    assert (one.get("MSH-15"), one.get("MSH-16")) == ("AL", "NE")


def test_another_reader_finds_the_same(orders: Scene) -> None:
    text = written(marked_report(orders, comment="fasting | or ^ not")).decode()

    one = hl7.parse(text)

    assert str(one.segment("MSH")[10]) == "LT1"
    assert str(one.segment("OBX")[5]) == "5.6"
    assert str(one.segment("OBR")[2]) == "PL1"
    assert one.unescape(str(one.segment("NTE")[3])) == "fasting | or ^ not"
    assert [str(segment[0]) for segment in one] == ["MSH", "PID", "ORC", "OBR", "NTE", "OBX", "NTE"]


def test_our_own_intake_reads_the_same_values_times_and_comments(orders: Scene) -> None:
    """What went out comes in at another platform as it was, the report and then its correction."""
    urea = AnalyteFactory(key="UREA", loinc="3094-0", unit="mmol/L").pk
    named = {"local_code": "URE", "local_name": "Urea", "reference_range": "2.5-7.5"}
    glucose = result_draft(
        orders.glucose.pk, reported_value="<1.50", comparator="<", value=Decimal("1.5"), comment="repeated\nonce"
    )
    first = result_draft(urea, reported_value="7.10", value=Decimal("7.1"), **named)
    second = result_draft(
        urea, reported_value="7.90", value=Decimal("7.9"), status="corrected", amends=True, flags="H", **named
    )
    usual = {"specimen": "Serum", "comment": "fasting"}
    far = Far(LaboratoryFactory(facility=orders.theirs))

    far.take(written(orders.report("EX1", glucose, first, **usual)))
    sent = results.report(orders.report("EX1", glucose, second, status="corrected", **usual))
    assert sent
    back = far.take(written(sent.id))

    names = (
        *("status", "reported_value", "reported_unit", "comparator", "value", "reference_range", "flags", "version"),
        *("collected_at", "measured_at", "released_at", "comment"),
    )
    told, read_back = (sorted([getattr(one, name) for name in names] for one in each.results) for each in (sent, back))
    assert read_back == told
    assert (back.number, back.placer_number, back.status) == ("EX1", "PL1", "corrected")
    assert (back.specimen, back.comment, back.released_at) == ("Serum", "fasting", sent.released_at)
    assert (back.patient.full_name, back.patient.birth_date, back.patient.sex) == (
        *("Nguyễn Thị Đào", dt.date(1980, 5, 17)),
        "F",
    )


class Far:
    """Another platform, as a sender of which our messages are taken."""

    def __init__(self, laboratory: Laboratory) -> None:
        names = {"sending_application": "LIENTHONG", "sending_facility": "LIENTHONG"}
        SourceFactory(code="FAR", laboratory=laboratory, **names)

    def take(self, message: bytes) -> ReportFacts:
        """Take a message as a listener and a worker do; return the report that it makes."""
        taken = receive_frame(Frame(message), directory(), at=timezone.now())
        receive([taken.arrival], by=system_user("listener"), at=timezone.now())
        process_waiting(timezone.now())
        found = results.report(Report.objects.get(source="FAR").pk)
        assert found
        return found
