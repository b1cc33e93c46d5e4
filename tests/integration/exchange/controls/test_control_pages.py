"""Control materials on their page: what waits, one person proposes, another confirms, and the run is recorded."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.factories.core import UserFactory
from tests.factories.exchange import AnalyzerFactory, CodeMappingFactory, astm_message, qc_message
from tests.factories.iqc import ControlLotFactory, ControlTargetFactory
from tests.factories.registry import RegionFactory, bind
from tests.integration.exchange.conftest import Scene

from lienthong.core.models import AuditEvent, User
from lienthong.errors import Conflict, NotAllowed, NotFound
from lienthong.exchange import actions as messages
from lienthong.exchange.controls import actions
from lienthong.exchange.models import ControlMapping, HeldControl
from lienthong.exchange.processing.worker import process_waiting
from lienthong.iqc.models import ControlResult
from lienthong.results.models import InboxMessage

QUERY = "?source=SX&material=01003&lot=&level=M"
DAY = dt.date(2026, 11, 1)


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """A control of SX waits: its target is set, its material is not mapped."""
    facility = scene.laboratory.facility
    facility.region = RegionFactory(code="VN")
    facility.save()
    ControlTargetFactory(procedure=scene.glucose_system, control_lot=ControlLotFactory())
    scene.process(qc_message("4.05"))
    return scene


def manager(scene: Scene) -> User:
    user: User = UserFactory()
    bind(user, "manager", scene.laboratory)
    return user


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def propose(scene: Scene, by: User, **changes: object) -> int:
    given = {"source": "SX", "material": "01003", "level": "M", "control_lot_id": ControlLotFactory().pk}
    return actions.propose_control_mapping(**{**given, "valid_from": DAY, **changes}, by=by, at=timezone.now())


def test_material_is_proposed_by_one_confirmed_by_another_and_its_run_recorded(scene: Scene) -> None:
    one, other = manager(scene), manager(scene)
    fields = {"material": "01003", "control_lot": ControlLotFactory().pk, "valid_from": "2026-11-01"}

    page = signed_in(one).post(reverse("exchange:control-propose") + QUERY, fields, follow=True).content.decode()
    assert "a second person confirms it" in page
    assert "Waits for another person" in page
    mapping = ControlMapping.objects.get()
    done = signed_in(other).post(reverse("exchange:control-confirm", args=[mapping.pk]), follow=True)
    process_waiting(timezone.now())

    assert "Every control material that was sent is mapped" in done.content.decode()
    assert "1 message is replayed" in done.content.decode()
    assert ControlResult.objects.get().value == 4.05
    assert scene.states() == [("control", "")]
    events = AuditEvent.objects.filter(object_kind="control-mapping").order_by("id")
    assert list(events.values_list("action", "actor")) == [
        ("propose-control-mapping", one.username),
        ("confirm-control-mapping", other.username),
    ]


def test_nobody_confirms_his_own_proposal(scene: Scene) -> None:
    one = manager(scene)
    mapping = propose(scene, one)

    with pytest.raises(NotAllowed, match="second person"):
        actions.confirm_control_mapping(mapping, by=one, at=timezone.now())


def test_declined_proposal_stays_on_record_and_another_can_be_made(scene: Scene) -> None:
    one = manager(scene)
    mapping = propose(scene, one)
    with pytest.raises(Conflict):
        propose(scene, one)

    signed_in(one).post(reverse("exchange:control-decline", args=[mapping]))

    assert ControlMapping.objects.get(pk=mapping).superseded_at is not None
    assert propose(scene, one) != mapping


def test_new_mapping_ends_the_one_before_on_its_first_day(scene: Scene) -> None:
    one, other = manager(scene), manager(scene)
    newer = ControlLotFactory(lot="55822")
    ControlTargetFactory(procedure=scene.glucose_system, control_lot=newer)
    for lot, day in ((ControlLotFactory(), DAY), (newer, dt.date(2026, 12, 1))):
        mapping = propose(scene, one, control_lot_id=lot.pk, valid_from=day)
        actions.confirm_control_mapping(mapping, by=other, at=timezone.now())

    rows = ControlMapping.objects.known_at(None).order_by("valid_from")
    assert list(rows.values_list("control_lot__lot", "valid_to")) == [("44711", dt.date(2026, 12, 1)), ("55822", None)]


def test_lot_without_a_target_at_the_sender_is_not_proposed(scene: Scene) -> None:
    with pytest.raises(NotFound, match="target"):
        propose(scene, manager(scene), control_lot_id=ControlLotFactory(lot="elsewhere").pk)


def test_manager_of_another_laboratory_neither_sees_nor_maps_it(scene: Scene) -> None:
    other: User = UserFactory()
    bind(other, "manager", AnalyzerFactory().laboratory)

    assert "01003" not in signed_in(other).get(reverse("exchange:controls")).content.decode()
    assert signed_in(other).get(reverse("exchange:control-propose") + QUERY).status_code == 404
    with pytest.raises(NotAllowed):
        propose(scene, other)


@pytest.mark.parametrize(
    ("material", "told"),
    [("02*", "does not fit"), ("*", "does not fit"), ("", "Give the material")],
    ids=["other", "anything", "empty"],
)
def test_material_that_does_not_fit_what_waits_is_told_beside_the_field(scene: Scene, material: str, told: str) -> None:
    fields = {"material": material, "control_lot": ControlLotFactory().pk, "valid_from": "2026-11-01"}

    page = signed_in(manager(scene)).post(reverse("exchange:control-propose") + QUERY, fields).content.decode()

    assert told in page
    assert not ControlMapping.objects.exists()


def test_pattern_replays_every_specimen_that_it_fits(scene: Scene) -> None:
    source = AnalyzerFactory(code="BS", laboratory=scene.laboratory)
    CodeMappingFactory(source=source, local_code="GLU", analyte=scene.glucose)
    for place in range(3):
        result = f"R|1|^^^GLU|4.0{place}|mmol/L||||F||||2026112006{place}000"
        scene.process_astm(astm_message("P|1", f"O|1|QC1-{place}|||||||||Q", result))
    mapping = propose(scene, manager(scene), source="BS", material="QC1-*", level="")

    count = actions.confirm_control_mapping(mapping, by=manager(scene), at=timezone.now())
    process_waiting(timezone.now())

    assert count == 3
    assert sorted(ControlResult.objects.values_list("value", flat=True)) == [4.0, 4.01, 4.02]


def test_control_of_a_message_that_was_set_aside_waits_no_more(scene: Scene) -> None:
    operator: User = UserFactory()
    bind(operator, "operator", scene.laboratory.facility)
    mapping = propose(scene, manager(scene))
    key = InboxMessage.objects.get().pk
    messages.set_aside_message(key, why="trial of the vendor", by=operator, at=timezone.now())

    count = actions.confirm_control_mapping(mapping, by=operator, at=timezone.now())

    assert count == 0
    assert scene.states() == [("rejected", "set-aside")]


def test_mappings_are_given_as_a_workbook(scene: Scene) -> None:
    one = manager(scene)
    propose(scene, one)

    answer = signed_in(one).get(reverse("exchange:controls-file"))

    assert answer.status_code == 200
    assert answer.content.startswith(b"PK")


def test_page_says_when_nothing_waits(db: None) -> None:
    source = AnalyzerFactory()
    user: User = UserFactory()
    bind(user, "manager", source.laboratory)

    page = signed_in(user).get(reverse("exchange:controls")).content.decode()

    assert "Every control material that was sent is mapped" in page
    assert "Usually a new material appears when a laboratory opens a new lot" in page


def test_list_takes_as_many_queries_for_many_materials_as_for_one(scene: Scene) -> None:
    one = signed_in(manager(scene))
    one.get(reverse("exchange:controls"))
    before = _queries(one)
    for place in range(5):
        raw = qc_message("4.0", control_id=f"M{place}").replace(b"||7|", b"||1%d|" % place)
        scene.process(raw.replace(b"||M||", b"||L%d||" % place))

    assert HeldControl.objects.waiting().count() == 6
    assert _queries(one) == before


def _queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse("exchange:controls")).status_code == 200
    return len(captured)
