"""What the system of a hospital may read: its own, what answers its orders, and whom it has an order for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest
from django.utils import timezone
from tests.factories.recognition import hai_duong, longnan
from tests.factories.registry import AnalyteFactory, FacilityFactory
from tests.factories.results import (
    NOON,
    claim,
    order_draft,
    report_draft,
    result_draft,
    store_one_report,
    store_patient_record,
    store_some_orders,
)

from lienthong.core.actions import system_user
from lienthong.registry.models import Facility
from lienthong.registry.reads import facility_by_code
from lienthong.results.models import Order, PatientRecord, Report, Result
from lienthong.results.people.person_links import is_one_person
from lienthong.results.people.persons import part_record
from lienthong.results.reach import Reach, reach_of_facility

pytestmark = pytest.mark.django_db
AT = NOON + dt.timedelta(hours=1)
IDENTITY = "034180000123"


@dataclass(frozen=True, slots=True)
class Scene:
    """A woman with a record at our hospital and two reports at a laboratory elsewhere (EX1 for an order, EX2 not)."""

    ours: Facility
    theirs: Facility
    own_record: int
    their_record: int
    reports: dict[str, int]


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def make_scene(*, elsewhere: bool = False) -> Scene:
    region = hai_duong()
    ours = FacilityFactory(code="30001", region=region)
    theirs = FacilityFactory(code="30002", region=longnan() if elsewhere else region)
    numbers = (("NI", IDENTITY),)
    own = store_patient_record(claim(ours, source="SO", identifiers=(("MR", "P1"), *numbers)))
    foreign = store_patient_record(claim(theirs, source="EX", local_id="L9", identifiers=(("MR", "L9"), *numbers)))
    assert own
    assert foreign
    glucose = AnalyteFactory(key="GLU").pk
    made = {}
    for number, placer in (("EX1", "PL1"), ("EX2", "OTHER")):
        draft = report_draft(theirs, result_draft(glucose), source="EX", number=number, placer_number=placer)
        store_one_report(draft, patient_record_id=foreign)
        made[number] = Report.objects.get(number=number).pk
    return Scene(ours, theirs, own, foreign, made)


def reach(code: str = "30001", *, at: dt.datetime = AT) -> Reach:
    facility = facility_by_code(code, on=timezone.localdate(at))
    assert facility
    return reach_of_facility(facility, at=at)


def readable(of: Reach) -> tuple[set[int], set[str], int]:
    """Return the patient records, the reports by number, and how many results may be read."""
    return (
        set(PatientRecord.objects.filter(of.patient_records()).values_list("pk", flat=True)),
        set(Report.objects.filter(of.reports()).values_list("number", flat=True)),
        Result.objects.filter(of.results()).count(),
    )


def order(scene: Scene, **changes: object) -> None:
    store_some_orders(order_draft(scene.ours, scene.own_record, source="SO", **changes))


def test_foreign_record_without_an_order_is_closed(scene: Scene) -> None:
    assert readable(reach()) == ({scene.own_record}, set(), 0)


def test_own_record_is_open_with_all_that_hangs_on_it(scene: Scene) -> None:
    of = reach("30002")

    assert readable(of) == ({scene.their_record}, {"EX1", "EX2"}, 2)
    assert of.relations([scene.own_record, scene.their_record]) == {scene.their_record: "same-facility"}


def test_open_order_opens_all_records_of_the_person(scene: Scene) -> None:
    order(scene, placer_number="PL7")

    of = reach()
    assert readable(of) == ({scene.own_record, scene.their_record}, {"EX1", "EX2"}, 2)
    assert of.relations([scene.own_record, scene.their_record]) == {
        scene.own_record: "same-facility",
        scene.their_record: "order",
    }


@pytest.mark.parametrize("status", ["completed", "cancelled", "replaced"])
def test_order_that_is_over_opens_only_what_answers_it(scene: Scene, status: str) -> None:
    order(scene, placer_number="PL1", status=status)
    Order.objects.get().versions.update(status=status)

    assert readable(reach()) == ({scene.own_record, scene.their_record}, {"EX1"}, 1)


def test_open_order_of_long_ago_opens_only_what_answers_it(scene: Scene) -> None:
    order(scene, placer_number="PL1")
    later = NOON + dt.timedelta(days=31)

    assert readable(reach(at=later)) == ({scene.own_record, scene.their_record}, {"EX1"}, 1)


def test_order_with_the_same_number_for_another_person_opens_nothing(scene: Scene) -> None:
    """Numbers of orders are not unique among hospitals: the patient must agree as well."""
    another = store_patient_record(
        claim(scene.ours, source="SO", local_id="P2", full_name="Trần Văn Ba", sex="M", identifiers=(("MR", "P2"),))
    )
    assert another
    store_some_orders(order_draft(scene.ours, another, source="SO", placer_number="PL1"))

    assert readable(reach()) == ({scene.own_record, another}, set(), 0)


def test_order_opens_nothing_once_the_records_are_two_people(scene: Scene) -> None:
    order(scene, placer_number="PL1")

    part_record(scene.their_record, why="Two sisters.", by=system_user("results"), at=AT)

    assert readable(reach()) == ({scene.own_record}, set(), 0)


def test_order_opens_nothing_across_the_border_of_a_country() -> None:
    scene = make_scene(elsewhere=True)
    order(scene, placer_number="PL1")

    assert is_one_person(scene.own_record, scene.their_record)
    assert scene.their_record not in readable(reach())[0]
    assert readable(reach())[1:] == (set(), 0)


def test_orders_are_read_by_who_placed_and_by_who_answered_them(scene: Scene) -> None:
    order(scene, placer_number="PL1")
    order(scene, placer_number="PL8")

    def numbers(of: Reach) -> set[str]:
        return set(Order.objects.filter(of.orders()).values_list("placer_number", flat=True))

    assert numbers(reach()) == {"PL1", "PL8"}
    assert numbers(reach("30002")) == {"PL1"}
