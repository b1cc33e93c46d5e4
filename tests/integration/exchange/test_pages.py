"""The pages: what is held, the hidden patient, proposing and confirming by two persons, replay; who may do what."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.factories.core import UserFactory
from tests.factories.exchange import GLU, OBR, PID, SourceFactory, message
from tests.factories.registry import AnalyteFactory, bind
from tests.integration.exchange.conftest import Scene

from lienthong.core.actions import system_user
from lienthong.core.models import AuditEvent, User
from lienthong.errors import Conflict, NotAllowed
from lienthong.exchange import actions
from lienthong.exchange.listening.arrivals import receive_all
from lienthong.exchange.models import CodeMapping
from lienthong.exchange.processing.worker import process_waiting
from lienthong.exchange.senders import directory
from lienthong.findings import Finding
from lienthong.interop.hl7v2 import Frame
from lienthong.results.actions import Arrival, Outcome, finish, receive
from lienthong.results.models import InboxMessage, Result
from lienthong.results.reads import inbox_message

pytestmark = pytest.mark.django_db

CKMB = "OBX|2|NM|CKMB^CK-MB^L||3.1|ng/mL|<5.0|N|||F|||20261120070000"
QUERY = "?source=SX&code=CKMB&system=L"


def person(role: str, scene: Scene) -> User:
    """Make a user with a role at the facility of the scene."""
    user: User = UserFactory()
    bind(user, role, scene.laboratory if role in ("manager", "technician") else scene.laboratory.facility)
    return user


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


@pytest.fixture
def operator(scene: Scene) -> User:
    return person("operator", scene)


@pytest.fixture
def waiting(scene: Scene) -> Scene:
    """One message of which a result waits for the code CKMB; the analytes that it could be."""
    AnalyteFactory(key="CKMB", loinc="13969-1", unit="ug/L", name_en="CK-MB, mass")
    AnalyteFactory(key="CKMBA", loinc="32673-6", unit="U/L", name_en="CK-MB, activity")
    scene.process(message(PID, OBR, GLU, CKMB))
    return scene


def test_page_of_held_messages_says_when_nothing_is_held(scene: Scene, operator: User) -> None:
    page = signed_in(operator).get(reverse("exchange:held")).content.decode()

    assert "No message is held" in page
    assert "Usually every message is stored by itself" in page


def test_waiting_code_is_shown_with_suggestions_and_the_clash_refused(waiting: Scene, operator: User) -> None:
    page = signed_in(operator).get(reverse("exchange:held")).content.decode()

    assert "1 message is held for one reason" in page
    assert "CK-MB, mass" in page
    assert "ng/mL and U/L do not measure the same quantity." in page
    assert "<mark>CKMB^CK-MB^L</mark>" in page


@pytest.mark.parametrize("route", ["exchange:held", "exchange:message"])
def test_patient_is_hidden_until_asked_for(waiting: Scene, operator: User, route: str) -> None:
    inbox = InboxMessage.objects.get()
    arguments = [inbox.id] if route == "exchange:message" else []

    page = signed_in(operator).get(reverse(route, args=arguments)).content.decode()

    for value in ("Nguyễn", "Đào", "001180012345", "19800517"):
        assert value not in page


def test_showing_the_patient_is_entered_in_the_access_log(waiting: Scene, operator: User) -> None:
    inbox = InboxMessage.objects.get()

    page = signed_in(operator).post(reverse("exchange:patient-fields", args=[inbox.id])).content.decode()

    assert "001180012345" in page
    event = AuditEvent.objects.get(action="read")
    assert (event.actor, event.object_key, event.relation) == (operator.username, str(inbox.id), "operator")
    assert event.patient_record_id == Result.objects.get().patient_record_id


def test_mapping_is_proposed_by_one_confirmed_by_another_and_replayed(waiting: Scene, operator: User) -> None:
    second = person("administrator", waiting)
    data = {"analyte": "CKMB", "valid_from": "2026-11-01"}

    signed_in(operator).post(reverse("exchange:propose") + QUERY, data)
    mapping = CodeMapping.objects.get()
    answer = signed_in(second).post(reverse("exchange:confirm", args=[mapping.pk]), follow=True)
    process_waiting(timezone.now())

    assert "1 message is replayed" in answer.content.decode()
    inbox = InboxMessage.objects.get()
    assert (inbox.state, inbox.results_stored, inbox.results_held) == ("stored", 2, 0)
    assert Result.objects.get(local_code="CKMB").value == Decimal("3.1")
    acts = AuditEvent.objects.filter(actor__in=[operator.username, second.username]).order_by("id")
    assert list(acts.values_list("action", "actor")) == [
        ("propose-mapping", operator.username),
        ("confirm-mapping", second.username),
        ("replay", second.username),
    ]


def test_one_who_proposed_can_not_confirm(waiting: Scene, operator: User) -> None:
    mapping = propose(waiting, operator)

    with pytest.raises(NotAllowed, match="second person"):
        actions.confirm_mapping(mapping, by=operator, at=timezone.now())

    assert "Waits for another person" in signed_in(operator).get(reverse("exchange:mappings")).content.decode()


def propose(scene: Scene, by: User, analyte: str = "CKMB") -> int:
    return actions.propose_mapping(
        source="SX",
        local_code="CKMB",
        local_system="L",
        analyte=analyte,
        valid_from=timezone.localdate().replace(year=2026, month=11, day=1),
        by=by,
        at=timezone.now(),
    )


def test_unit_of_another_kind_is_refused_beside_the_field(waiting: Scene, operator: User) -> None:
    data = {"analyte": "other", "another": "CKMBA", "valid_from": "2026-11-01"}

    page = signed_in(operator).post(reverse("exchange:propose") + QUERY, data).content.decode()

    assert page.count("ng/mL and U/L do not measure the same quantity.") >= 2
    assert not CodeMapping.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"valid_from": "2026-11-01"}, "Choose what the code means"),
        ({"analyte": "other", "valid_from": "2026-11-01"}, "Choose the other analyte"),
        ({"analyte": "CKMB", "valid_from": "soon"}, "Write a day"),
        ({"analyte": "CKMB"}, "Give the day"),
    ],
)
def test_form_says_what_is_missing_at_the_top_and_beside(
    waiting: Scene, operator: User, data: dict[str, str], words: str
) -> None:
    page = signed_in(operator).post(reverse("exchange:propose") + QUERY, data).content.decode()

    assert page.count(words) == 2
    assert "thing to correct" in page


def test_second_proposal_of_a_code_is_a_conflict(waiting: Scene, operator: User) -> None:
    propose(waiting, operator)

    with pytest.raises(Conflict):
        propose(waiting, operator)


def test_declined_proposal_makes_room_for_another(waiting: Scene, operator: User) -> None:
    first = propose(waiting, operator)
    signed_in(operator).post(reverse("exchange:decline", args=[first]))

    assert propose(waiting, operator) != first


def test_new_mapping_ends_the_one_before(waiting: Scene, operator: User) -> None:
    second = person("administrator", waiting)
    AnalyteFactory(key="CKMB2", loinc="49551-5", unit="ug/L", name_en="CK-MB, mass, new method")
    actions.confirm_mapping(propose(waiting, operator), by=second, at=timezone.now())

    later = actions.propose_mapping(
        source="SX",
        local_code="CKMB",
        local_system="L",
        analyte="CKMB2",
        valid_from=timezone.localdate().replace(year=2026, month=11, day=15),
        by=operator,
        at=timezone.now(),
    )
    actions.confirm_mapping(later, by=second, at=timezone.now())

    held = CodeMapping.objects.known_at(None).order_by("valid_from").values_list("analyte__key", "valid_to")
    assert [(key, end.isoformat() if end else None) for key, end in held] == [("CKMB", "2026-11-15"), ("CKMB2", None)]


def test_history_of_a_code_keeps_what_was_declined_and_replaced(waiting: Scene, operator: User) -> None:
    second = person("administrator", waiting)
    AnalyteFactory(key="CKMB2", loinc="49551-5", unit="ug/L", name_en="CK-MB, mass, new method")
    actions.decline_mapping(propose(waiting, operator), by=second, at=timezone.now())
    actions.confirm_mapping(propose(waiting, operator), by=second, at=timezone.now())
    actions.confirm_mapping(propose(waiting, operator, "CKMB2"), by=second, at=timezone.now())
    client, address = signed_in(operator), reverse("exchange:mapping-history")

    page = client.get(f"{address}?source=SX&code=CKMB").content.decode()

    assert page.index("in force") < page.index("replaced") < page.index("declined")
    assert second.full_name in page
    assert client.get(f"{address}?source=SX&code=NONE").status_code == 404
    assert client.get(f"{address}?source=SX&code=CKMB&format=xlsx").content.startswith(b"PK")


def test_held_message_is_replayed_from_its_page(scene: Scene, operator: User) -> None:
    scene.process(message(PID, OBR, "OBX|1|NM|XYZ^Xyz^L||5.6|mmol/L|||||F"))
    inbox = InboxMessage.objects.get()

    answer = signed_in(operator).post(reverse("exchange:replay", args=[inbox.id]), follow=True)

    assert InboxMessage.objects.get().state == "received"
    assert "1 message is replayed." in answer.content.decode()
    assert AuditEvent.objects.filter(action="replay", actor=operator.username).exists()


def test_group_of_refused_messages_is_replayed_when_its_sender_is_registered(scene: Scene) -> None:
    administrator: User = UserFactory()
    bind(administrator, "administrator", scene.laboratory.facility.region)
    scene.process(message(facility="NEW"), message(facility="NEW", control_id="M2"))
    SourceFactory(code="NEW", laboratory=scene.laboratory)
    client = signed_in(administrator)
    page = client.get(reverse("exchange:held")).content.decode()
    group = {
        "source": "",
        "sender": "MEDLAB / NEW",
        "reason": "unknown-sender",
        "code": "",
        "system": "",
        "refused": "1",
    }

    client.post(reverse("exchange:replay-group"), group)
    process_waiting(timezone.now())

    assert "MEDLAB / NEW" in page
    assert [state for state, _ in Scene.states()] == ["stored", "duplicate"]
    assert set(InboxMessage.objects.values_list("source", flat=True)) == {"NEW"}


def test_message_is_set_aside_with_a_reason(scene: Scene, operator: User) -> None:
    scene.process(message(PID, OBR, "OBX|1|NM|XYZ^Xyz^L||5.6|mmol/L|||||F"))
    inbox = InboxMessage.objects.get()
    client = signed_in(operator)
    address = reverse("exchange:set-aside", args=[inbox.id])

    without = client.post(address, {"why": ""})
    client.post(address, {"why": "test of the vendor"})

    assert (without.status_code, without.content.decode().count("Say why")) == (422, 2)
    assert Scene.states() == [("rejected", "set-aside")]
    assert AuditEvent.objects.get(action="set-aside").detail == {"why": "test of the vendor"}


@pytest.mark.parametrize(
    ("role", "held", "mappings"),
    [
        ("operator", 200, 200),
        ("administrator", 200, 200),
        ("manager", 403, 200),
        ("technician", 403, 403),
        ("clinician", 403, 403),
        ("officer", 403, 403),
    ],
)
def test_pages_open_for_the_roles_that_have_them(scene: Scene, role: str, held: int, mappings: int) -> None:
    client = signed_in(person(role, scene))

    assert client.get(reverse("exchange:held")).status_code == held
    assert client.get(reverse("exchange:mappings")).status_code == mappings


def test_nobody_enters_without_signing_in(scene: Scene) -> None:
    assert Client().get(reverse("exchange:held")).status_code == 302


def test_operator_of_elsewhere_sees_nothing_of_this_sender(waiting: Scene) -> None:
    elsewhere: User = UserFactory()
    bind(elsewhere, "operator", SourceFactory(code="FAR").laboratory.facility)
    client, inbox = signed_in(elsewhere), InboxMessage.objects.get()

    assert "CKMB" not in client.get(reverse("exchange:held")).content.decode()
    assert client.get(reverse("exchange:message", args=[inbox.id])).status_code == 403
    assert client.post(reverse("exchange:replay", args=[inbox.id])).status_code == 403
    assert client.post(reverse("exchange:patient-fields", args=[inbox.id])).status_code == 403
    assert client.get(reverse("exchange:propose") + QUERY).status_code == 404


def test_manager_proposes_for_the_own_laboratory_only(waiting: Scene) -> None:
    own, other = person("manager", waiting), UserFactory()
    bind(other, "manager", SourceFactory(code="FAR").laboratory)

    propose(waiting, own)

    with pytest.raises(NotAllowed):
        propose(waiting, other)


@pytest.mark.parametrize("language", ["vi", "zh-hans", "en"])
@pytest.mark.parametrize("route", ["exchange:held", "exchange:mappings"])
def test_pages_stand_in_each_language_and_are_small(waiting: Scene, operator: User, language: str, route: str) -> None:
    client = Client()
    client.force_login(operator)
    client.cookies["django_language"] = language

    answer = client.get(reverse(route))

    assert answer.status_code == 200
    assert len(answer.content) < 200_000
    assert ("Excel" in answer.content.decode()) is True


@pytest.mark.parametrize("route", ["exchange:held-file", "exchange:mappings-file"])
def test_tables_are_given_as_workbooks(waiting: Scene, operator: User, route: str) -> None:
    answer = signed_in(operator).get(reverse(route))

    assert answer.status_code == 200
    assert answer.content[:2] == b"PK"


def test_list_of_held_groups_asks_the_database_a_fixed_number_of_times(
    waiting: Scene, operator: User, django_assert_max_num_queries: object
) -> None:
    for number in range(5):
        waiting.process(message(PID, OBR.replace("SX1", f"N{number}"), CKMB.replace("CKMB", f"C{number}")))

    client = signed_in(operator)
    with django_assert_max_num_queries(25):  # type: ignore[operator]  # pytest-django's fixture
        client.get(reverse("exchange:held"))


def test_what_was_found_on_receipt_stays_beside_what_each_attempt_finds(scene: Scene, operator: User) -> None:
    batch = b"BHS|^~\\&|MEDLAB|SX\r" + message(PID, OBR, GLU, CKMB) + b"BTS|3\r"
    arrivals = receive_all(Frame(batch), directory(), at=timezone.now()).arrivals
    receive(arrivals, by=system_user("listener"), at=timezone.now())
    process_waiting(timezone.now())
    scene.replay_all()

    inbox = InboxMessage.objects.get()
    page = signed_in(operator).get(reverse("exchange:message", args=[inbox.id])).content.decode()

    assert [(one["code"], one.get("on_receipt", False)) for one in inbox.findings] == [
        ("count", True),
        ("code-unknown", False),
    ]
    assert 'names another number of messages than it holds.</td><td data-l="Found">on receipt</td>' in page
    assert '<td data-l="Found">in processing</td>' in page


def test_what_was_found_on_receipt_and_again_in_processing_is_shown_once(scene: Scene, operator: User) -> None:
    found = Finding("PID-5", "name", "PID-5 is cut.")
    arrival = Arrival(raw=message(), received_at=timezone.now(), source="SX", lane="SX:SX1", findings=(found,))
    (key,) = receive([arrival], by=system_user("listener"), at=timezone.now())
    finish([Outcome(inbox_id=key, state="stored", findings=(found,))], by=system_user("exchange"), at=timezone.now())

    facts = inbox_message(key)

    assert facts
    assert facts.findings == facts.found_on_receipt == (found,)


def test_page_of_an_acknowledgment_says_what_to_do_and_offers_no_replay(scene: Scene, operator: User) -> None:
    scene.process(message(kind="ACK^R01^ACK"))
    row = InboxMessage.objects.get()

    page = signed_in(operator).get(reverse("exchange:message", args=[row.pk])).content.decode()

    assert "an acknowledgment, not answered" in page
    assert "send nothing back for answers" in page
    assert reverse("exchange:replay", args=[row.pk]) not in page
