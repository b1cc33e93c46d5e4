"""docs/national-formats.md: its files are read by its code as it says, and no field, code or reason is missing."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest
from tools import documents

from lienthong.exchange.wording import FINDINGS
from lienthong.interop.cn_cda import ELEMENTS, IDENTIFIERS, Code
from lienthong.interop.vn_xml import FIELDS, Field

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "national-formats.md"
TEXT = PAGE.read_text("utf-8")


def test_code_of_the_page_prints_what_the_page_says(tmp_path: Path) -> None:
    names: documents.Namespace = {}
    printed, said = [], []
    with contextlib.chdir(tmp_path):
        for block in documents.blocks(PAGE):
            if block.language == "xml":
                Path(_file_before(block)).write_text(block.text, "utf-8")
            elif block.language == "python":
                printed.append(documents.run(block, PAGE, names))
            elif block.language == "text":
                said.append(block.text)

    assert len(said) == 2
    assert printed == said


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: f"{field.table}-{field.element}")
def test_field_is_explained_with_whether_it_was_checked(field: Field) -> None:
    checked = "yes" if field.checked else "no"

    assert re.search(rf"^\| {field.table} \| `{field.element}` \| .+ \| {checked} \|$", TEXT, re.MULTILINE)


@pytest.mark.parametrize("code", [*IDENTIFIERS, *ELEMENTS], ids=lambda code: code.code)
def test_code_of_a_document_is_explained(code: Code) -> None:
    row = next(line for line in TEXT.splitlines() if line.startswith("| `") and f"`{code.code}`" in line)

    assert f"| {code.name}, " in row
    assert not code.checked


def test_codes_that_are_told_have_words_of_their_own() -> None:
    told = re.findall(r"`([a-z0-9-]+)`", TEXT.split("## What is refused")[1].split("## The gateway")[0])

    missing = set(told) - FINDINGS.keys() - {"structure", "code-unknown", "unit", "quantity", "recordTarget"}
    assert missing == set()


def _file_before(block: documents.Block) -> str:
    before = "\n".join(TEXT.splitlines()[: block.line])
    return re.findall(r"`(\w+\.xml)`", before)[-1]
