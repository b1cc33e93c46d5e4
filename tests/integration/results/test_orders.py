"""Orders: new, changed, cancelled, answered by reports; nothing is overwritten and no number changes its patient."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries
from tests.factories.core import UserFactory
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
from lienthong.errors import NotAllowed
from lienthong.registry.models import Facility
from lienthong.results.models import Order, OrderVersion, Report
from lienthong.results.orders.reads import OrderFacts, order, order_id, orders_of_report
from lienthong.results.orders.states import ALLOWED_TRANSITIONS, next_status, status_by_reports
from lienthong.results.orders.writing import OrderDraft, StoredOrder, follow_reports, order_lock_name, store_orders
from lienthong.results.people.merging import LocalNumber, merge_records
from lienthong.results.reads import patients_of_messages

pytestmark = pytest.mark.django_db
Status = OrderVersion.Status


class Scene:
    """A hospital with one patient in the records of its ordering system HIS and its laboratory's system SX."""

    def __init__(self) -> None:
        self.facility: Facility = FacilityFactory()
        self.in_his = store_patient_record(claim(self.facility, source="HIS")) or 0
        self.in_laboratory = store_patient_record(claim(self.facility)) or 0
        self.analyte_id = AnalyteFactory().pk

    def draft(self, *, of: int | None = None, **changes: object) -> OrderDraft:
        return order_draft(self.facility, of or self.in_his, **{"source": "HIS", **changes})

    def store(self, *, of: int | None = None, **changes: object) -> StoredOrder:
        return store_some_orders(self.draft(of=of, **changes))[0]

    def report(self, *, inbox_id: int = 50, **changes: object) -> int:
        """Store a report for PL1 from the laboratory and let its order follow; return its key."""
        said = {"placer_number": "PL1", **changes}
        report_ids = []
        draft = report_draft(self.facility, result_draft(self.analyte_id), **said)
        report_ids.append(store_one_report(draft, patient_record_id=self.in_laboratory, inbox_id=inbox_id).report_id)
        follow_reports(report_ids, by=system_user("exchange"), at=NOON)
        return report_ids[0]

    def order(self) -> OrderFacts:
        found = order(Order.objects.get().pk)
        assert found is not None
        return found

    def statuses(self) -> list[str]:
        return [state.status for state in self.order().versions]


@pytest.fixture
def scene() -> Scene:
    """A hospital with one patient and no order yet."""
    return Scene()


def test_new_order_is_stored_with_all_that_it_says(scene: Scene) -> None:
    stored = scene.store(filler_number="L1", group_number="G1", wanted_at=NOON)

    found = scene.order()
    assert (stored.order_id, stored.has_changed, stored.findings) == (found.id, True, ())
    assert (found.source, found.placer_number, found.filler_number) == ("HIS", "PL1", "L1")
    assert (found.facility_id, found.patient_record_id) == (scene.facility.pk, scene.in_his)
    now = found.now
    assert (now.version, now.control, now.status, now.inbox_id) == (1, "NW", "requested", 1)
    assert (now.service_code, now.service_system, now.service) == ("GLU", "L", "Glucose")
    assert (now.specimen, now.priority, now.requester, now.group_number) == ("SER", "R", "Lê An", "G1")
    assert now.diagnoses == (("E10.9", "I10", "Đái tháo đường"),)
    assert (now.requested_at, now.wanted_at) == (NOON - dt.timedelta(hours=4), NOON)


def test_same_order_again_changes_nothing(scene: Scene) -> None:
    scene.store()
    again = scene.store(inbox_id=2)

    assert not again.has_changed
    assert scene.statuses() == ["requested"]


