"""A second opinion: what is valid here is valid to the models of fhir.resources, and they see the same faults.

Its models are of R4B, which has the same form for these types.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.unit.interop.fhir.r4.strategies import resources

from lienthong.interop.fhir.r4 import check, write_json

TYPES = (
    *("Patient", "Observation", "DiagnosticReport", "Specimen", "ServiceRequest", "Organization", "Location"),
    *("Practitioner", "PractitionerRole", "Encounter", "Condition", "RelatedPerson", "AllergyIntolerance"),
)


def accepts(resource: dict[str, Any]) -> bool:
    plain = json.loads(write_json(resource))
    try:
        get_fhir_model_class(plain["resourceType"]).model_validate(plain)
    except ValidationError:
        return False
    return True


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(resources(st.sampled_from(TYPES)))
def test_what_is_valid_here_is_valid_there(resource: dict[str, Any]) -> None:
    assert check(resource) == ()
    assert accepts(resource), write_json(resource)


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Patient", "nme": "a"},
        {"resourceType": "Patient", "name": {"family": "a"}},
        {"resourceType": "Patient", "birthDate": "2024-13-01"},
        {"resourceType": "Patient", "active": "perhaps"},
        {"resourceType": "Patient", "deceasedBoolean": True, "deceasedDateTime": "2024"},
        {"resourceType": "Patient", "name": [{"family": ""}]},
        {"resourceType": "Observation", "status": "final"},
        {"resourceType": "Observation", "code": {"text": "a"}},
        {"resourceType": "Observation", "status": "final", "code": {"text": "a"}, "subject": "Patient/1"},
        {"resourceType": "Observation", "status": "final", "code": {"text": "a"}, "valueQuantity": {"value": "many"}},
        {"resourceType": "Patient", "id": "a b"},
    ],
)
def test_structural_faults_are_seen_by_both(resource: dict[str, Any]) -> None:
    assert check(resource)
    assert not accepts(resource)
