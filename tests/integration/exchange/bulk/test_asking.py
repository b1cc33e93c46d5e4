"""What an export may be asked for, and how what is not understood is refused or left out."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.conftest import Json, System, system_of

from lienthong.exchange.bulk.models import BulkExport
from lienthong.exchange.bulk.states import ALLOWED_TRANSITIONS, State

pytestmark = pytest.mark.django_db
ASYNC = "respond-async"


@pytest.fixture
def hospital(scene: Scene) -> System:
    return system_of(scene.laboratory.facility.code, scopes=("system/*.rs",), sources=("SX",))


def parameters(*pairs: tuple[str, Json]) -> Json:
    return {"resourceType": "Parameters", "parameter": [{"name": name, **value} for name, value in pairs]}


@pytest.mark.parametrize(
    "path",
    [
        "$export",
        "Patient/$export",
        "$export?_outputFormat=application/fhir%2Bndjson",
        "$export?_outputFormat=application/fhir+ndjson",
        "$export?_outputFormat=application/ndjson",
        "$export?_outputFormat=ndjson",
        "$export?_since=2026-11-20T07:00:00Z",
        "$export?_since=2026-11-20T07:00:00.123%2B07:00",
        "$export?_since=2026-11-20T07:00:00+07:00",
        "$export?_type=Patient,Observation",
        "$export?_type=Patient&_type=Observation",
        "Patient/$export?_type=Observation",
    ],
)
def test_export_is_begun(path: str, hospital: System) -> None:
    answer = hospital.get(path, Prefer=ASYNC)

    assert answer.status_code == 202, answer.content
    key = str(BulkExport.objects.get().key)
    assert answer.headers["Content-Location"] == f"http://testserver/fhir/exports/{key}"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("$export?_outputFormat=text/csv", "_outputFormat must be one of"),
        ("$export?_since=2026-11-20", "_since must be an instant"),
        ("$export?_since=2026-13-20T07:00:00Z", "_since must be an instant"),
        ("$export?_since=yesterday", "_since must be an instant"),
        ("$export?_type=Spaceship", "Spaceship can't be exported"),
        ("$export?_type=Patient,Spaceship", "Spaceship can't be exported"),
        ("Patient/$export?_type=Organization", "Organization can't be exported"),
        ("$export?_typeFilter=Patient%3Fname=dao", "_typeFilter is not supported"),
        ("$export?_elements=id", "_elements is not supported"),
        ("$export?includeAssociatedData=LatestProvenanceResources", "includeAssociatedData is not supported"),
        ("$export?organizeOutputBy=Patient", "organizeOutputBy is not supported"),
    ],
)
def test_what_is_not_understood_is_refused(path: str, told: str, hospital: System) -> None:
    answer = hospital.get(path, Prefer=ASYNC)

    assert answer.status_code == 400
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome"
    assert told in outcome["issue"][0]["diagnostics"]
    assert not BulkExport.objects.exists()


@pytest.mark.parametrize(
    ("path", "kinds", "told"),
    [
        ("$export?_type=Patient,Spaceship", ["Patient"], 1),
        ("$export?_type=Patient&_typeFilter=Patient%3Fname=dao&_elements=id", ["Patient"], 2),
        ("Patient/$export?_type=Observation,Organization", ["Observation"], 1),
    ],
)
def test_lenient_request_goes_on_without_what_is_not_understood(
    path: str, kinds: list[str], told: int, hospital: System
) -> None:
    answer = hospital.get(path, Prefer="respond-async, handling=lenient")

    assert answer.status_code == 202
    export = BulkExport.objects.get()
    assert (export.kinds, len(export.told)) == (kinds, told)


@pytest.mark.parametrize(
    "path", ["$export?_type=Spaceship", "$export?_since=yesterday", "$export?_outputFormat=text/csv"]
)
def test_lenient_request_without_anything_left_is_refused(path: str, hospital: System) -> None:
    answer = hospital.get(path, Prefer="respond-async,handling=lenient")

    assert answer.status_code == 400


def test_request_that_does_not_wait_is_refused(hospital: System) -> None:
    answer = hospital.get("$export")

    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (400, "required")


def test_request_without_a_token_is_refused(scene: Scene) -> None:
    answer = System("unknown").get("$export", Prefer=ASYNC)

    assert answer.status_code == 401


def test_system_that_may_read_nothing_is_refused(scene: Scene) -> None:
    writer = system_of(scene.laboratory.facility.code, scopes=("system/*.cu",))

    answer = writer.get("$export", Prefer=ASYNC)

    assert answer.status_code == 403


def test_parameters_may_come_in_the_body(hospital: System) -> None:
    body = parameters(
        ("_type", {"valueString": "Patient"}),
        ("_type", {"valueCode": "Observation"}),
        ("_since", {"valueInstant": "2026-11-20T07:00:00Z"}),
    )

    answer = hospital.post("$export", body, Prefer=ASYNC)

    assert answer.status_code == 202, answer.content
    export = BulkExport.objects.get()
    assert export.kinds == ["Patient", "Observation"]
    assert export.since
    assert export.since.isoformat() == "2026-11-20T07:00:00+00:00"
    assert export.request == "http://testserver/fhir/$export"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param("", 202, id="empty"),
        pytest.param(json.dumps(parameters()), 202, id="no parameter"),
        pytest.param(
            json.dumps(parameters(("patient", {"valueReference": {"reference": "Patient/1"}}))), 400, id="one"
        ),
        pytest.param('{"resourceType": "Patient"}', 400, id="no parameters"),
        pytest.param("{", 400, id="no JSON"),
    ],
)
def test_body_is_parameters_or_empty(body: str, status: int, hospital: System) -> None:
    answer = hospital.post("Patient/$export", body, Prefer=ASYNC)

    assert answer.status_code == status, answer.content


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_offered(method: str, hospital: System) -> None:
    answer = Client().generic(method, "/fhir/$export", headers={"Authorization": f"Bearer {hospital.token}"})

    assert answer.status_code == 405


def test_every_state_says_how_it_goes_on() -> None:
    assert set(ALLOWED_TRANSITIONS) == set(State)
    assert set().union(*ALLOWED_TRANSITIONS.values()) <= set(State)


def test_capability_statement_names_the_operations(hospital: System) -> None:
    [rest] = hospital.get("metadata").json()["rest"]

    assert [one["name"] for one in rest["operation"]] == ["export"]
    [patients] = [one for one in rest["resource"] if one["type"] == "Patient"]
    assert "export" in [one["name"] for one in patients["operation"]]
