"""Results without a patient: they are those of their tube's order, or they wait, and never another patient's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from django.db import close_old_connections
from django.utils import timezone
from tests.factories.exchange import (
    AnalyzerFactory,
    CodeMappingFactory,
    SourceFactory,
    astm_message,
    message,
)
from tests.factories.registry import LaboratoryFactory
from tests.integration.exchange.conftest import Scene

from lienthong.core.actions import system_user
from lienthong.exchange.actions import set_aside_message
from lienthong.exchange.models import Source
from lienthong.exchange.processing.worker import process_waiting
from lienthong.exchange.registration.actions import entry_of, register_and_replay
from lienthong.results.models import HeldForOrder, InboxMessage, OrderVersion, PatientRecord, Report, Result

pytestmark = pytest.mark.django_db
DAY = "20261120"
WAITING = "order-unknown"


@dataclass(slots=True)
class Ward:
    """The hospital SX: its ordering system HIS, and an analyser that knows numbers of tubes and no patients."""

    scene: Scene
    count: int = 0

    def order(self, *segments: str, facility: str = "SX") -> None:
        self.count += 1
        name = f"O{self.count}"
        self.scene.process(message(*segments, kind="OML^O21^OML_O21", control_id=name, facility=facility))

    def ordered(self, tube: str = "T1", patient: str = "P1", number: str = "PL1", **more: str) -> None:
        """Let the hospital order; `day`, `control`, `facility` and `collected` change what it says."""
        self.order(*order_of(tube, patient, number, **more), facility=more.get("facility", "SX"))

    def measured(self, tube: str = "T1", value: str = "5.6", *, day: str = DAY, patient: str = "P|1") -> None:
        self.scene.process_astm(result_of(tube, value, day=day, patient=patient))

    @property
    def whose(self) -> list[tuple[str, str]]:
        """Return sender's number of the patient and value of each current result, in order of their storing."""
        local = dict(PatientRecord.objects.values_list("id", "local_id"))
        rows = Result.objects.filter(is_current=True).order_by("id").values_list("patient_record_id", "reported_value")
        return [(local[record], value) for record, value in rows]

    @property
    def held(self) -> list[str]:
        return list(InboxMessage.objects.filter(state="held").order_by("id").values_list("reason", flat=True))


def order_of(tube: str, patient: str, number: str, **more: str) -> tuple[str, ...]:
    day, control = more.get("day", DAY), more.get("control", "NW")
    specimen = f"SPM|1|{tube}||SER|||||||P||||||{more.get('collected', '')}"
    return (
        f"PID|1||{patient}^^^SX^MR||{more.get('name', 'Lê^An')}||19800517|F",
        f"ORC|{control}|{number}|||||||{day}063000",
        f"OBR|1|{number}||GLU^Glucose^L",
        *([specimen] if tube else []),
    )


def result_of(tube: str, value: str = "5.6", *, day: str = DAY, patient: str = "P|1") -> bytes:
    order = f"O|1|{tube}||^^^GLU|R||||||N||||SERUM"
    return astm_message(patient, order, f"R|1|^^^GLU|{value}|mmol/L||||F||||{day}080000")


@pytest.fixture
def ward(scene: Scene) -> Ward:
    """The hospital SX with its analyser BS, whose code GLU is mapped."""
    source = AnalyzerFactory(code="BS", laboratory=scene.laboratory)
    CodeMappingFactory(source=source, local_code="GLU", analyte=scene.glucose)
    return Ward(scene)


def change_source(**values: object) -> None:
    row = Source.objects.get(code="BS")
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def test_result_of_a_tube_is_that_of_its_orders_patient(ward: Ward) -> None:
    ward.ordered()
    ward.measured()

    report = Report.objects.get()
    assert (ward.whose, ward.held) == ([("P1", "5.6")], [])
    assert (report.source, report.number, report.placer_number) == ("BS", "T1 2026-11-20", "PL1")
    assert PatientRecord.objects.count() == 1


def test_result_completes_the_order_of_its_tube(ward: Ward) -> None:
    ward.ordered()
    ward.measured()

    assert list(OrderVersion.objects.order_by("version").values_list("status", flat=True)) == ["requested", "completed"]


