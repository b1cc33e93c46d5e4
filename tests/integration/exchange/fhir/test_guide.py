"""What docs/fhir.md shows works as it says, with a client that others wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound
from pytest_django.live_server_helper import LiveServer
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.conftest import System, measured_in_moles, system_of
from tools import documents

from lienthong.results.models import Result

GUIDE = Path(__file__).resolve().parents[4] / "docs" / "fhir.md"


def bundle() -> str:
    """Return the transaction of the guide, whose glucose is in moles (LOINC 14749-6)."""
    return next(block.text for block in documents.blocks(GUIDE) if block.language == "json")


@pytest.mark.django_db
def test_transaction_of_the_guide_is_stored_and_found(scene: Scene, hospital: System) -> None:
    measured_in_moles(scene)

    answer = hospital.post("", bundle())

    found = hospital.get("Observation?patient.identifier=001180012345&code=14749-6")

    assert answer.status_code == 200, answer.content
    assert b'"value":5.60' in found.content
    assert Result.objects.get().reported_value == "5.60"


@pytest.fixture
def client(committed_scene: Scene, live_server: LiveServer) -> SyncFHIRClient:
    """fhirpy, talking to a server over HTTP with the token of the laboratory's system."""
    measured_in_moles(committed_scene)
    system = system_of(committed_scene.laboratory.facility.code, sources=("SX",))
    return SyncFHIRClient(f"{live_server.url}/fhir", authorization=f"Bearer {system.token}")


@pytest.mark.django_db(transaction=True)
def test_client_of_others_writes_reads_and_searches(client: SyncFHIRClient) -> None:
    patient, observation, _report = [one["resource"] for one in json.loads(bundle())["entry"]]

    client.resource("Patient", **patient).save()
    client.resource("Observation", **observation).save()
    found = client.resources("Observation").search(patient__identifier="001180012345", code="14749-6").fetch_all()
    [owner] = client.resources("Patient").search(name="dao").fetch()
    read = client.reference("Patient", "p1").to_resource()

    assert [one["valueQuantity"]["value"] for one in found] == [5.6]
    assert (owner["id"], read["name"][0]["text"]) == ("p1", "Nguyễn Thị Đào")


@pytest.mark.django_db(transaction=True)
def test_client_of_others_understands_refusals(client: SyncFHIRClient) -> None:
    with pytest.raises(ResourceNotFound):
        client.reference("Patient", "nobody").to_resource()
    with pytest.raises(OperationOutcome):
        client.resource("Observation", id="o1", status="ready").save()
