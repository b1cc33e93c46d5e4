"""Subscribers and the sender together: order, repetition, dead letters, and what the Subscription says meanwhile."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

import pytest
from django.utils import timezone
from tests.factories.exchange import OBR, PID, message
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import patient
from tests.integration.exchange.fhir.conftest import System
from tests.integration.exchange.fhir.subscriptions.conftest import subscribe, subscription
from tests.integration.exchange.fhir.subscriptions.receiver import Receiver

from lienthong.core.actions import system_user
from lienthong.core.log.sequencer import append_waiting
from lienthong.exchange.outbound.housekeeping import forget_told_changes
from lienthong.exchange.outbound.models import Dispatch, Outlet
from lienthong.exchange.outbound.registry import CHANNELS
from lienthong.exchange.outbound.sending import due_outlets, work_outlet

pytestmark = pytest.mark.django_db
OBX = "OBX|1|NM|2345-7^Glucose^LN||{value}|mmol/L|3.9-6.1|N|||{state}|||20261120070000+0700"
MINUTE = dt.timedelta(minutes=1)


@dataclass(slots=True)
class Sender:
    """The sender process, an hour of which passes when the test says so."""

    at: dt.datetime

    def work(self) -> None:
        """Do what is due now."""
        append_waiting(by=system_user("log"))
        for outlet in due_outlets(self.at):
            work_outlet(outlet, channels=CHANNELS, clock=lambda: self.at)

    def later(self, wait: dt.timedelta) -> None:
        self.at += wait
        self.work()


@pytest.fixture
def sender(scene: Scene, hospital: System, receiver: Receiver) -> Sender:
    """A sender to one subscriber, which wants all glucoses."""
    subscribe(hospital, subscription(receiver))
    return Sender(timezone.now() + MINUTE)


def result(scene: Scene, value: str, *, state: str = "F") -> None:
    scene.process(message(PID, OBR, OBX.format(value=value, state=state)))


def told(receiver: Receiver) -> list[tuple[str, float]]:
    said = [(one.headers["x-request-id"], json.loads(one.body)) for one in receiver.told]
    return [(number, element["valueQuantity"]["value"]) for number, element in said]


def states() -> list[str]:
    return list(Dispatch.objects.order_by("pk").values_list("state", flat=True))


def test_what_fails_is_sent_again_under_the_same_number(scene: Scene, sender: Sender, receiver: Receiver) -> None:
    receiver.status = 500
    result(scene, "5.6")
    sender.work()
    receiver.status = 200

    sender.later(MINUTE)

    first, second = told(receiver)
    assert first == second
    assert states() == ["delivered"]


def test_correction_follows_its_original(scene: Scene, sender: Sender, receiver: Receiver) -> None:
    result(scene, "5.6")
    sender.work()
    result(scene, "6.1", state="C")

    sender.later(MINUTE)

    assert [value for _number, value in told(receiver)] == [5.6, 6.1]
    assert len({number for number, _value in told(receiver)}) == 2


def test_correction_that_comes_while_the_receiver_is_away_is_sent_alone(
    scene: Scene, sender: Sender, receiver: Receiver
) -> None:
    receiver.status = 503
    result(scene, "5.6")
    sender.work()
    result(scene, "6.1", state="C")
    receiver.status = 200

    sender.later(MINUTE)

    assert [value for _number, value in told(receiver)] == [5.6, 6.1]
    assert states() == ["delivered", "superseded"]


def test_refused_for_good_it_is_a_dead_letter_and_the_subscription_says_why(
    scene: Scene, hospital: System, sender: Sender, receiver: Receiver
) -> None:
    receiver.status = 422
    result(scene, "5.6")
    sender.work()
    for _attempt in range(2):
        sender.later(10 * MINUTE)

    assert states() == ["dead"]
    read = hospital.get("Subscription/s1").json()
    assert read["status"] == "active"
    assert "the endpoint answers 422" in read["error"]


def test_receiver_that_is_away_for_long_makes_an_error_which_ends_when_it_is_back(
    scene: Scene, hospital: System, sender: Sender, receiver: Receiver
) -> None:
    sender.at -= 2 * dt.timedelta(hours=1)
    Outlet.objects.update(valid_from=sender.at - MINUTE)
    receiver.status = 502
    result(scene, "5.6")
    sender.work()
    away = hospital.get("Subscription/s1").json()
    receiver.status = 200

    sender.later(2 * dt.timedelta(hours=1))

    back = hospital.get("Subscription/s1").json()
    assert (away["status"], "the endpoint answers 502" in away["error"]) == ("error", True)
    assert (back["status"], "error" in back) == ("active", False)


def test_end_turns_it_off(scene: Scene, hospital: System, sender: Sender, receiver: Receiver) -> None:
    ends = timezone.now() + dt.timedelta(hours=1)
    subscribe(hospital, subscription(receiver, end=ends.isoformat()))

    sender.later(dt.timedelta(hours=2))
    result(scene, "5.6")
    sender.later(MINUTE)

    assert Outlet.objects.get().state == "off"
    assert receiver.told == []


def rename(hospital: System, name: str) -> None:
    assert hospital.put("Patient/p1", patient(name=name)).status_code in (200, 201)


def names(receiver: Receiver) -> list[str]:
    return [json.loads(one.body)["name"][0]["text"] for one in receiver.told]


def test_patient_is_told_in_order_and_a_version_that_was_replaced_is_not(
    hospital: System, sender: Sender, receiver: Receiver
) -> None:
    subscribe(hospital, subscription(receiver, "Patient"))
    rename(hospital, "Lan")
    sender.work()
    receiver.status = 503
    rename(hospital, "Mai")
    sender.later(MINUTE)
    rename(hospital, "Đào")
    receiver.status = 200

    sender.later(MINUTE)

    assert names(receiver) == ["Lan", "Mai", "Đào"]  # the second was not taken
    assert states() == ["delivered", "delivered", "superseded"]


def test_patient_who_is_refused_is_a_dead_letter_until_the_next_version_is_taken(
    hospital: System, sender: Sender, receiver: Receiver
) -> None:
    subscribe(hospital, subscription(receiver, "Patient"))
    receiver.status = 422
    rename(hospital, "Lan")
    for _attempt in range(3):
        sender.later(10 * MINUTE)
    dead = states()
    receiver.status = 200
    rename(hospital, "Mai")

    sender.later(MINUTE)

    assert dead == ["dead"]
    assert states() == ["superseded", "delivered"]


def test_record_without_versions_is_told_again_after_it_was_delivered(
    scene: Scene, hospital: System, sender: Sender, receiver: Receiver
) -> None:
    subscribe(hospital, subscription(receiver, "Patient"))
    for number, name in enumerate(("Nguyễn^Đào^Thị", "Trần^Mai")):
        changed = PID.replace("Nguyễn^Đào^Thị", name)
        scene.process(message("EVN|A08|20261120060000", changed, kind="ADT^A08", control_id=f"A{number}"))
        sender.later(MINUTE)

    assert names(receiver) == ["Nguyễn Thị Đào", "Trần Mai"]
    assert states() == ["delivered", "delivered"]


def test_what_changed_is_kept_for_a_subscriber_that_is_paused_and_goes_when_all_were_told(
    hospital: System, sender: Sender, receiver: Receiver
) -> None:
    subscribe(hospital, subscription(receiver, "Patient"))
    Outlet.objects.update(state="paused")
    rename(hospital, "Lan")
    sender.work()
    forget_told_changes()
    Outlet.objects.update(state="active")
    sender.later(MINUTE)

    forgotten = forget_told_changes()

    assert names(receiver) == ["Lan"]
    assert forgotten == 2  # the resource, and the record that it made
    assert due_outlets(sender.at) == []


def test_subscriber_that_begins_later_is_not_told_what_was_there(
    hospital: System, sender: Sender, receiver: Receiver
) -> None:
    rename(hospital, "Lan")
    sender.work()
    subscribe(hospital, subscription(receiver, "Patient"))

    sender.later(MINUTE)

    assert receiver.told == []
