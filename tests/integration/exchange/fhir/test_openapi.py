"""The interface does what its description says, and the description names all that it does."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.test import Client
from django.urls import get_resolver
from hypothesis import strategies as st
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation
from tests.factories.exchange import OBR, PID, message
from tests.integration.described import call_as_described, operations_of, schema_of
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, report, transaction
from tests.integration.exchange.fhir.conftest import System
from tests.integration.exchange.fhir.judging import judge_answer

from lienthong.exchange.fhir import capability, kinds, openapi
from lienthong.exchange.fhir.definitions import PUBLISHED_KINDS
from lienthong.exchange.fhir.kinds import KINDS, OPERATIONS, Operation

pytestmark = pytest.mark.django_db

# Bodies by the schemas of R4 take most of the time to make, and test_any_request.py sends such: of most types, here, it
# is any object of the type.
BODIES_BY_SCHEMA = ("Patient", "Bundle", "Parameters")
OBX = "OBX|1|NM|2345-7^Glucose^LN||4.9|mmol/L|3.9-6.1|N|||F|||20261120070000+0700|||||20261120080000+0700"
# Which ids stand in addresses beside those that are made up: what was received, what came as HL7 v2, what is published.
IDS = ("p1", "o1", "r1", "recognition-mark", "nobody")
PLAIN_ANSWERS = ("/fhir/openapi.json", "/fhir/.well-known/smart-configuration")
EXAMPLES = 2


def loosened(description: dict[str, Any]) -> dict[str, Any]:
    """Return the description with bodies of most types as any object of their type."""
    found = copy.deepcopy(description)
    for item in found["paths"].values():
        for operation in item.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                kind = content["schema"].get("$ref", "").rpartition("/")[2]
                if kind and kind not in BODIES_BY_SCHEMA:
                    is_it = {"const": kind} if kind in KINDS else {"type": "string"}
                    content["schema"] = {
                        "type": "object",
                        "required": ["resourceType"],
                        "properties": {"resourceType": is_it},
                    }
    return found


SCHEMA = schema_of(loosened(openapi.description()))


def grouped() -> dict[str, list[APIOperation]]:
    """Return the operations by type of resource; those of no type together."""
    found: dict[str, list[APIOperation]] = {}
    for one in operations_of(SCHEMA):
        found.setdefault((one.tags or ["server"])[0], []).append(one)
    return found


GROUPS = grouped()


@schemathesis.serializer("application/fhir+xml")
def as_text(_context: object, value: object) -> bytes:
    """Send what was made as it is."""
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture
def filled(scene: Scene, hospital: System) -> System:
    """A patient with a result and a report by FHIR, and another by HL7 v2."""
    scene.process(message(PID, OBR, OBX))
    hospital.post("", transaction(entry(patient()), entry(json.loads(glucose())), entry(report())))
    return hospital


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_interface_answers_as_described(group: str, filled: System) -> None:
    def prepare(case: schemathesis.Case, data: st.DataObject) -> None:
        case.headers["Authorization"] = f"Bearer {filled.token}"
        if "id" in (case.path_parameters or {}) and data.draw(st.booleans()):
            case.path_parameters = {**case.path_parameters, "id": data.draw(st.sampled_from(IDS))}
        if len(case.query or {}) > 1 and data.draw(st.booleans()):
            kept = data.draw(st.sampled_from(sorted(case.query)))  # one parameter is read where many hide it
            case.query = {kept: case.query[kept]}

    def judge(case: schemathesis.Case, response: Response) -> None:
        if case.operation.path not in PLAIN_ANSWERS or response.status_code >= 400:
            headers = {name: values[0] for name, values in response.headers.items()}
            judge_answer(response.status_code, headers, response.content)

    for operation in GROUPS[group]:
        call_as_described(operation, examples=EXAMPLES, prepare=prepare, judge=judge)


def filled_in(path: str) -> str:
    """Return an address of the description, with something for each of its parts."""
    given = {"type": "Basic", "id": "p1", "version": "1", "key": str(UUID(int=1)), "name": "Patient.1.ndjson"}
    return path.format(**given)


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "TRACE", "OPTIONS", "PUT", "POST", "GET"])
def test_method_that_an_address_does_not_describe_is_refused(method: str, hospital: System) -> None:
    for path, item in openapi.description()["paths"].items():
        if method.lower() in item:
            continue
        address = filled_in(path)

        answer = Client(enforce_csrf_checks=True).generic(
            method, address, headers={"Authorization": f"Bearer {hospital.token}"}
        )

        assert answer.status_code == 405, (address, answer.content)
        allowed = {one.strip().lower() for one in answer.headers["Allow"].split(",")} - {"head"}
        assert allowed == set(item), address
        judge_answer(answer.status_code, answer.headers, answer.content)


def test_every_address_but_the_public_ones_refuses_who_has_no_token(scene: Scene) -> None:
    public = [f"/fhir/{kind}{rest}" for kind in PUBLISHED_KINDS for rest in ("", "/{id}")]
    for path, item in openapi.description()["paths"].items():
        address = filled_in(path)
        for method, operation in item.items():
            answer = Client().generic(method.upper(), address, "{}", content_type="application/fhir+json")

            is_public = operation.get("security") == [] or (method == "get" and path in public)
            assert (answer.status_code == 401) != is_public, (method, path, answer.content)


def test_description_names_every_route() -> None:
    """Each address of the resolver is described, and each described address is one of the resolver."""
    routes = [str(one.pattern) for one in get_resolver("lienthong.exchange.fhir.urls").url_patterns]
    forms = {re.sub(r"<[^>]*>", "[^/]+", one.replace("$", r"\$").replace(".", r"\.")) for one in routes}
    unnamed = {"openapi", "<path:path>"}  # a page for people, and what is not there
    described = [path.removeprefix("/fhir").removeprefix("/") for path in openapi.description()["paths"]]

    without_route = [path for path in described if not any(re.fullmatch(one, path) for one in forms)]
    literal = {one for one in routes if "<" not in one} - unnamed

    assert without_route == []
    assert literal <= set(described)


def test_description_and_capabilities_name_the_same_types_and_parameters() -> None:
    paths = openapi.description()["paths"]
    stated = capability.capability_statement("http://x/fhir", token="http://x/auth/token")["rest"][0]["resource"]
    others = next(one for one in paths["/fhir/{type}"]["get"]["parameters"] if one.get("name") == "type")

    own = {path.split("/")[2] for path in paths if path.count("/") == 2} & set(KINDS)

    assert own | set(others["schema"]["enum"]) == {one["type"] for one in stated} == set(KINDS)
    for one in stated:
        if one["type"] in own:
            asked = paths[f"/fhir/{one['type']}"]["get"]["parameters"]
            names = {each.get("name") or each["$ref"].rsplit("/", 1)[1] for each in asked}
            assert {each["name"] for each in one["searchParam"]} <= names, one["type"]


def test_operation_of_the_table_appears_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    added = Operation("everything", "urn:x:everything", "All.", methods=("GET",))
    accepted = replace(added, answers=(("202", "Where it is asked for."),))
    for module in (kinds, openapi, capability):
        monkeypatch.setattr(module, "OPERATIONS", (*OPERATIONS, accepted))
    openapi.description.cache_clear()

    try:
        described = openapi.description()["paths"]["/fhir/$everything"]["get"]
        stated = capability.capability_statement("", token="")["rest"][0]["operation"]
    finally:
        monkeypatch.undo()
        openapi.description.cache_clear()

    assert described["responses"]["202"]["description"] == "Where it is asked for."
    assert stated[-1] == {"name": "everything", "definition": "urn:x:everything"}


def test_description_is_served_and_its_page_names_requests_types_and_definitions(db: None) -> None:
    served = json.loads(Client().get("/fhir/openapi.json").content)
    page = Client(headers={"accept-language": "en"}).get("/fhir/openapi").content.decode()

    assert served == json.loads(json.dumps(openapi.description()))
    assert "<code>POST /fhir/{type}/_search</code>" in page
    assert "<code>GET /fhir/Observation/$lastn</code>" in page
    assert 'id="Specimen"' in page
    assert "urn:lienthong:fhir:StructureDefinition:recognition-mark" in page
