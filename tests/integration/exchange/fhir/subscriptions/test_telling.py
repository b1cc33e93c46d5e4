"""What a subscriber is told: what meets its criteria and may be read, as it is when it is sent."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone
from pytest_django import Settings
from tests.factories.exchange import OBR, PID, SourceFactory, message
from tests.factories.recognition import GrantFactory
from tests.factories.registry import LaboratoryFactory, RegionFactory
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, report, transaction
from tests.integration.exchange.fhir.conftest import XML, Json, System, system_of
from tests.integration.exchange.fhir.subscriptions.conftest import Way, subscribe, subscription, way_of
from tests.integration.exchange.fhir.subscriptions.receiver import Receiver
from tests.integration.exchange.outbound.scene import make_scene

from lienthong.core.models import AuditEvent, ConnectedSystem
from lienthong.exchange.outbound.models import Outlet
from lienthong.interop.fhir import Element, r4
from lienthong.recognition.models import Grant
from lienthong.registry.models import Facility

pytestmark = pytest.mark.django_db
POTASSIUM = "OBX|2|NM|2823-3^Potassium^LN||{value}|mmol/L|3.5-5.1|N|||{state}|||20261120070000+0700"
GLUCOSE = "OBX|1|NM|2345-7^Glucose^LN||{value}|mmol/L|3.9-6.1|N|||{state}|||20261120070000+0700"


def sent(glucose: str, potassium: str = "", *, state: str = "F") -> bytes:
    segments = [GLUCOSE.format(value=glucose, state=state)]
    segments += [POTASSIUM.format(value=potassium, state="F")] if potassium else []
    return message(PID, OBR, *segments)


def way(system: System, asked: Json) -> Way:
    subscribe(system, asked)
    return way_of()


def entries(bundle: Element) -> list[object]:
    listed = bundle["entry"]
    assert isinstance(listed, list)
    return [one["resource"] for one in listed]


def bodies(receiver: Receiver) -> list[Json]:
    return [json.loads(one.body) for one in receiver.told]


def test_result_is_put_under_the_endpoint_as_its_subscriber_reads_it(
    scene: Scene, hospital: System, receiver: Receiver
) -> None:
    out = way(hospital, subscription(receiver))
    scene.process(sent("5.60", "4.1"))

    done = out.tell()

    [told] = receiver.told
    read = hospital.search("Observation?code=2345-7")[0]
    assert [one.outcome for one in done] == ["delivered"]
    assert (told.method, told.path) == ("PUT", f"/hook/Observation/{read['id']}")
    assert told.headers["content-type"] == "application/fhir+json"
    assert told.headers["x-request-id"] == "LT1267"
    assert json.loads(told.body) == read
    assert b"5.60" in told.body
    assert AuditEvent.objects.filter(action="read", object_key=read["id"]).count() == 2  # sent, and searched above


def test_own_resource_is_told_under_its_own_id(hospital: System, receiver: Receiver) -> None:
    out = way(hospital, subscription(receiver))
    hospital.post("", transaction(entry(patient()), entry(json.loads(glucose(value="5.60")))))

    out.tell()

    assert receiver.told[0].path == "/hook/Observation/o1"
    assert json.loads(receiver.told[0].body)["subject"] == {"reference": "Patient/p1"}


def test_without_payload_an_empty_post_says_only_that_something_is_there(
    scene: Scene, hospital: System, receiver: Receiver
) -> None:
    out = way(hospital, subscription(receiver, channel={"payload": None}))
    scene.process(sent("5.6"))

    out.tell()

    [told] = receiver.told
    assert (told.method, told.path, told.body) == ("POST", "/hook", b"")
    assert not AuditEvent.objects.filter(action="read").exists()  # nothing of a patient left the house


def test_payload_of_xml_is_the_resource_in_xml(scene: Scene, hospital: System, receiver: Receiver) -> None:
    out = way(hospital, subscription(receiver, channel={"payload": "application/fhir+xml"}))
    scene.process(sent("5.60"))

    out.tell()

    [told] = receiver.told
    assert told.headers["content-type"] == "application/fhir+xml"
    read = hospital.get("Observation?code=2345-7", Accept=XML).content
    assert r4.parse_xml(told.body) == entries(r4.parse_xml(read))[0]
    assert b'<value value="5.60"/>' in told.body


def test_report_is_told_with_its_results_by_reference(hospital: System, receiver: Receiver) -> None:
    out = way(hospital, subscription(receiver, "DiagnosticReport?status=final"))
    hospital.post("", transaction(entry(patient()), entry(json.loads(glucose())), entry(report())))

    out.tell()

    [told] = bodies(receiver)
    assert (told["resourceType"], told["id"]) == ("DiagnosticReport", "r1")
    assert told["result"] == [{"reference": "Observation/o1"}]


def test_corrected_result_is_told_again_and_what_stands_beside_it_is_not(
    scene: Scene, hospital: System, receiver: Receiver
) -> None:
    out = way(hospital, subscription(receiver, "Observation"))
    scene.process(sent("5.6", "4.1"))
    out.tell()
    scene.process(sent("6.1", "4.1", state="C"))

    done = out.tell()

    first, second, corrected = bodies(receiver)
    assert [one.version for one in done] == [2]
    assert {first["id"], second["id"]} >= {corrected["id"]}
    assert (corrected["status"], corrected["valueQuantity"]["value"]) == ("corrected", 6.1)


def test_withdrawn_result_is_told_as_entered_in_error(scene: Scene, hospital: System, receiver: Receiver) -> None:
    out = way(hospital, subscription(receiver))
    scene.process(sent("5.6"))
    out.tell()
    scene.process(sent("5.6", state="W"))

    out.tell()

    assert [one["status"] for one in bodies(receiver)] == ["final", "entered-in-error"]


def test_what_is_corrected_before_it_is_sent_is_told_as_it_is_now(
    scene: Scene, hospital: System, receiver: Receiver
) -> None:
    out = way(hospital, subscription(receiver))
    scene.process(sent("5.6"))
    [first] = out.wanted()
    scene.process(sent("6.1", state="C"))

    done = out.send(first)

    assert (done.outcome, done.version) == ("delivered", 2)
    assert [one["valueQuantity"]["value"] for one in bodies(receiver)] == [6.1]


def test_each_attempt_at_a_version_has_one_request_id_and_another_version_another(
    scene: Scene, hospital: System, receiver: Receiver
) -> None:
    """A receiver that leaves out what it has had must not take the correction for a repetition."""
    out = way(hospital, subscription(receiver))
    scene.process(sent("5.6"))
    [first] = out.wanted()
    receiver.status = 503
    out.send(first)
    out.send(first)
    scene.process(sent("6.1", state="C"))
    receiver.status = 200

    out.send(first)

    assert [one.headers["x-request-id"] for one in receiver.told] == ["LT1267", "LT1267", "LT126701"]


def test_what_no_longer_meets_the_criteria_is_not_sent(scene: Scene, hospital: System, receiver: Receiver) -> None:
    out = way(hospital, subscription(receiver, "Observation?status=final"))
    scene.process(sent("5.6"))
    [first] = out.wanted()
    scene.process(sent("6.1", state="C"))

    done = out.send(first)

    assert (done.outcome, receiver.told) == ("withheld", [])
    assert out.wanted() == []


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ("Observation?code=2345-7", [5.6]),
        ("Observation?code=http://loinc.org|2823-3", [4.1]),
        ("Observation?patient.identifier=P1", [4.1, 5.6]),
        ("Observation?patient.identifier=P2", []),
        ("Observation?status=final&category=laboratory", [4.1, 5.6]),
        ("Observation?status=preliminary", []),
        ("Observation?value-quantity=gt5", [5.6]),
        ("Observation?code-value-quantity=2345-7$gt7", []),
        ("Observation", [4.1, 5.6]),
    ],
)
def test_only_what_meets_the_criteria_is_told(
    scene: Scene, hospital: System, receiver: Receiver, criteria: str, expected: list[float]
) -> None:
    out = way(hospital, subscription(receiver, criteria))
    scene.process(sent("5.6", "4.1"))

    out.tell()

    assert sorted(one["valueQuantity"]["value"] for one in bodies(receiver)) == expected


def test_what_was_there_before_is_not_told(scene: Scene, hospital: System, receiver: Receiver) -> None:
    scene.process(sent("5.6"))
    way(hospital, subscription(receiver, "Observation?code=2823-3")).wanted()

    out = way(hospital, subscription(receiver))

    assert out.wanted() == []


@pytest.mark.parametrize(("facility", "expected"), [("30001", 1), ("30003", 0)], ids=["ordered", "did-not"])
def test_facility_is_told_what_answers_its_order_and_another_is_not(
    receiver: Receiver, facility: str, expected: int
) -> None:
    ordered = make_scene()
    place = ordered.ours if facility == "30001" else Facility.objects.get(code=facility)
    SourceFactory(code="HIS", laboratory=LaboratoryFactory(facility=place))
    out = way(system_of(facility, sources=("HIS",)), subscription(receiver))
    ordered.report("EX1")
    ordered.corrected("EX1")

    out.tell()

    assert [(one["status"], one["performer"][0]["reference"]) for one in bodies(receiver)] == [
        ("corrected", "Organization/30002")
    ] * expected
    reads = AuditEvent.objects.filter(action="read", object_kind="Observation")
    assert list(reads.values_list("relation", "facility")) == [("order", "30001")] * expected


@pytest.mark.parametrize("payload", [None, "application/fhir+json"], ids=["empty", "json"])
def test_foreign_facility_is_told_nothing(
    scene: Scene, other_hospital: System, receiver: Receiver, payload: str | None
) -> None:
    out = way(other_hospital, subscription(receiver, "Observation", channel={"payload": payload}))
    scene.process(sent("5.6"))

    assert out.wanted() == []
    assert receiver.told == []


def test_facility_that_may_read_no_more_is_not_sent_what_waited(
    scene: Scene, hospital: System, other_hospital: System, receiver: Receiver
) -> None:
    mine = way(hospital, subscription(receiver, "Observation"))
    scene.process(sent("5.6"))
    [one] = mine.wanted()
    subscribe(other_hospital, subscription(receiver, "Observation"))
    foreign = Way(Outlet.objects.exclude(pk=mine.outlet.pk).get())

    done = foreign.send(one)

    assert (done.outcome, done.code, receiver.told) == ("withheld", "not-wanted", [])


@pytest.mark.parametrize(
    "change",
    [
        {"scopes": ["system/Subscription.cruds"]},
        {"scopes": ["system/Subscription.cruds", "system/Observation.r"]},
        {"suspended_at": True},
    ],
    ids=["no-scope", "no-search", "suspended"],
)
def test_system_that_lost_its_right_is_told_nothing(
    scene: Scene, hospital: System, receiver: Receiver, change: dict[str, object]
) -> None:
    out = way(hospital, subscription(receiver))
    scene.process(sent("5.6"))
    [waited] = out.wanted()
    changes = {name: timezone.now() if one is True else one for name, one in change.items()}
    ConnectedSystem.objects.filter(client_id=out.outlet.client).update(**changes)

    done = out.send(waited)
    scene.process(sent("6.1"))

    assert (done.outcome, done.code) == ("withheld", "scope")
    assert out.wanted() == []
    assert receiver.told == []


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, "delivered"), (410, "refused"), (429, "again"), (500, "again"), (302, "again"), (401, "again")],
)
def test_answer_of_the_receiver_decides(
    scene: Scene, hospital: System, receiver: Receiver, status: int, outcome: str
) -> None:
    out = way(hospital, subscription(receiver))
    scene.process(sent("5.6"))
    receiver.status = status

    [done] = out.tell()

    assert done.outcome == outcome


def test_receiver_that_is_gone_is_tried_again_and_told_without_its_headers(
    scene: Scene, hospital: System, receiver: Receiver
) -> None:
    asked = subscription(
        receiver, channel={"endpoint": "https://127.0.0.1:1/hook", "header": ["Authorization: Bearer abc-123"]}
    )
    out = way(hospital, asked)
    scene.process(sent("5.6"))

    [done] = out.tell()

    assert (done.outcome, done.code) == ("again", "connect-refused")
    assert "abc-123" not in done.text


def test_headers_closed_with_another_key_are_told_as_such(
    scene: Scene, hospital: System, receiver: Receiver, settings: Settings
) -> None:
    out = way(hospital, subscription(receiver, channel={"header": ["Authorization: Bearer abc-123"]}))
    scene.process(sent("5.6"))
    [one] = out.wanted()
    settings.SECRET_KEY = "another"

    done = out.send(one)

    assert (done.outcome, done.code, receiver.told) == ("again", "headers", [])


def test_system_that_is_gone_is_told_nothing(scene: Scene, hospital: System, receiver: Receiver) -> None:
    out = way(hospital, subscription(receiver))
    Outlet.objects.update(client="nobody")
    scene.process(sent("5.6"))

    assert out.wanted() == []


def test_right_that_falls_later_tells_nothing_and_its_mark_stays_on_what_was_stored(
    scene: Scene, hospital: System, receiver: Receiver
) -> None:
    facility = scene.laboratory.facility
    facility.region = RegionFactory(code="VN-HD", parent=RegionFactory(code="VN"))
    facility.save()
    right = GrantFactory(procedure=scene.glucose_system, item="GLU", mark="LT-HD")
    out = way(hospital, subscription(receiver))
    scene.process(message(PID, OBR, f"{GLUCOSE.format(value='5.6', state='F')}|||||20261120080000+0700"))
    out.tell()
    Grant.objects.filter(pk=right.pk).update(superseded_at=timezone.now())
    GrantFactory(procedure=right.procedure, item="GLU", status=Grant.Status.REVOKED, reason="false report")

    assert out.wanted() == []
    [told] = bodies(receiver)
    assert told["meta"]["tag"] == [{"system": "urn:lienthong:mark", "code": "LT-HD"}]
    assert hospital.search("Observation") == [told]
