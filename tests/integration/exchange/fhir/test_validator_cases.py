"""The cases of HL7's validator at the server: what is at fault is refused with its element, all else is kept."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.conftest import XML, System
from tests.integration.exchange.fhir.judging import judge_answer
from tests.integration.exchange.fhir.test_shared_resources import content_of

from lienthong.exchange.fhir.kinds import KINDS
from lienthong.interop.fhir import r4

ROOT = Path(__file__).resolve().parents[4]
FOLDER = ROOT.parent / "shared/data/fhir/validator-cases"
PAGE = ROOT / "docs/fhir-validation.md"
CASES = sorted(path for path in FOLDER.glob("*.*") if path.suffix in (".json", ".xml") and path.name != "expected.json")
# Cases that the server answers otherwise than the check of resources, and why.
ELSEWHERE: dict[str, str] = {}

pytestmark = [pytest.mark.django_db, pytest.mark.shared, pytest.mark.skipif(not CASES, reason="shared data is absent")]


@cache
def faulty() -> frozenset[str]:
    """Return the files in which the reference validator finds errors."""
    cases = json.loads((FOLDER / "expected.json").read_text("utf-8"))
    return frozenset(one["file"] for one in cases if one["errors"])


@cache
def differing() -> frozenset[str]:
    """Return the files that are taken otherwise here, each with its reason in docs/fhir-validation.md."""
    section = PAGE.read_text("utf-8").partition("## Differences from the reference validator")[2].partition("\n## ")[0]
    return frozenset(re.findall(r"^\| `validator-cases/(.+?)` \|", section, re.M))


def kind_and_id(text: str) -> tuple[str, str]:
    """Return type and id as they are written, of what may not be readable otherwise."""
    kind = re.search(r'"resourceType"\s*:\s*"(\w+)"|<(\w+)[^<>]*xmlns="http://hl7.org/fhir"', text)
    assert kind is not None
    try:
        read = r4.parse_json(text.encode()) if text.lstrip()[0] == "{" else r4.parse_xml(text.encode())
    except ValueError:
        return kind[1] or kind[2], ""
    return str(read["resourceType"]), str(read.get("id", ""))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_case_is_refused_with_its_element_or_kept(path: Path, scene: Scene, hospital: System) -> None:
    text = path.read_bytes().decode("utf-8-sig")
    kind, own_id = kind_and_id(text)
    if kind not in KINDS:
        assert kind in ("Parameters", "OperationOutcome", "CapabilityStatement"), kind
        assert hospital.post(kind, text).status_code == 404
        return
    form = {"Content_Type": XML} if path.suffix == ".xml" else {}

    answer = hospital.put(f"{kind}/{own_id}", text, **form) if own_id else hospital.post(kind, text, **form)

    told = judge_answer(answer.status_code, answer.headers, answer.content)
    is_expected_to_fail = (path.name in faulty()) != (path.name in differing())
    if not is_expected_to_fail:
        assert answer.status_code in (200, 201), answer.content
        back = hospital.get(answer.headers["Location"].partition("/fhir/")[2].partition("/_history")[0])
        sent = r4.parse_xml(text.encode()) if form else r4.parse_json(text.encode())
        assert content_of(r4.parse_json(back.content)) == content_of(
            sent if own_id else sent | {"id": back.json()["id"]}
        )
        return
    assert answer.status_code in (400, 422), answer.content
    assert told is not None
    issues = told["issue"]
    assert isinstance(issues, list)
    if answer.status_code == 422:
        assert all(one["expression"][0].startswith(kind) for one in issues), issues
