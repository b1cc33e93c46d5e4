"""Whatever the definitions allow is valid and comes back, in JSON and in XML; no bytes raise what isn't declared."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.interop.fhir.r4.forms import content
from tests.unit.interop.fhir.r4.strategies import bundles, resources

from lienthong.interop.fhir import Unreadable
from lienthong.interop.fhir.r4 import (
    check,
    parse_json,
    parse_xml,
    resource_types,
    searched_types,
    write_json,
    write_xml,
)
from lienthong.interop.fhir.r4.search import search_values

slow = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
few = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@slow
@given(resources())
def test_resource_of_the_definitions_is_valid_and_comes_back(tree: dict[str, Any]) -> None:
    assert check(tree) == ()
    text = write_json(tree)
    assert write_json(parse_json(text)) == text
    assert check(parse_json(text)) == ()
    written = write_xml(tree)
    back = parse_xml(written)
    assert content(back) == content(tree)
    assert write_xml(back) == written


@few
@given(bundles())
def test_bundle_of_the_definitions_is_valid_and_comes_back(tree: dict[str, Any]) -> None:
    assert check(tree) == ()
    assert content(parse_xml(write_xml(tree))) == content(parse_json(write_json(tree))) == content(tree)


@few
@given(resources(st.sampled_from(sorted(searched_types() - {"Bundle"}))))
def test_resource_of_the_definitions_has_search_values_of_its_parameters(tree: dict[str, Any]) -> None:
    values = search_values(tree, tree["resourceType"])

    assert all(values.values())
    assert ("_id" in values) == ("id" in tree)


@pytest.mark.parametrize("name", sorted(resource_types() - {"Bundle"}))
def test_every_type_can_be_made(name: str) -> None:
    """One of each, so that no type waits for a lucky draw."""

    @settings(max_examples=1, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(resources(st.just(name)))
    def made(tree: dict[str, Any]) -> None:
        assert check(tree) == ()
        assert content(parse_xml(write_xml(tree))) == content(tree)

    made()


@slow
@given(resources(), st.randoms(use_true_random=False))
def test_bytes_that_were_changed_are_read_or_refused(tree: dict[str, Any], chance: random.Random) -> None:
    for data, parse in ((write_json(tree), parse_json), (write_xml(tree), parse_xml)):
        try:
            found = parse(_changed(data, chance))
        except Unreadable:
            continue
        check(found)
        name = found.get("resourceType")
        search_values(found, name if isinstance(name, str) and name in searched_types() else "Patient")
        with suppress(Unreadable):
            write_xml(found)


member_names = st.sampled_from(
    [
        *("resourceType", "id", "_id", "contained", "extension", "url", "valueString", "_valueString", "valueQuantity"),
        *("text", "div", "name", "given", "_given", "subject", "reference", "identifier", "code", "coding", "status"),
        *("entry", "fullUrl", "resource", "meta", "period", "start", "end", "value", "component", "telecom", "x"),
    ]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(["Patient", "#a", "2024-13-01"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(member_names, inner, max_size=4),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(resource_types())), json_values, json_values, json_values)
def test_any_json_is_checked(name: str, first: Any, second: Any, third: Any) -> None:
    tree = {"resourceType": name, "contained": first, "extension": second, "text": third}
    tree |= first if isinstance(first, dict) else {}

    issues = check(tree)
    search_values(tree, name)

    assert all(issue.place and issue.message and issue.severity == "error" for issue in issues)


def _changed(data: bytes, chance: random.Random) -> bytes:
    """Change, drop, double or swap some bytes."""
    held = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at, other = chance.randrange(len(held)), chance.randrange(len(held))
        kind = chance.randrange(4)
        if kind == 0:
            held[at] = chance.choice(b'"{}[]:,<>/&\\ \x00\xff0a')
        elif kind == 1:
            del held[at : at + chance.randint(1, 5)]
        elif kind == 2:
            held[at:at] = held[other : other + chance.randint(1, 30)]
        else:
            held[at], held[other] = held[other], held[at]
        if not held:
            return b""
    return bytes(held)
