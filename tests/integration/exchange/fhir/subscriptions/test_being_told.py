"""What docs/fhir.md tells of Subscriptions works as it says: its resource, its receiver, and a client of others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from tests.factories.exchange import OBR, PID, message
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.conftest import Json, System, measured_in_moles, system_of
from tests.integration.exchange.fhir.subscriptions.conftest import LOOPBACK, subscribe, subscription, way_of
from tests.integration.exchange.fhir.subscriptions.receiver import Receiver, serving
from tools import documents

GUIDE = Path(__file__).resolve().parents[5] / "docs" / "fhir.md"
IN_MOLES = "OBX|1|NM|14749-6^Glucose^LN||4.9|mmol/L|3.9-6.1|N|||F|||20261120070000+0700"
OBX = "OBX|1|NM|2345-7^Glucose^LN||4.9|mmol/L|3.9-6.1|N|||F|||20261120070000+0700"


def shown(language: str, word: str) -> documents.Block:
    """Return the block of a language that has a word in it."""
    [found] = [one for one in documents.blocks(GUIDE) if one.language == language and word in one.text]
    return found


@pytest.fixture
def port(
    certificates: tuple[Path, tuple[Path, Path]], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[int]:
    """Where the receiver of the guide listens, with a certificate that is believed."""
    authority, own = certificates
    settings.HOOK_NETWORKS = LOOPBACK
    monkeypatch.setenv("LIENTHONG_OUTBOUND_CA", str(authority))
    names: documents.Namespace = {"__name__": "receiver"}
    documents.run(shown("python", "class Receiver"), GUIDE, names)
    with serving(names["Receiver"], own) as found:
        yield found


@pytest.fixture
def asked(port: int) -> Json:
    """The Subscription of the guide, with an endpoint of this test."""
    found: Json = json.loads(shown("json", '"resourceType": "Subscription"').text)
    found["channel"]["endpoint"] = f"https://127.0.0.1:{port}/fhir"
    return found


@pytest.mark.django_db
def test_receiver_of_the_guide_is_told_of_a_result(
    scene: Scene, hospital: System, asked: Json, capsys: pytest.CaptureFixture[str]
) -> None:
    measured_in_moles(scene)
    subscribe(hospital, asked)
    scene.process(message(PID, OBR, IN_MOLES))

    [done] = way_of().tell()

    assert done.outcome == "delivered"
    assert capsys.readouterr().out.split()[1:] == ["1", "final"]


@pytest.mark.django_db
def test_receiver_of_the_guide_lets_nobody_in_without_its_header(scene: Scene, hospital: System, asked: Json) -> None:
    asked["channel"]["header"] = ["Authorization: Bearer wrong"]
    measured_in_moles(scene)
    subscribe(hospital, asked)
    scene.process(message(PID, OBR, IN_MOLES))

    [done] = way_of().tell()

    assert (done.outcome, done.code) == ("again", "http-401")


@pytest.fixture
def client(committed_scene: Scene, live_server: LiveServer) -> SyncFHIRClient:
    """fhirpy, talking to a server over HTTP with the token of the laboratory's system."""
    system = system_of(committed_scene.laboratory.facility.code, sources=("SX",))
    return SyncFHIRClient(f"{live_server.url}/fhir", authorization=f"Bearer {system.token}")


@pytest.mark.django_db(transaction=True)
def test_client_of_others_subscribes_and_is_told(
    client: SyncFHIRClient, committed_scene: Scene, receiver: Receiver
) -> None:
    client.resource("Subscription", **subscription(receiver)).save()
    committed_scene.process(message(PID, OBR, OBX))

    [done] = way_of().tell()
    read = client.reference("Subscription", "s1").to_resource()

    assert (done.outcome, len(receiver.told), read["status"]) == ("delivered", 1, "active")


@pytest.mark.django_db(transaction=True)
def test_client_of_others_understands_why_it_is_refused(client: SyncFHIRClient, receiver: Receiver) -> None:
    with pytest.raises(OperationOutcome) as refused:
        client.resource("Subscription", **subscription(receiver, "Encounter?class=AMB")).save()

    assert "Subscription.criteria" in str(refused.value)
