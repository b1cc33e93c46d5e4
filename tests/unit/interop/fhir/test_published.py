"""docs/v2-to-fhir.md lists each difference from what others published, and no other."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from tests.unit.interop.fhir.published import (
    Differences,
    differences_to_fhir,
    differences_to_hl7v2,
    pairs_to_fhir,
    pairs_to_hl7v2,
)

PAGE = Path(__file__).parents[4] / "docs/v2-to-fhir.md"
ROW = re.compile(r"^\| ([a-z0-9-]+) \| ([^|]+) \| (`[^|]+) \|$", re.MULTILINE)
ONE = re.compile(r"`([\w-]+)` (.+?)(?: × (\d+))?$")

pytestmark = [pytest.mark.shared, pytest.mark.skipif(not pairs_to_fhir(), reason="shared data is absent")]


@pytest.mark.parametrize(
    ("heading", "found", "pairs"),
    [
        ("From HL7 v2 to FHIR", differences_to_fhir, len(pairs_to_fhir())),
        ("From FHIR to HL7 v2", differences_to_hl7v2, len(pairs_to_hl7v2())),
    ],
    ids=["to-fhir", "to-hl7v2"],
)
def test_page_lists_exactly_the_differences_that_are_found(heading: str, found: object, pairs: int) -> None:
    assert callable(found)
    section = PAGE.read_text("utf-8").partition(f"### {heading}: ")[2].partition("\n## ")[0].partition("\n### ")[0]

    listed, counts = listed_in(section), found()

    print(f"{heading}: {counts.total()} differences in {pairs} pairs")
    assert listed == counts
    assert section.startswith(f"{counts.total()} differences in {pairs} pairs\n")


def listed_in(section: str) -> Differences:
    listed: Differences = Counter()
    for _, reason, where in ROW.findall(section):
        assert reason.endswith(".")
        for one in where.split("; "):
            match = ONE.fullmatch(one)
            assert match, one
            listed[match[1], match[2]] += int(match[3] or 1)
    return listed
