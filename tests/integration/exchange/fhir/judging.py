"""What every answer of the FHIR interface must be, whatever was asked."""

from __future__ import annotations

from collections.abc import Mapping

from tests.integration.exchange.fhir.conftest import JSON, XML

from lienthong.interop.fhir import Element, r4

FORMS = {JSON: r4.parse_json, "application/json": r4.parse_json, XML: r4.parse_xml, "application/xml": r4.parse_xml}
# A write that leaves nothing to be decided, and a version that the caller has, are told by status and headers alone.
WITHOUT_BODY = frozenset((200, 201, 304))


def judge_answer(status: int, headers: Mapping[str, str], content: bytes, *, is_head: bool = False) -> Element | None:
    """Assert that an answer is a resource that R4 allows, a refusal an OperationOutcome; return the resource."""
    assert status < 500, content[:500]
    if not content:
        assert is_head or status in WITHOUT_BODY, status
        assert "content-type" not in {name.lower() for name in headers} or is_head
        return None
    named = {name.lower(): value for name, value in headers.items()}
    form = named["content-type"].partition(";")[0]
    resource = FORMS[form](content)
    assert r4.check(resource) == (), resource
    if status >= 400:
        assert resource["resourceType"] == "OperationOutcome"
        issues = resource["issue"]
        assert isinstance(issues, list)
        assert {one["severity"] for one in issues} & {"error", "fatal"}, issues
    return resource
