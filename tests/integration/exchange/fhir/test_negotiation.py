"""In which form an answer comes, and what is refused because of its form (R4, http, mime-type)."""

from __future__ import annotations

import pytest
from django.test import Client, override_settings
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import patient
from tests.integration.exchange.fhir.conftest import JSON, XML, System
from tests.integration.exchange.fhir.judging import judge_answer

pytestmark = pytest.mark.django_db

PLAIN_JSON, PLAIN_XML = "application/json", "application/xml"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/fhir+xml", XML),
        ("application/fhir+xml;q=0.5, application/fhir+json", JSON),
        ("application/fhir+json;q=0.5, application/fhir+xml;q=0.7, */*;q=0.1", XML),
        ("*/*, application/fhir+xml", XML),
        ("application/json", PLAIN_JSON),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", PLAIN_XML),
        ("text/json", JSON),
        ("text/xml", XML),
        ("image/png, application/fhir+json; charset=utf-8", JSON),
        ("application/fhir+json; fhirVersion=4.0", JSON),
        ("application/fhir+json; fhirVersion=3.0, application/fhir+xml", XML),
    ],
)
def test_answer_comes_in_the_form_that_accept_likes_best(accept: str | None, form: str) -> None:
    answer = Client(headers={} if accept is None else {"Accept": accept}).get("/fhir/metadata")

    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Type"] == f"{form}; charset=utf-8"
    judge_answer(answer.status_code, answer.headers, answer.content)


@pytest.mark.parametrize(
    ("asked", "accept", "form"),
    [
        ("xml", "application/fhir+json", XML),
        ("json", "image/png", JSON),
        ("application/fhir+xml", "*/*", XML),
        ("application/json", "*/*", PLAIN_JSON),
        ("text/xml", "*/*", XML),
    ],
)
def test_format_goes_before_accept(asked: str, accept: str, form: str) -> None:
    answer = Client(headers={"Accept": accept}).get("/fhir/metadata", {"_format": asked})

    assert answer.headers["Content-Type"].startswith(form), answer.content


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("Patient/p1", "image/png"),
        ("Patient/p1", "application/fhir+json;q=0"),
        ("Patient/p1", "application/fhir+json; fhirVersion=3.0"),
        ("Patient/p1", "text/html; a*=unknown'en'b"),
        ("Patient/p1?_format=ttl", "*/*"),
        ("Patient?_format=text/turtle", "*/*"),
    ],
)
def test_form_that_is_not_spoken_is_refused_before_anything_is_done(path: str, accept: str, hospital: System) -> None:
    read = hospital.get(path, Accept=accept)
    written = hospital.put(path, patient(), Accept=accept)

    assert (read.status_code, written.status_code) == (406, 406)
    judge_answer(read.status_code, read.headers, read.content)
    assert hospital.get("Patient/p1").status_code == 404


@pytest.mark.parametrize("form", ["text/turtle", "text/plain", "multipart/form-data; boundary=x", "x"])
def test_body_in_a_form_that_is_not_read_is_refused(form: str, hospital: System) -> None:
    for path in ("Patient", "", "Patient/$match", "Patient/_search"):
        answer = hospital.post(path, "{}", Content_Type=form)

        assert answer.status_code == 415, (path, answer.content)
        judge_answer(answer.status_code, answer.headers, answer.content)


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100)
def test_body_that_is_too_large_is_refused(hospital: System) -> None:
    for path in ("Patient", "", "Patient/$match", "Patient/_search"):
        answer = hospital.post(path, " " * 101)

        assert answer.status_code == 413, (path, answer.content)
        judge_answer(answer.status_code, answer.headers, answer.content)


def test_write_without_anything_to_tell_has_no_body_and_no_type(scene: Scene, hospital: System) -> None:
    answer = hospital.put("Patient/p1", patient())

    assert (answer.status_code, answer.content) == (201, b"")
    assert "Content-Type" not in answer.headers


def test_last_results_are_asked_for_by_parameters_too(scene: Scene, hospital: System) -> None:
    asked = {
        "resourceType": "Parameters",
        "parameter": [{"name": "patient", "valueString": "p1"}, {"name": "max", "valuePositiveInt": 2}],
    }

    posted = hospital.post("Observation/$lastn", asked)
    refused = hospital.post(
        "Observation/$lastn",
        {"resourceType": "Parameters", "parameter": [{"name": "max", "valuePeriod": {"start": "2026"}}]},
    )

    fetched = hospital.get("Observation/$lastn?patient=p1&max=2").json()
    assert [*posted.json()] == [*fetched]  # the link of what was posted does not name the patient
    assert posted.json().get("entry") == fetched.get("entry")
    assert refused.status_code == 400


def test_operation_refuses_parameters_that_break_r4_with_their_element(hospital: System) -> None:
    wrong = patient() | {"birthDate": "yesterday", "name": [{"text": "\x00"}]}
    body = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": wrong}]}

    answer = hospital.post("Patient/$match", body)

    assert answer.status_code == 422, answer.content
    places = {place for one in answer.json()["issue"] for place in one["expression"]}
    assert places == {f"Parameters.parameter[0].resource.{name}" for name in ("birthDate", "name[0].text")}
