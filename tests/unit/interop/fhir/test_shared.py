"""Messages and Bundles that others made: all convert, all Bundles are valid, and content comes back."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from tests.unit.interop.fhir.checks import check
from tests.unit.interop.fhir.published import SHARED

from lienthong.interop import fhir
from lienthong.interop.hl7v2 import parse, split_batch, write

FILES = sorted(SHARED.rglob("*.hl7"))
BUNDLES = sorted((SHARED.parent / "fhir").rglob("*.json")) + sorted(SHARED.rglob("*.fhir"))

pytestmark = [pytest.mark.shared, pytest.mark.skipif(not FILES, reason="shared data is absent")]


@pytest.mark.parametrize("kind", ["message", "transaction"])
def test_every_shared_message_gives_a_valid_bundle(kind: fhir.BundleType) -> None:
    counts: Counter[str] = Counter()
    for path in FILES:
        for data in split_batch(path.read_bytes())[0]:
            message, findings = parse(data)
            assert message is not None, path
            bundle = fhir.to_bundle(message, bundle_type=kind, findings=findings).bundle
            check(bundle)
            entries = bundle["entry"]
            assert isinstance(entries, list)
            counts.update(entry["resource"]["resourceType"] for entry in entries)
            counts["messages"] += 1

    print(dict(counts))
    assert counts["messages"] == 233
    assert counts["Observation"] > 300


def test_every_shared_bundle_is_read_and_what_is_written_parses() -> None:
    counts: Counter[str] = Counter()
    for path in BUNDLES:
        message = fhir.from_bundle(_json(path)).message
        counts["files"] += 1
        if message is None:
            continue
        again, findings = parse(write(message))
        assert (again, findings) == (message, ()), path
        counts[message.get("MSH-9.1")] += 1

    print(dict(counts))
    assert counts["ORU"] > 50


def test_shared_observations_are_the_same_after_the_way_back() -> None:
    """Only what v2 has no place for may go: a second component system, a narrative."""
    count = 0
    for path in FILES:
        for data in split_batch(path.read_bytes())[0]:
            message, _ = parse(data)
            assert message is not None
            once = fhir.to_bundle(message).bundle
            back = fhir.from_bundle(fhir.loads(fhir.dumps(once))).message
            if back is None or message.get("MSH-9.1") not in ("ORU", "OML"):
                continue
            twice = fhir.to_bundle(back).bundle
            assert _observations(twice) == _observations(once), path
            count += 1

    print(count)
    assert count == 165


def _observations(bundle: fhir.Element) -> list[object]:
    kept = ("code", "status", "interpretation", "referenceRange", "note", "effectiveDateTime", "_effectiveDateTime")
    found = json.loads(fhir.dumps(bundle))
    return sorted(
        json.dumps(
            {key: value for key, value in one["resource"].items() if key in kept or "value" in key}, sort_keys=True
        )
        for one in found["entry"]
        if one["resource"]["resourceType"] == "Observation"
    )


def _json(path: Path) -> object:
    try:
        return fhir.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        return None
