"""A description as people read it: a long list of choices is shortened, a short one is whole."""

from __future__ import annotations

import pytest

from lienthong.core.openapi.pages import operations

MANY = [f"Type{number}" for number in range(119)]


@pytest.mark.parametrize(
    ("choices", "shown"),
    [(["json", "xml"], "json | xml"), (MANY, "Type0 | Type1 | Type2 | … (119)")],
    ids=["short", "long"],
)
def test_choices_of_a_parameter_are_shown(choices: list[str], shown: str) -> None:
    parameter = {"name": "type", "in": "path", "schema": {"enum": choices}}
    method = {"summary": "Search", "parameters": [parameter], "responses": {}}

    [operation] = operations({"paths": {"/fhir/{type}": {"get": method}}})

    assert operation.parameters[0].kind == shown