def test_order_that_comes_after_the_result_frees_it_by_itself(ward: Ward) -> None:
    ward.measured()
    before = ward.held
    ward.ordered()

    assert before == [WAITING]
    assert (ward.whose, ward.held) == ([("P1", "5.6")], [])
    assert not HeldForOrder.objects.exists()


def test_order_of_another_tube_frees_nothing(ward: Ward) -> None:
    ward.measured()
    ward.ordered(tube="T2")

    assert (ward.whose, ward.held) == ([], [WAITING])


def test_correction_finds_the_report_that_it_corrects(ward: Ward) -> None:
    ward.ordered()
    ward.measured()
    ward.ordered(patient="P1", number="PL2")  # a second order for the same tube
    ward.measured(value="6.5")

    assert ward.whose == [("P1", "6.5")]
    assert (Report.objects.count(), Result.objects.count()) == (1, 2)


def test_same_number_in_two_hospitals_is_two_patients(ward: Ward) -> None:
    elsewhere = LaboratoryFactory()
    SourceFactory(code="OTHER", laboratory=elsewhere, sending_facility="OTHER")
    ward.ordered(patient="P9", facility="OTHER")
    ward.measured()
    before = (ward.whose, ward.held)
    ward.ordered(patient="P1")

    assert before == ([], [WAITING])
    assert (ward.whose, ward.held) == ([("P1", "5.6")], [])


def test_order_of_another_laboratory_of_the_hospital_does_not_count(ward: Ward) -> None:
    sibling = LaboratoryFactory(facility=ward.scene.laboratory.facility)
    SourceFactory(code="MICRO", laboratory=sibling, sending_facility="MICRO")
    ward.ordered(patient="P9", facility="MICRO")
    ward.measured()

    assert (ward.whose, ward.held) == ([], [WAITING])


def test_number_that_is_used_again_after_a_year_is_the_new_patients(ward: Ward) -> None:
    ward.ordered(patient="P1", number="PL1", day="20251119")
    ward.measured(value="4.4", day="20251119")
    ward.measured(value="5.6")
    before = ward.held
    ward.ordered(patient="P2", number="PL2")

    assert before == ["order-outdated"]
    assert (ward.whose, ward.held) == ([("P1", "4.4"), ("P2", "5.6")], [])


@pytest.mark.parametrize(("days", "held"), [(1, ["order-outdated"]), (2, [])], ids=["numbered daily", "two days"])
def test_tube_of_yesterday_counts_only_where_numbers_stand_longer_than_a_day(
    ward: Ward, days: int, held: list[str]
) -> None:
    change_source(tube_days=days)
    ward.ordered(day="20261119")
    ward.measured()

    assert ward.held == held


def test_day_of_collection_comes_before_that_of_the_order(ward: Ward) -> None:
    ward.ordered(day="20261020", collected=f"{DAY}070000")
    ward.measured()

    assert ward.whose == [("P1", "5.6")]


def test_cancelled_order_does_not_count(ward: Ward) -> None:
    ward.ordered()
    ward.ordered(tube="", control="CA")
    ward.measured()
    before = (ward.whose, ward.held)
    ward.ordered(patient="P2", number="PL2")

    assert before == ([], ["order-cancelled"])
    assert (ward.whose, ward.held) == ([("P2", "5.6")], [])


def test_tube_of_two_patients_waits_until_one_order_is_cancelled(ward: Ward) -> None:
    ward.ordered(patient="P1", number="PL1")
    ward.ordered(patient="P2", number="PL2", name="Trần^Bình")
    ward.measured()
    before = (ward.whose, ward.held)
    ward.ordered(tube="", patient="P1", number="PL1", control="CA")

    assert before == ([], ["order-several-patients"])
    assert (ward.whose, ward.held) == ([("P2", "5.6")], [])


def test_order_corrected_to_another_patient_gives_neither_the_result(ward: Ward) -> None:
    ward.ordered(patient="P1")
    ward.ordered(tube="", patient="P2", name="Trần^Bình", control="XO")  # the same order, another patient
    ward.measured()

    assert (ward.whose, ward.held) == ([], ["order-of-another-patient", "order-contested"])


def test_correction_in_one_batch_with_the_result_gives_neither_the_result(ward: Ward) -> None:
    ward.ordered(patient="P1")
    change = order_of("", "P2", "PL1", control="XO", name="Trần^Bình")
    ward.scene.take(message(*change, kind="OML^O21^OML_O21", control_id="X1"))
    ward.measured()

    assert (ward.whose, ward.held) == ([], ["order-of-another-patient", "order-contested"])


