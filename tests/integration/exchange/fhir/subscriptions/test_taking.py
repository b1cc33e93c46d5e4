"""A Subscription comes in: what is refused and how, what is kept, and what others may see of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.factories.registry import LaboratoryFactory
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, transaction
from tests.integration.exchange.fhir.conftest import XML, System, system_of
from tests.integration.exchange.fhir.subscriptions.conftest import subscribe, subscription, way_of
from tests.integration.exchange.fhir.subscriptions.receiver import Receiver

from lienthong.core.models import AuditEvent
from lienthong.exchange.fhir.subscriptions import actions
from lienthong.exchange.fhir.subscriptions.headers import HIDDEN
from lienthong.exchange.outbound.models import Outlet
from lienthong.results.models import InboxMessage, Resource

pytestmark = pytest.mark.django_db
SECRET = "Bearer abc-123"


def test_requested_subscription_becomes_active_and_makes_an_outlet(
    scene: Scene, hospital: System, receiver: Receiver
) -> None:
    answer = hospital.put("Subscription/s1", subscription(receiver))

    assert answer.status_code == 201, answer.content
    read = hospital.get("Subscription/s1").json()
    assert (read["status"], read["criteria"]) == ("active", "Observation?code=2345-7")
    outlet = Outlet.objects.get()
    assert (outlet.channel, outlet.state, outlet.facility_id) == (
        "rest-hook",
        "active",
        scene.laboratory.facility_id,
    )
    assert AuditEvent.objects.filter(action="register-outlet", object_key=outlet.code).count() == 1


def test_subscription_is_posted_alone_in_a_transaction_and_as_xml(hospital: System, receiver: Receiver) -> None:
    alone = hospital.post("Subscription", {k: v for k, v in subscription(receiver).items() if k != "id"})
    together = hospital.post("", transaction(entry(patient()), entry(subscription(receiver))))
    xml = (
        hospital.get("Subscription/s1", Accept=XML).content.decode().replace("s1", "s2").replace("active", "requested")
    )
    as_xml = hospital.put("Subscription/s2", xml, Content_Type=XML)

    assert [one.status_code for one in (alone, together, as_xml)] == [201, 200, 201], as_xml.content
    assert Outlet.objects.count() == 3


@pytest.mark.parametrize(
    ("changes", "place", "message"),
    [
        ({"status": "active"}, "status", "must be requested or off"),
        ({"status": "error"}, "status", "must be requested or off"),
        ({"criteria": "Encounter?class=AMB"}, "criteria", "Observation"),
        ({"criteria": "Observation?wrong=a"}, "criteria", "code"),
        ({"end": "2020-01-01T00:00:00Z"}, "end", "future"),
        ({"channel": {"type": "email"}}, "channel.type", "rest-hook"),
        ({"channel": {"type": "websocket"}}, "channel.type", "rest-hook"),
        ({"channel": {"payload": "text/plain"}}, "channel.payload", "application/fhir+json"),
        ({"channel": {"endpoint": None}}, "channel.endpoint", "https"),
        ({"channel": {"endpoint": "http://hook.example.org/a"}}, "channel.endpoint", "https"),
        ({"channel": {"endpoint": "ftp://hook.example.org/a"}}, "channel.endpoint", "https"),
        ({"channel": {"endpoint": "https:///a"}}, "channel.endpoint", "https"),
        ({"channel": {"endpoint": "https://hook.example.org:x/a"}}, "channel.endpoint", "https"),
        ({"channel": {"endpoint": "https://user:word@hook.example.org/a"}}, "channel.endpoint", "channel.header"),
        ({"channel": {"endpoint": "https://hook.example.org/a?key=word"}}, "channel.endpoint", "channel.header"),
        ({"channel": {"endpoint": "https://10.0.0.1/a"}}, "channel.endpoint", "not public"),
        ({"channel": {"endpoint": "https://[::1]/a"}}, "channel.endpoint", "not public"),
        ({"channel": {"endpoint": "https://169.254.169.254/latest"}}, "channel.endpoint", "not public"),
        ({"channel": {"header": ["Host: other"]}}, "channel.header[0]", "server sets"),
        ({"channel": {"header": [f"Authorization: {HIDDEN}"]}}, "channel.header", "write the value itself"),
    ],
)
def test_subscription_that_can_not_be_served_is_refused_with_its_element(
    hospital: System, receiver: Receiver, changes: dict[str, Any], place: str, message: str
) -> None:
    asked = subscription(receiver, **{"criteria": "Observation?code=2345-7", **changes})

    answer = hospital.put("Subscription/s1", asked)

    assert answer.status_code == 422, answer.content
    [issue] = answer.json()["issue"]
    assert issue["expression"] == [f"Subscription.{place}"]
    assert message in issue["diagnostics"]
    assert "word" not in issue["diagnostics"]
    assert not Outlet.objects.exists()
    assert not Resource.objects.exists()


@pytest.mark.parametrize("text", ["a\x00b", "a\x07b", "\ud800"], ids=["nul", "bell", "half-a-letter"])
@pytest.mark.parametrize("element", ["reason", "criteria"])
def test_sign_that_can_not_be_kept_is_refused(hospital: System, receiver: Receiver, element: str, text: str) -> None:
    asked = subscription(receiver)
    asked[element] = f"Observation?code={text}"

    answer = hospital.put("Subscription/s1", asked)

    assert answer.status_code in (400, 422), answer.content
    assert not Outlet.objects.exists()


def test_all_faults_are_told_at_once(hospital: System, receiver: Receiver) -> None:
    asked = subscription(receiver, "Encounter?class=AMB", status="active", channel={"type": "sms", "payload": "x/y"})

    issues = hospital.put("Subscription/s1", asked).json()["issue"]

    assert len(issues) == 4


@pytest.mark.parametrize(
    ("scopes", "missing"),
    [
        (("system/Subscription.cruds",), "system/Observation.r"),
        (("system/Subscription.cruds", "system/Observation.r"), "system/Observation.s"),
        (("system/Subscription.rs", "system/Observation.rs"), "system/Subscription.u"),
        (("system/Subscription.cruds", "system/DiagnosticReport.rs"), "system/Observation.r"),
    ],
)
def test_subscriber_needs_the_scopes_of_what_it_is_told(
    scene: Scene, receiver: Receiver, scopes: tuple[str, ...], missing: str
) -> None:
    system = system_of(scene.laboratory.facility.code, scopes=scopes, sources=("SX",))

    answer = system.put("Subscription/s1", subscription(receiver))

    assert answer.status_code == 403
    assert missing in answer.json()["issue"][0]["diagnostics"]
    assert not Outlet.objects.exists()


def test_values_of_headers_are_seen_nowhere(
    scene: Scene, hospital: System, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    colleague = system_of(scene.laboratory.facility.code)
    subscribe(hospital, subscription(receiver, channel={"header": [f"Authorization: {SECRET}"]}))
    name = str(Resource.objects.get().pk)

    own = hospital.get("Subscription/s1").json()["channel"]["header"]
    seen = [colleague.get(f"Subscription/{name}").content, colleague.get("Subscription").content]
    seen += [hospital.get("Subscription/s1/_history").content]
    kept = [Resource.objects.get().content, *(str(one.detail) for one in AuditEvent.objects.all())]
    kept += [json.dumps(Outlet.objects.get().settings)]

    assert own == [f"Authorization: {HIDDEN}"]
    assert all(HIDDEN.encode() in one and b"abc-123" not in one for one in seen)
    assert not any("abc-123" in one for one in kept)
    assert "abc-123" not in caplog.text


def test_hidden_values_written_back_stay_for_the_same_endpoint_only(hospital: System, receiver: Receiver) -> None:
    first = subscription(receiver, channel={"header": [f"Authorization: {SECRET}"]})
    subscribe(hospital, first)
    back = hospital.get("Subscription/s1").json() | {"status": "requested", "criteria": "Observation?code=2823-3"}
    elsewhere = {**back, "channel": {**back["channel"], "endpoint": "https://other.example.org/hook"}}

    same, other = hospital.put("Subscription/s1", back), hospital.put("Subscription/s1", elsewhere)

    assert (same.status_code, other.status_code) == (200, 422)
    subscribe(hospital, back | {"criteria": "Observation?code=2345-7"})
    hospital.put("Patient/p1", patient())
    hospital.put("Observation/o1", glucose())
    assert [one.outcome for one in way_of().tell()] == ["delivered"]
    assert receiver.told[0].headers["authorization"] == SECRET


def test_another_system_has_its_own_under_the_same_id(scene: Scene, hospital: System, receiver: Receiver) -> None:
    colleague = system_of(scene.laboratory.facility.code, sources=("SX",))
    subscribe(hospital, subscription(receiver, channel={"header": [f"Authorization: {SECRET}"]}))
    name = str(Resource.objects.get().pk)
    stolen = subscription(receiver, channel={"header": [f"Authorization: {HIDDEN}"]})

    same, by_name = (
        colleague.put("Subscription/s1", stolen),
        colleague.put(f"Subscription/{name}", stolen | {"id": name}),
    )
    subscribe(colleague, subscription(receiver, "Observation?code=2823-3"))

    assert (same.status_code, by_name.status_code) == (422, 422)
    assert [one.get("Subscription/s1").json()["criteria"] for one in (hospital, colleague)] == [
        "Observation?code=2345-7",
        "Observation?code=2823-3",
    ]
    assert len(set(Outlet.objects.values_list("client", flat=True))) == 2


def test_system_that_stands_for_no_sender_subscribes_as_well(scene: Scene, receiver: Receiver) -> None:
    clinic = LaboratoryFactory(facility__region=scene.laboratory.facility.region).facility
    system = system_of(clinic.code, scopes=("system/Subscription.cruds", "system/Observation.rs"))

    subscribe(system, subscription(receiver))

    assert system.get("Subscription/s1").json()["status"] == "active"
    assert Outlet.objects.get().facility_id == clinic.pk
    assert not InboxMessage.objects.exists()


def test_subscription_of_another_facility_is_not_found(
    hospital: System, other_hospital: System, receiver: Receiver
) -> None:
    subscribe(hospital, subscription(receiver))
    name = str(Resource.objects.get().pk)

    assert other_hospital.get(f"Subscription/{name}").status_code == 404
    assert other_hospital.search("Subscription") == []
    assert other_hospital.search("Subscription?status=active") == []


def test_off_stops_it_and_requested_begins_anew(hospital: System, receiver: Receiver) -> None:
    asked = subscription(receiver)
    subscribe(hospital, asked)
    subscribe(hospital, asked | {"status": "off"})
    stopped = (Outlet.objects.get().state, hospital.get("Subscription/s1").json()["status"])

    subscribe(hospital, asked)

    assert stopped == ("off", "off")
    assert [one.state for one in Outlet.objects.order_by("pk")] == ["off", "active"]
    assert hospital.get("Subscription/s1").json()["status"] == "active"


def test_same_again_changes_nothing(hospital: System, receiver: Receiver) -> None:
    asked = subscription(receiver, channel={"header": [f"Authorization: {SECRET}"]})
    subscribe(hospital, asked)
    before = Outlet.objects.values().get()

    answer = hospital.put("Subscription/s1", asked)

    assert (answer.status_code, answer.headers["ETag"]) == (200, 'W/"1"')
    assert Outlet.objects.values().get() == before
    assert not AuditEvent.objects.filter(action="change-outlet").exists()


def test_system_has_so_many_subscriptions_and_no_more(
    hospital: System, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST", 1)
    subscribe(hospital, subscription(receiver))

    answer = hospital.put("Subscription/s2", subscription(receiver, id="s2"))

    assert answer.status_code == 409
    assert not Resource.objects.filter(own_id="s2").exists()


def test_server_says_what_the_capability_statement_promises(hospital: System) -> None:
    [rest] = hospital.get("metadata").json()["rest"]
    [found] = [one for one in rest["resource"] if one["type"] == "Subscription"]

    assert "rest-hook" in found["documentation"]
