"""Results without a patient: they are those of their tube's order, or they wait, and never another patient's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import close_old_connections
from django.utils import timezone
from tests.factories.exchange import SourceFactory, astm_message, message
from tests.factories.registry import FacilityFactory, LaboratoryFactory
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.tubes import DAY, WAITING, Ward, change_source, make_ward, order_of, result_of

from lienthong.core.actions import system_user
from lienthong.exchange.actions import set_aside_message
from lienthong.exchange.models import Source
from lienthong.exchange.processing.worker import process_waiting
from lienthong.exchange.registration.actions import entry_of, register_and_replay
from lienthong.results.models import HeldForOrder, InboxMessage, OrderVersion, PatientRecord, Report, Result

pytestmark = pytest.mark.django_db


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
    elsewhere = FacilityFactory()
    LaboratoryFactory.create_batch(2, facility=elsewhere)  # so that the sender can't be told by its laboratory
    SourceFactory(code="OTHER", laboratory=None, facility=elsewhere, sending_facility="OTHER")
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
    ward.ordered(patient="P2", number="PL2", name="Trần^Bình", day="20261121")
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


def test_result_that_a_person_closed_stays_closed_when_its_order_comes(ward: Ward) -> None:
    ward.measured()
    held = InboxMessage.objects.get()
    set_aside_message(held.pk, why="measured twice", by=system_user("operator"), at=timezone.now())
    ward.ordered()

    held.refresh_from_db()
    assert (held.state, held.reason, ward.whose) == ("rejected", "set-aside", [])


def test_number_too_long_for_a_report_with_its_day_is_told(ward: Ward) -> None:
    tube = "9" * 95
    ward.ordered(tube=tube)
    ward.measured(tube)

    assert ward.held == ["report-number"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(4))
def test_order_and_result_that_are_stored_at_once_find_each_other(committed_scene: Scene, turn: int) -> None:
    ward, gate = make_ward(committed_scene), threading.Barrier(2)
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
