"""A form that is handed in becomes reports; the same again changes nothing, a corrected value makes one version."""

from __future__ import annotations

import pytest
from tests.factories.exchange import CodeMappingFactory
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.deliveries_scene import FORM, ROW_1, deliver, take_in

from lienthong.exchange.models import Delivery
from lienthong.results.models import PatientRecord, Report, Result

pytestmark = pytest.mark.django_db


def test_form_becomes_reports_with_values_as_written(mapped: Scene) -> None:
    done = take_in(FORM)

    assert (done.stored, done.results_stored) == (2, 3)
    assert list(Report.objects.order_by("number").values_list("source", "number", "status")) == [
        ("SX", "R1", "final"),
        ("SX", "R2", "final"),
    ]
    glucose = Result.objects.get(local_code="GLU", report_id=Report.objects.get(number="R1").pk)
    assert (glucose.reported_value, glucose.collected_at.isoformat()) == ("5.60", "2026-11-20T00:00:00+00:00")
    assert PatientRecord.objects.get(local_id="P1").sex == "F"


def test_same_file_again_is_the_same_delivery(mapped: Scene) -> None:
    take_in(FORM)

    again = deliver(FORM)
    take_in(FORM)

    assert again.is_repeated
    assert Delivery.objects.count() == 1
    assert Result.objects.count() == 3


def test_one_corrected_value_makes_one_new_version(mapped: Scene) -> None:
    take_in(FORM)

    done = take_in(FORM.replace(ROW_1.encode(), ROW_1.replace("5.60", "6.50").encode()))

    assert (done.stored, done.duplicate, done.results_stored) == (1, 1, 1)
    assert sorted(
        Result.objects.filter(local_code="GLU", is_current=True).values_list("version", "reported_value")
    ) == [
        (1, "5.60"),
        (2, "6.50"),
    ]


def test_held_report_of_a_form_goes_on_when_its_code_is_mapped(scene: Scene) -> None:
    take_in(FORM)
    before = Scene.states()
    for code, analyte in (("GLU", scene.glucose), ("HBSAG", scene.hbsag)):
        CodeMappingFactory(source=scene.source, local_code=code, analyte=analyte)

    done = Scene.replay_all()

    assert before == [("held", "code-unknown")] * 2
    assert (done.stored, done.results_stored) == (2, 3)