def test_result_goes_on_when_the_message_about_its_order_is_set_aside(ward: Ward) -> None:
    ward.ordered(patient="P1")
    ward.ordered(tube="", patient="P2", name="Trần^Bình", control="XO")
    ward.measured()
    wrong = InboxMessage.objects.get(reason="order-of-another-patient")

    set_aside_message(wrong.pk, why="sent by mistake", by=system_user("operator"), at=timezone.now())
    process_waiting(timezone.now())

    assert (ward.whose, ward.held) == ([("P1", "5.6")], [])


@pytest.mark.parametrize(
    ("is_reported", "held"),
    [(True, "order-several-patients"), (False, "identity-conflict")],
    ids=["reported", "open again"],
)
def test_tube_that_went_to_another_patient_never_takes_the_first_ones_report(
    ward: Ward, is_reported: bool, held: str
) -> None:
    ward.ordered(patient="P1", number="PL1")
    ward.measured(value="5.6")
    if not is_reported:  # the order is open again, as after the withdrawal of its report
        OrderVersion.objects.filter(is_current=True).update(status="accepted")
    ward.ordered(tube="", patient="P1", number="PL1", control="CA")
    ward.ordered(patient="P2", number="PL2", name="Trần^Bình")
    ward.measured(value="5.7")

    assert (ward.whose, ward.held) == ([("P1", "5.6")], [held])


@pytest.mark.parametrize(
    ("patient", "held"),
    [
        pytest.param("P|1", [], id="nothing told"),
        pytest.param("P|1||||AN^LE||19800517|F", [], id="other order, no marks"),
        pytest.param("P|1||||Lê||19800517|F", [], id="shortened"),
        pytest.param("P|1||||Trần^Bình||19800517|F", ["order-contradicts"], id="another name"),
        pytest.param("P|1||||Lê^An||19810517|F", ["order-contradicts"], id="another birth date"),
        pytest.param("P|1||||Lê^An||19800517|M", ["order-contradicts"], id="another sex"),
    ],
)
def test_what_the_analyser_says_of_the_patient_must_agree(ward: Ward, patient: str, held: list[str]) -> None:
    ward.ordered()
    ward.measured(patient=patient)

    assert ward.held == held
    assert ward.whose == ([] if held else [("P1", "5.6")])


def test_number_that_only_the_analyser_gave_names_no_tube(ward: Ward) -> None:
    ward.ordered(tube="12")
    ward.scene.process_astm(astm_message("P|1", "O|1||12|^^^GLU", f"R|1|^^^GLU|5.6|mmol/L||||F||||{DAY}080000"))

    assert (ward.whose, ward.held) == ([], ["patient-missing"])


def test_number_of_the_order_is_no_number_of_a_tube_unless_the_analyser_says_so(ward: Ward) -> None:
    ward.ordered(tube="T9", patient="P1", number="T1")
    ward.measured()
    before = ward.held
    change_source(tube_number="placer")
    ward.scene.replay_all()

    assert before == [WAITING]
    assert (ward.whose, ward.held) == ([("P1", "5.6")], [])


def test_what_waits_is_tried_again_when_the_analyser_is_registered_with_other_tubes(ward: Ward) -> None:
    ward.ordered(tube="T9", number="T1")
    ward.measured()
    before, by = ward.held, system_user("operator")
    entry = replace(entry_of(Source.objects.get(code="BS")), tube_number="placer")

    register_and_replay(entry, by=by, at=timezone.now())
    process_waiting(timezone.now())

    assert before == [WAITING]
    assert (ward.whose, ward.held) == ([("P1", "5.6")], [])


def test_analyser_whose_numbers_are_in_no_order_is_not_joined(ward: Ward) -> None:
    change_source(tube_number="none")
    ward.ordered()
    ward.measured()

    assert ward.held == ["patient-missing"]


def test_tubes_of_one_message_are_each_their_patients(ward: Ward) -> None:
    ward.ordered(tube="T1", patient="P1", number="PL1")
    tubes = [(f"O|{place}|T{place}||^^^GLU", f"R|1|^^^GLU|{place}.5|mmol/L||||F||||{DAY}080000") for place in (1, 2)]
    ward.scene.process_astm(astm_message("P|1", *tubes[0], *tubes[1]))
    before = (ward.whose, ward.held)
    ward.ordered(tube="T2", patient="P2", number="PL2")

    assert before == ([], [WAITING])
    assert sorted(ward.whose) == [("P1", "1.5"), ("P2", "2.5")]


