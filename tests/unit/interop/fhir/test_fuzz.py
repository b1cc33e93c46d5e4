"""Whatever parses is converted, and what is converted is valid; whatever JSON comes is read."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.interop.fhir.checks import check
from tests.unit.interop.fhir.strategies import any_messages, oru_messages

from lienthong.interop import fhir, hl7v2
from lienthong.interop.hl7v2 import Message

leaves = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(["final", "SN", "2024-03-05"])
)
keys = st.sampled_from(
    [
        "resourceType",
        "entry",
        "resource",
        "fullUrl",
        "reference",
        "subject",
        "code",
        "coding",
        "system",
        "value",
        "identifier",
        "name",
        "given",
        "extension",
        "url",
        "valueString",
        "valueQuantity",
        "status",
        "component",
        "result",
        "specimen",
        "note",
        "text",
        "period",
        "start",
        "type",
        "id",
        "link",
        "other",
    ]
)
json_values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5), max_leaves=30
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_messages())
def test_conversion_of_any_message_that_parses_gives_a_valid_bundle(data: bytes) -> None:
    message, findings = hl7v2.parse(data)
    assert message is not None

    converted = fhir.to_bundle(message, findings=findings)

    check(converted.bundle)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_messages())
def test_way_back_of_any_converted_message_parses(data: bytes) -> None:
    message, _ = hl7v2.parse(data)
    assert message is not None
    bundle = fhir.loads(fhir.dumps(fhir.to_bundle(message).bundle))

    written = fhir.from_bundle(bundle).message

    if written is not None:
        again, findings = hl7v2.parse(hl7v2.write(written))
        assert again == written
        assert findings == ()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(json_values)
def test_way_back_of_any_json_never_raises(value: object) -> None:
    assert fhir.from_bundle(value) is not None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(oru_messages(), st.integers(0, 2**32))
def test_way_back_of_a_damaged_bundle_never_raises(message: Message, seed: int) -> None:
    bundle: Any = fhir.loads(fhir.dumps(fhir.to_bundle(message).bundle))
    entries = _damaged(bundle["entry"], random.Random(seed))  # noqa: S311

    written = fhir.from_bundle({"resourceType": "Bundle", "entry": entries}).message

    assert written is None or hl7v2.write(written)


def _damaged(value: Any, dice: random.Random) -> Any:
    """Return a copy in which some values are gone or of another type."""
    if dice.random() < 0.03:
        return dice.choice([None, 7, "x", [], {}, [["x"]], {"reference": "x"}])
    if isinstance(value, dict):
        return {key: _damaged(one, dice) for key, one in value.items() if dice.random() > 0.02}
    if isinstance(value, list):
        return [_damaged(one, dice) for one in value]
    return value


@pytest.mark.parametrize("text", ["", "{", "[1,", "NaN", b"\xff", '{"a":1}{'])
def test_loads_of_what_is_no_json_raises_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="not JSON"):
        fhir.loads(text)
