"""What the house asks of every file, beyond what import-linter, ruff and mypy hold."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "lienthong"
MODULES = sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
TEMPLATES = sorted(SOURCE.rglob("*.html"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [*MODULES, *TESTS], ids=name)
def test_file_is_no_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_function_is_no_longer_than_40_lines_of_code(path: Path) -> None:
    tree = ast.parse(path.read_text())
    long = [
        f"{node.name}: {_lines_of_code(node)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _lines_of_code(node) > 40
    ]
    assert long == []


@pytest.mark.parametrize("path", [path for path in MODULES if path.name.startswith("views")], ids=name)
def test_view_never_reads_models_directly(path: Path) -> None:
    assert not re.search(r"\b[A-Z]\w+\.objects\b", path.read_text())


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_file_is_named_after_what_it_knows(path: Path) -> None:
    assert path.stem not in {"utils", "helpers", "common", "manager", "misc", "services"}


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_template_has_no_style_or_script_written_into_it(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|<script(?![^>]*\bsrc=)", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_template_takes_nothing_from_elsewhere(path: Path) -> None:
    assert not re.search(r"(?:src|href)=[\"']https?://", path.read_text())


def _lines_of_code(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a body without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1