def test_changed_order_is_a_new_version_and_the_old_one_stays(scene: Scene) -> None:
    scene.store()
    scene.store(inbox_id=2, control="XO", status="", priority="S", service="", diagnoses=())

    old, new = scene.order().versions
    assert (old.priority, new.priority) == ("R", "S")
    assert (new.service, new.diagnoses) == (old.service, old.diagnoses)
    assert OrderVersion.objects.filter(is_current=True).count() == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"control": "CA", "status": "cancelled"}, "cancelled"),
        ({"control": "SC", "status": "accepted"}, "accepted"),
        ({"control": "HD", "status": "on-hold"}, "on-hold"),
        ({"control": "RP", "status": "replaced"}, "replaced"),
    ],
    ids=["cancelled", "accepted", "held", "replaced"],
)
def test_order_status_follows_the_control_code(scene: Scene, changes: dict[str, str], expected: str) -> None:
    scene.store()
    scene.store(inbox_id=2, **changes)

    assert scene.statuses() == ["requested", expected]


def test_cancelled_order_does_not_begin_again(scene: Scene) -> None:
    scene.store()
    scene.store(inbox_id=2, control="CA", status="cancelled")
    stored = scene.store(inbox_id=3)

    assert scene.statuses() == ["requested", "cancelled"]
    assert [finding.code for finding in stored.findings] == ["order-status"]


def test_cancellation_before_its_order_is_kept_and_filled_in(scene: Scene) -> None:
    first = scene.store(control="CA", status="cancelled", service="", service_code="")
    scene.store(inbox_id=2)

    assert [finding.code for finding in first.findings] == ["order-unknown"]
    assert [(one.status, one.service) for one in scene.order().versions] == [
        ("cancelled", ""),
        ("cancelled", "Glucose"),
    ]


def test_message_that_comes_late_fills_in_only_what_is_blank(scene: Scene) -> None:
    scene.store(inbox_id=9, control="SC", status="accepted", priority="S", specimen="")
    scene.store(inbox_id=3, priority="R")

    assert [(one.status, one.priority, one.specimen, one.inbox_id) for one in scene.order().versions] == [
        ("accepted", "S", "", 9),
        ("accepted", "S", "SER", 9),
    ]


def test_order_of_the_filler_takes_over_the_number_that_the_placer_assigns(scene: Scene) -> None:
    scene.store(control="SN", placer_number="", filler_number="L1")
    scene.store(inbox_id=2, control="NA", placer_number="PL1", filler_number="L1")

    assert Order.objects.get().placer_number == "PL1"
    assert order_id(source="HIS", placer_number="PL1") == scene.order().id


def test_second_order_with_the_same_filler_number_is_an_order_of_its_own(scene: Scene) -> None:
    store_some_orders(
        scene.draft(filler_number="L1"), scene.draft(placer_number="PL2", filler_number="L1", position="ORC(2)")
    )

    assert set(Order.objects.values_list("placer_number", flat=True)) == {"PL1", "PL2"}


def test_number_of_another_patients_order_stores_nothing_of_its_message(scene: Scene) -> None:
    other = store_patient_record(claim(scene.facility, source="HIS", local_id="P2", full_name="Trần Bình")) or 0
    scene.store()

    stored = store_some_orders(
        scene.draft(inbox_id=2, placer_number="PL9", of=other),
        scene.draft(inbox_id=2, of=other),
        scene.draft(inbox_id=3, placer_number="PL3"),
    )

    assert [one.order_id is None for one in stored] == [True, True, False]
    assert [finding.code for finding in stored[0].findings] == ["order-of-another-patient"]
    assert set(Order.objects.values_list("placer_number", flat=True)) == {"PL1", "PL3"}


def test_order_goes_on_under_the_number_for_which_its_patients_was_given_up(scene: Scene) -> None:
    survivor = store_patient_record(claim(scene.facility, source="HIS", local_id="P2")) or 0
    scene.store()
    numbers = {"survivor": LocalNumber("", "P2"), "prior": LocalNumber("", "P1")}
    merge_records(source="HIS", **numbers, said_at=NOON, inbox_id=9, by=system_user("exchange"), at=NOON)

    stored = scene.store(of=survivor, inbox_id=2, control="CA", status="cancelled")

    assert stored.findings == ()
    assert scene.statuses() == ["requested", "cancelled"]
    assert scene.order().patient_record_id == scene.in_his


