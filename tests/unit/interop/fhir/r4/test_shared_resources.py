"""Resources that others made come back equal in both forms, and are accepted or refused as their makers say."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.unit.interop.fhir.r4.forms import content

from lienthong.interop.fhir import Issue, Unreadable
from lienthong.interop.fhir.r4 import check, parse_json, parse_xml, searched_types, write_json, write_xml
from lienthong.interop.fhir.r4.search import search_values

ROOT = Path(__file__).parents[5]
SHARED = ROOT.parent / "shared/data/fhir"
PAGE = ROOT / "docs/fhir-validation.md"
FILES = sorted(
    path
    for folder in ("us-core", "hl7-test-cases-r4", "validator-cases", "fhirpath/input")
    for path in (SHARED / folder).glob("*.*")
    if path.suffix in (".json", ".xml") and path.name != "expected.json"
)
# Trees that R4 doesn't allow, for which XML has no form either.
WITHOUT_XML = {"Observation-ex-pain.json", "bundle-dual-subject.xml", "bundle-sig-2.json"}

pytestmark = [pytest.mark.shared, pytest.mark.skipif(not FILES, reason="shared data is absent")]


def name(path: Path) -> str:
    return str(path.relative_to(SHARED))


def read(path: Path) -> dict[str, Any]:
    return (parse_xml if path.suffix == ".xml" else parse_json)(path.read_bytes())


@cache
def expected_errors() -> dict[str, bool]:
    cases = json.loads((SHARED / "validator-cases/expected.json").read_text("utf-8"))
    return {case["file"]: any(one["errors"] for one in cases if one["file"] == case["file"]) for case in cases}


def issues_of(path: Path) -> tuple[Issue, ...]:
    try:
        return check(read(path))
    except Unreadable as error:
        return error.issues


@pytest.mark.parametrize("path", FILES, ids=name)
def test_resource_comes_back_in_json(path: Path) -> None:
    tree = read(path)

    text = write_json(tree)

    assert write_json(parse_json(text)) == text
    if path.suffix == ".json":
        assert json.loads(text, parse_float=str, parse_int=str) == json.loads(
            path.read_bytes(), parse_float=str, parse_int=str
        )


@pytest.mark.parametrize("path", [path for path in FILES if path.name not in WITHOUT_XML], ids=name)
def test_resource_comes_back_from_the_other_form(path: Path) -> None:
    tree = read(path)

    written = write_xml(tree)

    assert content(parse_xml(written)) == content(tree)
    assert write_xml(parse_json(write_json(parse_xml(written)))) == written


@pytest.mark.parametrize("path", [path for path in FILES if path.name in WITHOUT_XML], ids=name)
def test_tree_that_xml_cannot_hold_is_refused(path: Path) -> None:
    tree = read(path)

    with pytest.raises(Unreadable):
        write_xml(tree)

    assert check(tree)


def test_page_lists_exactly_the_differences_from_the_reference_validator() -> None:
    section = PAGE.read_text("utf-8").partition("## Differences from the reference validator")[2].partition("\n## ")[0]
    listed = {file: here for file, here, reason in re.findall(r"^\| `(.+?)` \| (\w+) \| (.+\.) \|$", section, re.M)}

    found = {}
    for path in FILES:
        is_refused = bool(issues_of(path))
        if is_refused != expected_errors().get(path.name, False):
            found[name(path)] = "refused" if is_refused else "accepted"

    print(len(FILES), "files,", len(found), "differences")
    assert found == listed


def test_places_of_structural_errors_are_those_of_the_reference_validator() -> None:
    """Its places name the resource in a comment, and sometimes the parent; ours are plain FHIRPath."""
    places = {(path.name, issue.place) for path in FILES for issue in issues_of(path)}

    assert {
        ("patient-id-bad-2.json", "Patient.id"),
        ("bundle-sig-2.json", "Bundle.meta"),
        ("Observation-ex-pain.json", "Observation"),
        ("bundle-dual-subject.xml", "Bundle.entry[0].resource.subject"),
        ("bundle-validation-location-2.xml", "Bundle.entry[0].resource.gender"),
        ("bundle-validation-location-2.xml", "Bundle.entry[1].resource.gender"),
        ("bundle-with-extensions.xml", "Bundle.entry[0]"),
        ("message-empty-entry.xml", "Bundle.entry[5]"),
        ("patient-extension-bad2.xml", "Patient.extension[0].url"),
    } <= places


def test_decimals_of_hl7s_example_keep_their_digits() -> None:
    data = (SHARED / "hl7-test-cases-r4/observation-decimal.json").read_bytes()
    numbers = re.findall(rb'"value(?:Decimal)?"\s*:\s*(-?[0-9][^\s,}]*)', data)

    back = write_json(parse_xml(write_xml(parse_json(data))))

    assert len(numbers) > 5
    assert sorted(re.findall(rb'"value(?:Decimal)?":(-?[0-9][^\s,}]*)', back)) == sorted(numbers)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_search_values_of_any_resource_are_found(path: Path) -> None:
    tree = read(path)
    kind = tree["resourceType"]

    if kind in searched_types():
        values = search_values(tree, kind)
        assert ("_id" in values) == ("id" in tree)