def test_messages_behind_one_that_waits_for_its_order_wait_too(ward: Ward) -> None:
    ward.scene.process_astm(result_of("T1", "5.6"), result_of("T1", "6.5"), result_of("T2", "7.7"))
    waiting = InboxMessage.objects.filter(state="received").count()
    ward.ordered()
    ward.ordered(tube="T2", patient="P2", number="PL2")

    assert waiting == 1
    assert sorted(ward.whose) == [("P1", "6.5"), ("P2", "7.7")]


def oul(*specimen: str, pid: str = "", control_id: str = "L1") -> bytes:
    """Return a LAB-29 of an analyser that speaks HL7: the specimen first, no patient."""
    result = f"OBX|1|NM|2345-7^Glucose^LN||5.6|mmol/L|||||F|||||||AU^M|{DAY}080000"
    order = "OBR|1|AW77||CHEM^Chemistry^L"
    segments = [*([pid] if pid else []), *specimen, order, result]
    return message(*segments, kind="OUL^R22^OUL_R22", control_id=control_id)


@pytest.mark.parametrize(
    ("specimen", "held"),
    [
        pytest.param(("SPM|1|T1||SER|||||||P",), [], id="SPM-2.1"),
        pytest.param(("SPM|1|||SER|||||||P", "SAC|||T1"), [], id="SAC-3"),
        pytest.param(("SPM|1|||SER|||||||P|||||||||||||||||||T1",), [], id="SPM-30"),
        pytest.param(("SPM|1|^T1||SER|||||||P",), ["patient-missing"], id="SPM-2.2, the analyser's own"),
        pytest.param(("SPM|1|T3||SER|||||||P",), [WAITING], id="unknown"),
    ],
)
def test_analyser_that_speaks_hl7_is_joined_by_the_tube(ward: Ward, specimen: tuple[str, ...], held: list[str]) -> None:
    ward.ordered()
    ward.scene.process(oul(*specimen))

    assert ward.held == held
    assert ward.whose == ([] if held else [("P1", "5.6")])


@pytest.mark.parametrize(
    "tubes",
    [
        pytest.param(("SPM|1|A1^B1||SER|||||||P",), id="SPM-2.2"),
        pytest.param(("SPM|1|A1||SER|||||||P|||||||||||||||||||B1",), id="SPM-30"),
        pytest.param(("SPM|1|A1||SER|||||||P", "SAC|||B1"), id="SAC-3"),
    ],
)
def test_each_number_that_an_order_gives_its_tubes_counts(ward: Ward, tubes: tuple[str, ...]) -> None:
    ward.order(*order_of("", "P1", "PL1"), *tubes)
    ward.measured("B1")

    assert ward.whose == [("P1", "5.6")]


def test_system_that_lost_the_patients_number_is_not_joined(ward: Ward) -> None:
    ward.ordered()
    segments = ("PID|1||||Lê^An||19800517|F", f"OBR|1|PL1|R1|CHEM^Chemistry^L|||{DAY}070000", "SPM|1|T1||SER")
    ward.scene.process(message(*segments, "OBX|1|NM|2345-7^Glucose^LN||5.6|mmol/L|||||F"))

    assert (ward.whose, ward.held) == ([], ["patient-missing"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(4))
def test_order_and_result_that_are_stored_at_once_find_each_other(committed_scene: Scene, turn: int) -> None:
    source = AnalyzerFactory(code="BS", laboratory=committed_scene.laboratory)
    CodeMappingFactory(source=source, local_code="GLU", analyte=committed_scene.glucose)
    ward, gate = Ward(committed_scene), threading.Barrier(2)
    acts: tuple[Callable[[], object], ...] = (
        lambda: ward.ordered(),
        lambda: ward.measured(),
    )

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        act()
        close_old_connections()

    threads = [threading.Thread(target=run, args=(act,)) for act in (acts if turn % 2 else acts[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    process_waiting(timezone.now())

    assert (ward.whose, ward.held) == ([("P1", "5.6")], [])
