"""What is published of the interface is valid R4, open to all, and what the interface really gives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from fhir.resources.R4B.codesystem import CodeSystem
from fhir.resources.R4B.structuredefinition import StructureDefinition
from fhir.resources.R4B.valueset import ValueSet
from tests.factories.exchange import OBR, PID, message
from tests.factories.recognition import GrantFactory
from tests.factories.registry import RegionFactory
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.conftest import Json, System, system_of
from tests.integration.exchange.fhir.judging import judge_answer
from tests.integration.exchange.fhir.profiles import Profiles

import lienthong
from lienthong.exchange.fhir import definitions as published
from lienthong.exchange.fhir.capability import capability_statement
from lienthong.exchange.fhir.kinds import OPERATIONS
from lienthong.interop.fhir import r4

pytestmark = pytest.mark.django_db

SOURCE = Path(lienthong.__file__).parent
PEERS = {"CodeSystem": CodeSystem, "StructureDefinition": StructureDefinition, "ValueSet": ValueSet}
DEFINITIONS: list[Json] = [one for several in published.definitions().values() for one in several]
BY_URL: dict[str, Json] = {one["url"]: one for one in DEFINITIONS}
EXTENSION = "urn:lienthong:fhir:StructureDefinition:"
# Glucose in another unit than that of its analyte, a text, a flag with an interval, nothing at all.
RESULTS = (
    "OBX|1|NM|2345-7^Glucose^LN||88|mg/dL|70-110|N|||F|||20261120070000+0700|||||20261120080000+0700",
    "OBX|2|ST|5196-1^HBsAg^LN||Negative|||||F|||20261120070000+0700",
    "OBX|3|NM|2823-3^Potassium^LN||6.10|mmol/L|3.5-5.1|H|||P|||20261120070000+0700",
    "OBX|4|ST|2823-3^Potassium^LN|2||||||F|||20261120070000+0700",
)


@pytest.fixture
def filled(scene: Scene, hospital: System) -> System:
    """A report by HL7 v2 with a mark, whose results are of each kind that there is."""
    facility = scene.laboratory.facility
    facility.region = RegionFactory(code="VN-HD", parent=RegionFactory(code="VN"))
    facility.save()
    GrantFactory(procedure=scene.glucose_system, item="GLU", mark="LT-HD")
    scene.process(message(PID, OBR, *RESULTS))
    return hospital


def extensions(value: Any) -> Iterator[str]:
    """Yield the URL of every extension of our own in a resource."""
    if isinstance(value, list):
        for one in value:
            yield from extensions(one)
    elif isinstance(value, dict):
        yield from (one["url"] for one in value.get("extension", ()) if one["url"].startswith("urn:"))
        for one in value.values():
            yield from extensions(one)


@pytest.mark.parametrize("one", DEFINITIONS, ids=lambda one: one["id"])
def test_definition_is_valid_for_us_and_for_a_peer(one: Json) -> None:
    assert r4.check(r4.parse_json(json.dumps(one).encode())) == ()
    PEERS[one["resourceType"]].model_validate(json.loads(json.dumps(one)))


@pytest.mark.parametrize("one", published.definitions()["StructureDefinition"], ids=lambda one: str(one["id"]))
def test_structure_is_of_its_type_and_its_elements_are_of_r4(one: Json) -> None:
    """R4's rules of structures that our check does not know: sdf-5, sdf-8a, sdf-14, sdf-16, sdf-20, and real paths."""
    elements = one["differential"]["element"]

    assert elements[0]["path"] == one["type"]
    assert all(each["path"].startswith(f"{one['type']}.") for each in elements[1:])
    assert len({each["id"] for each in elements}) == len(elements)
    assert "slicing" not in elements[0]
    assert (one["type"] == "Extension") == ("context" in one)
    for each in elements[1:]:
        assert re.sub(r":[^.]+", "", each["id"]) == each["path"]
        owner = type_at(each["path"].rpartition(".")[0])
        assert each["path"].rpartition(".")[2].removesuffix("[x]") in {
            one.name for one in r4.type_definition(owner).elements
        }


def type_at(path: str) -> str:
    """Return the type of what stands at a path."""
    owner, *names = path.split(".")
    for name in names:
        [element] = [one for one in r4.type_definition(owner).elements if one.name == name]
        owner = element.types[0].code
    return owner


def test_every_extension_in_the_code_is_published_and_every_published_one_is_used() -> None:
    named = {
        name for path in SOURCE.rglob("*.py") for name in re.findall(rf"{EXTENSION}([a-z-]+)", path.read_text("utf-8"))
    }

    assert {f"{EXTENSION}{name}" for name in named} == {url for url in BY_URL if url.startswith(EXTENSION)}


def test_what_is_given_conforms_to_the_profile_that_it_names(filled: System) -> None:
    profiles = Profiles(BY_URL)
    given = [*filled.search("Observation"), *filled.search("DiagnosticReport")]

    faults = [fault for one in given for url in one["meta"]["profile"] for fault in profiles.faults(one, url)]

    assert faults == []
    kinds = [one["resourceType"] for one in given]
    assert kinds == ["Observation"] * len(RESULTS) + ["DiagnosticReport"]
    assert set(extensions(given)) == {f"{EXTENSION}compared-value", f"{EXTENSION}recognition-mark"}


