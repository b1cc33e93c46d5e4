"""docs/fhir-validation.md: its example runs and prints what the page says."""

from __future__ import annotations

from pathlib import Path

from tools import documents

PAGE = Path(__file__).parents[5] / "docs/fhir-validation.md"


def test_example_prints_what_the_page_says() -> None:
    code, printed = documents.blocks(PAGE)

    assert documents.run(code, PAGE, {}) == printed.text
