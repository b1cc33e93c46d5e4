"""Types of R4 as JSON Schema: whatever the check allows the schema allows, and it refuses what no type has."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.interop.fhir.r4.strategies import Node, resources

from lienthong.interop.fhir.r4 import check, json_schemas, parse_json, resource_types, type_definition, write_json

SHARED = Path(__file__).parents[5].parent / "shared/data/fhir"
FILES = sorted(path for folder in ("us-core", "hl7-test-cases-r4") for path in (SHARED / folder).glob("*.json"))
OBSERVATION: Node = {"resourceType": "Observation", "status": "final", "code": {"text": "Glucose"}}


@cache
def validator(kind: str) -> jsonschema_rs.Draft202012Validator:
    schemas = json_schemas({kind}, within="#/$defs/")
    return jsonschema_rs.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schemas})


def as_json(node: Node) -> Any:
    return json.loads(write_json(node))


@given(node=resources(st.sampled_from(["Observation", "Patient", "DiagnosticReport", "Specimen", "ServiceRequest"])))
def test_what_the_check_allows_the_schema_allows(node: Node) -> None:
    validator(node["resourceType"]).validate(as_json(node))


@pytest.mark.parametrize(
    "change",
    [
        {"unit": "mmol/L"},
        {"valueQuantity": {"value": "5.6"}},
        {"status": "ready"},
        {"code": [{"text": "Glucose"}]},
        {"category": {"text": "laboratory"}},
        {"issued": "2026-11-20"},
        {"resourceType": "Patient"},
        {"component": [{"valueString": "5.6", "x": 1}]},
    ],
    ids=str,
)
def test_schema_refuses_what_the_check_refuses(change: Node) -> None:
    node = OBSERVATION | change

    assert validator("Observation").is_valid(OBSERVATION)
    assert not validator("Observation").is_valid(node)
    assert check(node)


@pytest.mark.parametrize("kind", sorted(resource_types()))
def test_every_type_has_a_schema_whose_references_lead_somewhere(kind: str) -> None:
    schemas = json_schemas({kind}, within="#/$defs/")

    named = {part.split('"')[0] for part in json.dumps(schemas).split("#/$defs/")[1:]}

    assert named <= schemas.keys()
    assert schemas[kind]["properties"].keys() >= {
        one.name for one in type_definition(kind).elements if not one.is_choice
    }


@pytest.mark.shared
@pytest.mark.skipif(not FILES, reason="shared data is absent")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_published_resource_fits_its_schema_as_the_check_says(path: Path) -> None:
    node = parse_json(path.read_bytes())

    if not check(node):
        validator(str(node["resourceType"])).validate(as_json(node))