def test_profile_finds_what_does_not_conform(filled: System) -> None:
    """The check of the tests can fail: each change breaks one thing that the profile says."""
    [one] = filled.search("Observation?code=2345-7")
    [url] = one["meta"]["profile"]
    mark = one["meta"]["extension"][0]
    changed: dict[str, Json] = {
        "code.text": one | {"code": {"coding": one["code"]["coding"]}},
        "status": one | {"status": "amended"},
        "category": one | {"category": [{"text": "laboratory"}]},
        "performer": one | {"performer": [{"reference": "Practitioner/1"}]},
        "value[x]": {key: value for key, value in one.items() if key != "valueQuantity"} | {"valueBoolean": True},
        "Extension.extension:item": one
        | {"meta": one["meta"] | {"extension": [mark | {"extension": mark["extension"][:1]}]}},
    }

    for place, wrong in changed.items():
        assert any(place in fault for fault in Profiles(BY_URL).faults(wrong, url)), place


def test_own_rows_are_found_by_their_profile(filled: System) -> None:
    found = filled.search("Observation?_profile=urn:lienthong:fhir:StructureDefinition:laboratory-result")
    other = filled.search("Observation?_profile=http://example.com/other")

    assert (len(found), len(other)) == (len(RESULTS), 0)


def test_capability_statement_names_the_profiles_and_definitions_of_hl7() -> None:
    stated = capability_statement("http://x/fhir", token="http://x/auth/token")
    resources: list[Json] = stated["rest"][0]["resource"]  # type: ignore[index]  # as the statement is made

    profiles = {url for one in resources for url in one.get("supportedProfile", ())}
    operations = {each["definition"] for one in resources for each in one.get("operation", ())}

    assert r4.check(stated) == ()
    assert profiles == {one["url"] for one in DEFINITIONS if one.get("kind") == "resource"}
    assert operations == {one.definition for one in OPERATIONS if one.kind}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("StructureDefinition?url=urn:lienthong:fhir:StructureDefinition:recognition-mark", ["recognition-mark"]),
        ("StructureDefinition?_id=compared-value,recognition-mark", ["compared-value", "recognition-mark"]),
        ("StructureDefinition?type=Observation", ["laboratory-result"]),
        ("StructureDefinition?name=laboratory", ["laboratory-report", "laboratory-result"]),
        ("StructureDefinition?url=http://example.com/x", []),
        ("CodeSystem?url=urn:lienthong:mark&_format=json", ["mark"]),
        ("ValueSet?_id=result-status", ["result-status"]),
    ],
    ids=str,
)
def test_definitions_are_searched_with_and_without_a_token(asked: str, expected: list[str], hospital: System) -> None:
    anyone = Client().get(f"/fhir/{asked}")
    reader = system_of("30001", scopes=("system/Patient.rs",))

    assert anyone.status_code == 200, anyone.content
    judge_answer(anyone.status_code, anyone.headers, anyone.content)
    assert [one["resource"]["id"] for one in anyone.json().get("entry", [])] == expected
    assert [one["id"] for one in hospital.search(asked)] == expected
    assert reader.get(asked).status_code in (200, 403)


def test_definition_is_read_by_anyone_and_kept_ones_are_not(hospital: System) -> None:
    kept: Json = {key: value for key, value in DEFINITIONS[-1].items() if key != "meta"} | {"id": "mine"}
    path = f"{kept['resourceType']}/mine"
    assert hospital.put(path, kept).status_code == 201

    assert Client().get(f"/fhir/{DEFINITIONS[-1]['resourceType']}/{DEFINITIONS[-1]['id']}").json() == DEFINITIONS[-1]
    assert Client().get(f"/fhir/{path}").status_code == 404
    assert hospital.get(path).status_code == 200
    assert Client().get("/fhir/StructureDefinition?_include=StructureDefinition:base").status_code == 401
    assert Client().put(f"/fhir/{path}", json.dumps(kept), content_type="application/fhir+json").status_code == 401


def test_few_and_received_are_paged_through_without_a_gap(hospital: System) -> None:
    for name in ("a", "b", "c"):
        assert (
            hospital.put(f"Organization/{name}", {"resourceType": "Organization", "id": name, "name": name}).status_code
            == 201
        )
    whole = {one["id"] for one in hospital.search("Organization?_count=100")}

    seen: list[str] = []
    path: str | None = "Organization?_count=1"
    while path:
        page = hospital.get(path).json()
        entries = page.get("entry", [])
        assert len(entries) <= 1
        seen += [one["resource"]["id"] for one in entries]
        path = next((one["url"].partition("/fhir/")[2] for one in page["link"] if one["relation"] == "next"), None)

    assert sorted(seen) == sorted(whole)
    assert len(whole) >= 4
