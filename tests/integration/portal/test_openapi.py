"""CDS Hooks and the proof page do what their description says."""

from __future__ import annotations

import json

import pytest
import schemathesis
from django.test import Client
from hypothesis import strategies as st
from tests.integration.described import call_as_described, operations_of, schema_of
from tests.integration.portal.cds_calls import asked, hospital_system, token
from tests.integration.portal.conftest import NOW, Scene

from lienthong.core.actions import system_user
from lienthong.core.log.sequencer import sequence
from lienthong.portal.openapi import description
from lienthong.results.log_reads import proof_token

pytestmark = pytest.mark.django_db

SCHEMA = schema_of(description())
SERVICES = ("lienthong-order-select", "lienthong-order-sign")


@pytest.mark.parametrize("operation", operations_of(SCHEMA), ids=lambda one: one.label)
def test_interface_answers_as_described(operation: schemathesis.core.APIOperation, scene: Scene) -> None:
    hospital_system()
    sequence(by=system_user("log"), at=NOW)
    proof = proof_token(scene.reports["HBA1C"])

    def prepare(case: schemathesis.Case, data: st.DataObject) -> None:
        path = case.path_parameters or {}
        if "service_id" in path and data.draw(st.booleans()):
            case.path_parameters = {"service_id": data.draw(st.sampled_from(SERVICES))}
        if "token" in path and data.draw(st.booleans()):
            case.path_parameters = {"token": proof}
        if case.method == "POST":
            address = f"http://localhost{case.formatted_path}"
            case.headers["Authorization"] = token("", aud=address)
            if isinstance(case.body, dict) and data.draw(st.booleans()):
                case.body = case.body | asked(data.draw(st.sampled_from(("order-select", "order-sign"))))

    call_as_described(operation, examples=15, prepare=prepare)


def test_description_is_public() -> None:
    answer = Client().get("/cds-services/openapi.json")

    assert json.loads(answer.content) == json.loads(json.dumps(description()))
