"""Resources that others published come back as they were given, in JSON and in XML."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.conftest import System

from lienthong.interop.fhir import Element, r4

pytestmark = [pytest.mark.django_db, pytest.mark.shared]

FOLDERS = ("us-core", "hl7-test-cases-r4", "fhirpath/input")
# Parameters are what operations are called with, no resource to keep.
NOT_KEPT = frozenset({"parameters-example-types.xml"})
# Not valid R4; docs/fhir-validation.md tells of each why.
REFUSED = {
    "bundle-questionnaire.json": "cardinality",
    "devicemetric-example.json": "reference-target",
    "explanationofbenefit-example.json": "cardinality",
    "patient-container-example.json": "org-1",
}


def published(shared_data: Path) -> dict[str, Element]:
    files = [path for folder in FOLDERS for path in sorted((shared_data / "fhir" / folder).iterdir())]
    read = {".json": r4.parse_json, ".xml": r4.parse_xml}
    return {path.name: read[path.suffix](path.read_bytes()) for path in files if path.name not in NOT_KEPT}


def content_of(resource: Element) -> bytes:
    """Return a resource without what the server says of it."""
    meta = resource.get("meta")
    told = {"versionId", "lastUpdated"}
    kept = {name: value for name, value in meta.items() if name not in told} if isinstance(meta, dict) else {}
    rest = {name: value for name, value in resource.items() if name != "meta"}
    return r4.write_json(dict(sorted((rest | ({"meta": kept} if kept else {})).items())))


def test_each_resource_reads_back_equal(scene: Scene, hospital: System, shared_data: Path) -> None:
    differing, refused = {}, {}
    for name, resource in published(shared_data).items():
        kind, own_id = resource["resourceType"], resource.get("id")
        text = r4.write_json(resource).decode()
        answer = hospital.put(f"{kind}/{own_id}", text) if own_id else hospital.post(str(kind), text)
        if answer.status_code == 422:
            refused[name] = answer.json()["issue"][0]["details"]["text"]
            continue
        path = answer.headers.get("Location", "").partition("/fhir/")[2].partition("/_history")[0]
        back = r4.parse_json(hospital.get(path).content) if answer.status_code in (200, 201) else {}
        expected = resource | ({} if own_id else {"id": path.partition("/")[2]})
        if content_of(back) != content_of(expected):
            differing[name] = (answer.status_code, answer.content[:300])

    assert differing == {}
    assert refused == REFUSED


def test_each_resource_is_read_as_xml_too(scene: Scene, hospital: System, shared_data: Path) -> None:
    for name, resource in published(shared_data).items():
        kind, own_id = resource["resourceType"], resource.get("id")
        if not own_id or name in REFUSED:
            continue
        hospital.put(f"{kind}/{own_id}", r4.write_json(resource).decode())

        text = hospital.get(f"{kind}/{own_id}?_format=xml").content

        assert content_of(r4.parse_xml(text)) == content_of(r4.parse_xml(r4.write_xml(resource))), name
