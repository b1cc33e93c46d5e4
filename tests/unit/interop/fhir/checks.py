"""What every Bundle must keep, whatever message it came from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from fhir.resources.R4B.bundle import Bundle as R4BBundle

from lienthong.interop import fhir
from lienthong.interop.fhir import r4

# FHIR R4, each resource's required elements; a primitive may be replaced by an extension that says why it is absent.
REQUIRED = {
    "Bundle": ("type",),
    "MessageHeader": ("source",),
    "Provenance": ("target", "recorded", "agent"),
    "Encounter": ("status", "class"),
    "RelatedPerson": ("patient",),
    "AllergyIntolerance": ("patient",),
    "Condition": ("subject",),
    "ServiceRequest": ("status", "intent", "subject"),
    "DiagnosticReport": ("status", "code"),
    "Observation": ("status", "code"),
    "OperationOutcome": ("issue",),
}
DATE_TIME = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00)))?)?)?", re.ASCII)


def check(bundle: dict[str, Any]) -> None:
    """Check a Bundle as it is written: by R4's definitions, against the R4B models, and by rules of our own.

    R4 and R4B have the same form for the resources made here. The models lack one thing of R4's JSON: a primitive
    value inside an extension may have extensions itself, which are left out for them.
    """
    text = fhir.dumps(bundle)
    assert r4.check(r4.parse_json(text.encode())) == ()
    written = json.loads(text)
    R4BBundle.model_validate(_without_companions_in_extensions(written))
    urls = [entry["fullUrl"] for entry in written["entry"]]
    assert len(urls) == len(set(urls))
    if written["type"] == "message":
        assert written["entry"][0]["resource"]["resourceType"] == "MessageHeader"
    assert all(("request" in entry) == (written["type"] == "transaction") for entry in written["entry"])
    for resource in (written, *(entry["resource"] for entry in written["entry"])):
        for element in REQUIRED.get(resource["resourceType"], ()):
            assert resource.keys() & {element, f"_{element}"}, (resource["resourceType"], element)
    for node in _nodes(written):
        _check_node(node, urls)


def _check_node(node: dict[str, Any], urls: list[str]) -> None:
    assert all(value not in ("", [], {}, None) for value in node.values()), node
    if isinstance(node.get("reference"), str):
        assert node["reference"] in urls
    if "dataAbsentReason" in node:  # constraint obs-6
        assert not any(key.lstrip("_").startswith("value") for key in node)
    for key, value in node.items():
        is_time = key in ("birthDate", "issued", "recorded", "timestamp") or key.endswith("DateTime")
        if is_time and not key.startswith("_"):
            assert DATE_TIME.fullmatch(value), (key, value)
        if key in ("issued", "recorded", "timestamp"):
            assert "T" in value


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from _nodes(one)
    elif isinstance(value, list):
        for one in value:
            yield from _nodes(one)


def _without_companions_in_extensions(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_companions_in_extensions(one) for one in value]
    if not isinstance(value, dict):
        return value
    is_extension = "url" in value and any(key.startswith("value") or key == "extension" for key in value)
    return {
        key: _without_companions_in_extensions(one)
        for key, one in value.items()
        if not (is_extension and key.startswith("_value"))
    }