def test_two_patients_with_one_new_number_in_a_message_are_refused(scene: Scene) -> None:
    other = store_patient_record(claim(scene.facility, source="HIS", local_id="P2", full_name="Trần Bình")) or 0

    stored = store_some_orders(scene.draft(), scene.draft(of=other))

    assert [one.order_id for one in stored] == [None, None]
    assert not Order.objects.exists()


def test_many_messages_are_stored_in_few_statements(
    scene: Scene, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    drafts = [scene.draft(inbox_id=number, placer_number=f"PL{number % 50}") for number in range(1, 101)]
    cancelled = [
        scene.draft(inbox_id=200, placer_number=f"PL{one}", control="CA", status="cancelled") for one in range(9)
    ]

    with django_assert_max_num_queries(16):
        store_some_orders(*drafts, *cancelled)

    assert (Order.objects.count(), OrderVersion.objects.count()) == (50, 59)
    assert OrderVersion.objects.filter(is_current=True).count() == 50


@pytest.mark.parametrize(
    ("status", "expected"),
    [("preliminary", "reported"), ("final", "completed"), ("corrected", "completed")],
)
def test_report_of_the_laboratory_moves_the_order_of_the_hospital(scene: Scene, status: str, expected: str) -> None:
    scene.store()
    report_id = scene.report(status=status)

    assert scene.statuses() == ["requested", expected]
    assert (scene.order().now.report_id, scene.order().now.control) == (report_id, "")
    assert scene.order().report_ids == (report_id,)
    assert [one.id for one in orders_of_report(report_id)] == [scene.order().id]


def test_report_before_its_order_is_found_by_it(scene: Scene) -> None:
    scene.report()
    scene.store()

    assert scene.statuses() == ["requested", "completed"]


def test_order_with_a_preliminary_report_beside_a_final_one_is_partly_reported(scene: Scene) -> None:
    scene.store()
    scene.report()
    scene.report(number="SX2", status="preliminary", inbox_id=51)

    assert scene.statuses() == ["requested", "completed", "reported"]


def test_withdrawn_report_opens_its_order_again(scene: Scene) -> None:
    scene.store()
    report_id = scene.report()
    Report.objects.filter(pk=report_id).update(status="withdrawn")
    follow_reports([report_id], by=system_user("exchange"), at=NOON)

    assert scene.statuses() == ["requested", "completed", "accepted"]


def test_results_in_spite_of_a_cancellation_complete_the_order(scene: Scene) -> None:
    scene.store()
    scene.store(inbox_id=2, control="CA", status="cancelled")
    scene.report()

    assert scene.statuses() == ["requested", "cancelled", "completed"]


def test_order_message_after_a_report_is_not_late(scene: Scene) -> None:
    scene.store()
    scene.report(status="preliminary", inbox_id=50)
    scene.store(inbox_id=40, control="XO", status="", priority="S")

    assert scene.order().now.priority == "S"


@pytest.mark.parametrize(
    "changes",
    [{"local_id": "P2"}, {"facility": "another"}],
    ids=["another patient of the hospital", "another hospital"],
)
def test_equal_placer_number_of_somebody_else_joins_nothing(scene: Scene, changes: dict[str, str]) -> None:
    facility = FacilityFactory() if "facility" in changes else scene.facility
    who = claim(facility, source="B", local_id=changes.get("local_id", "P1"))
    record_id = store_patient_record(who) or 0
    scene.store()

    draft = report_draft(facility, result_draft(scene.analyte_id), source="B", placer_number="PL1")
    report_id = store_one_report(draft, patient_record_id=record_id, inbox_id=60).report_id
    changed = follow_reports([report_id], by=system_user("exchange"), at=NOON)

    assert changed == 0
    assert orders_of_report(report_id) == []


def test_report_of_another_hospital_joins_by_the_person(scene: Scene) -> None:
    national = (("NI", "001180012345"),)
    elsewhere = FacilityFactory()
    here = store_patient_record(claim(scene.facility, source="HIS", identifiers=national)) or 0
    there = store_patient_record(claim(elsewhere, source="B", local_id="X7", identifiers=national)) or 0
    scene.store(of=here)

    draft = report_draft(elsewhere, result_draft(scene.analyte_id), source="B", placer_number="PL1")
    report_id = store_one_report(draft, patient_record_id=there, inbox_id=60).report_id

    assert [one.placer_number for one in orders_of_report(report_id)] == ["PL1"]


def test_message_of_an_order_is_about_its_patient(scene: Scene) -> None:
    scene.store(inbox_id=7)

    assert patients_of_messages([7, 8]) == {7: [scene.in_his], 8: []}


def test_orders_are_written_by_workers_only(scene: Scene) -> None:
    person = UserFactory()

    with pytest.raises(NotAllowed), transaction.atomic():
        store_orders([scene.draft()], by=person, at=NOON)
    with pytest.raises(NotAllowed), transaction.atomic():
        follow_reports([1], by=person, at=NOON)


def test_order_reads_of_what_is_not_there_are_empty(db: None) -> None:
    assert order(1) is None
    assert orders_of_report(1) == []
    assert order_id(source="HIS", placer_number="PL1") is None
    assert store_orders([], by=system_user("exchange"), at=NOON) == []


def test_order_lock_name_is_one_for_order_and_report() -> None:
    assert order_lock_name(facility_id=3, number="PL1") == "order\x1f3\x1fPL1"


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({"placer_number": "", "filler_number": ""}, id="without a number"),
        pytest.param({"placer_number": "PL1"}, id="placer number twice"),
    ],
)
def test_order_without_a_number_of_its_own_is_refused_by_the_database(scene: Scene, row: dict[str, str]) -> None:
    scene.store()

    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.create(source="HIS", facility=scene.facility, patient_record_id=scene.in_his, **row)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"version": 2}, id="a second current one"),
        pytest.param({"version": 1, "is_current": False}, id="a number twice"),
        pytest.param({"version": 0, "is_current": False}, id="number 0"),
        pytest.param({"version": 3, "is_current": False, "status": "lost"}, id="unknown status"),
    ],
)
def test_order_version_that_contradicts_another_is_refused_by_the_database(
    scene: Scene, changes: dict[str, object]
) -> None:
    stored = scene.store()
    usual = {"order_id": stored.order_id, "is_current": True, "status": "requested", "inbox_id": 1, "recorded_at": NOON}

    with pytest.raises(IntegrityError), transaction.atomic():
        OrderVersion.objects.create(**{**usual, **changes})


def test_allowed_transitions_name_every_status() -> None:
    assert set(ALLOWED_TRANSITIONS) == set(Status.values)
    assert {one for targets in ALLOWED_TRANSITIONS.values() for one in targets} <= set(Status.values)


@pytest.mark.parametrize("current", Status.values)
@pytest.mark.parametrize("said", ["", *Status.values])
def test_next_status_is_what_is_allowed_or_stays(current: str, said: str) -> None:
    assert next_status(current, said) == (said if said in ALLOWED_TRANSITIONS[current] else current)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], ""),
        (["withdrawn"], "accepted"),
        (["withdrawn", "final"], "completed"),
        (["preliminary", "corrected"], "reported"),
    ],
    ids=["none", "withdrawn", "withdrawn and final", "preliminary and corrected"],
)
def test_status_by_reports_is_the_least_finished(statuses: list[str], expected: str) -> None:
    assert status_by_reports(statuses) == expected
