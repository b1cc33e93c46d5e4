"""Senders are registered in the browser, from a refused message as well, and what they were refused is replayed."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.factories.core import UserFactory
from tests.factories.exchange import GLU, OBR, PID, SourceFactory, message
from tests.factories.registry import FacilityFactory, LaboratoryFactory, bind
from tests.integration.exchange.conftest import Scene

from lienthong.core.actions import system_user
from lienthong.core.models import AuditEvent, User
from lienthong.errors import BadInput, Conflict, NotAllowed
from lienthong.exchange.actions import replay_messages
from lienthong.exchange.models import Source
from lienthong.exchange.processing.worker import process_waiting
from lienthong.exchange.registration import actions
from lienthong.exchange.registration.entry import SenderEntry
from lienthong.results.models import InboxMessage, PatientRecord, Result

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def fields(scene: Scene, **changes: str) -> dict[str, str]:
    """What the form sends for MEDLAB at NEW."""
    usual = {
        "code": "NEW",
        "protocol": "hl7v2",
        "sending_application": "MEDLAB",
        "sending_facility": "NEW",
        "facility": scene.laboratory.facility.code,
        "default_charset": "utf-8",
    }
    return usual | changes


def register(scene: Scene, by: User, **changes: object) -> int:
    given = fields(scene) | changes
    return actions.register_source(SenderEntry(**given), by=by, at=timezone.now())  # type: ignore[arg-type]


def test_refused_message_leads_to_the_form_and_registering_replays_all(scene: Scene, administrator: User) -> None:
    scene.process(
        message(PID, OBR, GLU, facility="NEW"),
        message(PID, OBR.replace("SX1", "SX2"), GLU, facility="NEW", control_id="M2"),
        message(PID, OBR, GLU, facility="OTHER", control_id="M3"),
    )
    refused = InboxMessage.objects.get(control_id="M1")
    client = signed_in(administrator)

    page = client.get(reverse("exchange:message", args=[refused.id])).content.decode()
    address = f"{reverse('exchange:register-sender')}?message={refused.id}"
    form = client.get(address).content.decode()
    answer = client.post(address, fields(scene), follow=True).content.decode()
    process_waiting(timezone.now())

    assert address in page
    assert 'value="MEDLAB"' in form
    assert "2 messages of MEDLAB / NEW were refused" in form
    assert "2 messages that it was refused are replayed in order." in answer
    assert Scene.states() == [("stored", ""), ("stored", ""), ("rejected", "unknown-sender")]
    assert Result.objects.count() == 2


def test_sender_that_wrote_its_name_in_two_ways_is_replayed_whole(scene: Scene, administrator: User) -> None:
    scene.process(message(facility="NEW"), message(facility="NEW^1.2.3^ISO", control_id="M2"))

    done = actions.register_and_replay(SenderEntry(**fields(scene)), by=administrator, at=timezone.now())

    assert (done.is_new, done.replayed) == (True, 2)


def test_what_came_without_the_certificate_stays_refused_and_no_replay_stores_it(
    scene: Scene, administrator: User
) -> None:
    order = message(PID, "ORC|NW|PL1", OBR, facility="NEW", control_id="M2", kind="ORM^O01")
    scene.process(message(PID, OBR, GLU, facility="NEW"), order)
    refused = list(InboxMessage.objects.values_list("id", flat=True))
    address = reverse("exchange:register-sender")

    page = signed_in(administrator).post(address, fields(scene, certificate="lis.new.example"), follow=True)
    at_once = Scene.states()
    replay_messages(refused, by=administrator, at=timezone.now())
    process_waiting(timezone.now())

    assert "2 messages came without the certificate and stay refused." in page.content.decode()
    assert at_once == [("rejected", "certificate")] * 2
    assert Scene.states() == [("held", "certificate")] * 2
    assert (Result.objects.count(), PatientRecord.objects.count()) == (0, 0)


def test_certificate_that_is_demanded_later_changes_nothing_of_what_was_taken(
    scene: Scene, administrator: User
) -> None:
    scene.process(message(PID, OBR, GLU.replace("2345-7^Glucose^LN", "NOPE^^L")))

    actions.require_certificate("SX", "lis.sx.example", by=administrator, at=timezone.now())
    Scene.replay_all()

    assert Scene.states() == [("held", "code-unknown")]


def test_change_is_in_the_history_with_the_person_and_both_values(scene: Scene, administrator: User) -> None:
    client = signed_in(administrator)
    address = reverse("exchange:change-sender", args=["SX"])
    given = fields(scene, code="SX", sending_facility="SX-2", default_charset="8859/1")

    page = client.post(address, given, follow=True).content.decode()

    assert Source.objects.get(code="SX").default_charset == "8859/1"
    assert "SX → SX-2" in page
    assert "utf-8 → 8859/1" in page
    assert "Lê Minh" in page


def test_same_values_again_are_no_change(scene: Scene, administrator: User) -> None:
    register(scene, administrator)

    register(scene, administrator)

    assert AuditEvent.objects.filter(object_kind="source", object_key="NEW").count() == 1


def test_names_of_another_sender_are_a_conflict_beside_the_field(scene: Scene, administrator: User) -> None:
    page = signed_in(administrator).post(reverse("exchange:register-sender"), fields(scene, sending_facility="SX"))

    assert page.status_code == 422
    assert page.content.decode().count("those of the sender SX already") == 2
    assert not Source.objects.filter(code="NEW").exists()
    with pytest.raises(Conflict):
        register(scene, administrator, sending_facility="SX")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"default_charset": "klingon"}, BadInput),
        ({"laboratory_id": "elsewhere"}, BadInput),
        ({"facility": "elsewhere"}, NotAllowed),
    ],
    ids=["charset", "laboratory", "facility"],
)
def test_sender_can_not_stand_where_the_administrator_has_no_say(
    scene: Scene, administrator: User, changes: dict[str, object], error: type[Exception]
) -> None:
    elsewhere = FacilityFactory(code="99999")
    if "laboratory_id" in changes:
        changes = {"laboratory_id": LaboratoryFactory(facility=elsewhere).pk}
    if "facility" in changes:
        changes = {"facility": elsewhere.code}

    with pytest.raises(error):
        register(scene, administrator, **changes)

    assert not Source.objects.filter(code="NEW").exists()


def test_sender_can_not_be_taken_away_from_another_facility(scene: Scene, administrator: User) -> None:
    SourceFactory(code="FAR")

    with pytest.raises(NotAllowed):
        register(scene, administrator, code="FAR")


@pytest.mark.parametrize("role", ["operator", "administrator"])
def test_unknown_senders_are_hidden_from_one_who_operates_a_facility_only(scene: Scene, role: str) -> None:
    scene.process(message(facility="NEW"))
    user, wide = UserFactory(), UserFactory()
    bind(user, role, scene.laboratory.facility)
    bind(wide, role, scene.laboratory.facility.region)
    refused = reverse("exchange:message", args=[InboxMessage.objects.get().id])

    seen = {who: signed_in(who).get(reverse("exchange:held")).content.decode() for who in (user, wide)}
    listed = {who: signed_in(who).get(reverse("exchange:senders")).content.decode() for who in (user, wide)}

    assert ("MEDLAB / NEW" in seen[user], "MEDLAB / NEW" in seen[wide]) == (False, True)
    assert ("MEDLAB / NEW" in listed[user], "MEDLAB / NEW" in listed[wide]) == (False, True)
    assert signed_in(user).get(refused).status_code == 403
    assert signed_in(wide).get(refused).status_code == 200


def test_tried_message_is_judged_and_nothing_of_it_is_kept(scene: Scene, administrator: User) -> None:
    unknown = "OBX|2|NM|XYZ^Xyz^L||5.6|mmol/L|||||F"
    text = message(PID, OBR, GLU, unknown).decode()

    page = signed_in(administrator).post(reverse("exchange:try-message"), {"text": text}).content.decode()

    assert "What would become of it" in page
    assert "This code is not mapped for this sender." in page
    assert "Nguyễn" not in page.split('id="trial"')[1].split("</section>")[0]
    assert (InboxMessage.objects.count(), Result.objects.count(), PatientRecord.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("processing_id", ["T", "D", "T^A"])
def test_message_of_training_is_kept_and_nothing_of_it_is_stored(scene: Scene, processing_id: str) -> None:
    done = scene.process(message(processing_id=processing_id), message(control_id="M2"))

    assert Scene.states() == [("training", ""), ("stored", "")]
    assert (done.training, done.stored, done.messages) == (1, 1, 2)
    assert Result.objects.count() == 1


@pytest.mark.parametrize("place", ["control id", "report number"])
def test_published_case_never_reaches_a_patient_whatever_msh_11_says(scene: Scene, place: str) -> None:
    obr = OBR.replace("SX1", "LTCERT-4-01") if place == "report number" else OBR
    control_id = "LTCERT-4-01A" if place == "control id" else "M1"

    scene.process(message(PID, obr, GLU, control_id=control_id))

    assert Scene.states() == [("training", "")]
    assert not PatientRecord.objects.exists()


def test_system_user_registers_without_a_role(scene: Scene) -> None:
    register(scene, system_user("demonstration"))

    assert Source.objects.filter(code="NEW").exists()


def test_administrator_of_a_facility_gets_no_messages_that_may_be_of_another(scene: Scene) -> None:
    scene.process(message(PID, OBR, GLU, facility="NEW"))
    own = UserFactory()
    bind(own, "administrator", scene.laboratory.facility)

    page = signed_in(own).post(reverse("exchange:register-sender"), fields(scene), follow=True).content.decode()
    process_waiting(timezone.now())
    at_first = Scene.states()
    region = UserFactory()
    bind(region, "administrator", scene.laboratory.facility.region)
    done = actions.register_and_replay(SenderEntry(**fields(scene)), by=region, at=timezone.now())

    assert "1 message that it was refused waits for one who operates the region." in page
    assert at_first == [("rejected", "unknown-sender")]
    assert (done.is_new, done.replayed, done.left) == (False, 1, 0)


def test_no_sender_gets_the_code_of_a_facility_that_is_not_ones_own(scene: Scene, administrator: User) -> None:
    near = FacilityFactory(code="NEAR", region=scene.laboratory.facility.region)
    own = UserFactory()
    bind(own, "administrator", scene.laboratory.facility)

    with pytest.raises(NotAllowed):
        register(scene, own, sending_facility=near.code)
    assert register(scene, own, sending_facility=scene.laboratory.facility.code)
    assert register(scene, administrator, code="NEW2", sending_facility=near.code)
