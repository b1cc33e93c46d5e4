"""What pages tell people to type is there: commands with their options, targets of make, modules, files, settings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from lienthong.cli import app

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
OF_A_SHELL = frozenset(("", "sh", "console"))
ENDS_A_COMMAND = frozenset(("|", ">", "<", "&&", ";"))
TARGETS = frozenset(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE))
PARTS_OF_BENCH = frozenset(re.findall(r'^    "([a-z-]+)": ', (ROOT / "bench" / "__main__.py").read_text("utf-8"), re.M))


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        pytest.param("lienthong exchange inbox --json", "", id="right"),
        pytest.param("LIENTHONG_DATA=.data .venv/bin/lienthong serve --mllp-port 2575 | cat", "", id="within a line"),
        pytest.param("lienthong exchange inboxes", "no command inboxes", id="unknown command"),
        pytest.param("lienthong exchange inbox --xml", "no option --xml", id="unknown option"),
        pytest.param("lienthong db backup /a --once", "no option --once", id="option of another command"),
        pytest.param("make demo && make supper", "no target supper", id="unknown target"),
        pytest.param("make bench ONLY='oru tea'", "no part tea of make bench", id="unknown part"),
        pytest.param("python -m bench.tea 20", "no module bench.tea", id="unknown module"),
    ],
)
def test_fault_of_a_line_is_found(line: str, fault: str) -> None:
    assert [*faults_of_line(line)] == ([fault] if fault else [])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_of_a_page_are_there(page: Path) -> None:
    text = page.read_text("utf-8")

    faults = [f"{line.strip()}: {fault}" for line in lines_of_code(text) for fault in faults_of_line(line)]

    assert faults == []


def test_settings_of_pages_are_read() -> None:
    told = {name for page in PAGES for name in re.findall(r"LIENTHONG_[A-Z_]*[A-Z]", page.read_text("utf-8"))}
    code = "".join(file.read_text("utf-8") for file in (ROOT / "src").rglob("*.py"))

    assert len(told) > 20
    assert [name for name in sorted(told) if not re.search(rf"\b{name}\b", code)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_of_a_page_are_there(page: Path) -> None:
    named = re.findall(r"(?<![\w/.-])(?:src|tests|docs|tools|bench|requirements)/[\w./*-]*\w", page.read_text("utf-8"))

    assert [name for name in named if not any(ROOT.glob(name))] == []


def lines_of_code(text: str) -> Iterator[str]:
    """Yield the lines of blocks for a shell, those that go on as one, and what stands in backticks in the text."""
    for language, block in re.findall(r"^ *```(\w*)\n(.*?)^ *```$", text, flags=re.MULTILINE | re.DOTALL):
        if language in OF_A_SHELL:
            yield from block.replace("\\\n", " ").splitlines()
    plain = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`([^`]+)`", plain)


def faults_of_line(line: str) -> Iterator[str]:
    """Say what of a line is not there: commands of ours with their options, targets of make, modules."""
    words = _words(line)
    for place, word in enumerate(words):
        rest = words[place + 1 :]
        end = next((number for number, one in enumerate(rest) if one in ENDS_A_COMMAND), len(rest))
        if word.rpartition("/")[2] == "lienthong":
            yield from _faults_of_command(rest[:end])
        elif word == "make" and rest:
            yield from _faults_of_target(rest[:end])
        elif word == "-m" and rest and rest[0].startswith(("bench", "tools", "lienthong")):
            yield from _faults_of_module(rest[0])


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError:  # a quotation mark that is no shell's
        return line.split()


def _faults_of_command(words: list[str]) -> Iterator[str]:
    found = typer.main.get_command(app)
    while words and isinstance(found, TyperGroup) and not words[0].startswith("-"):
        named = found.get_command(typer.Context(found), words[0])
        if named is None:
            yield f"no command {words[0]}"
            return
        found, words = named, words[1:]
    known = {option for one in found.params for option in (*one.opts, *one.secondary_opts)} | {"--help"}
    given = (word.partition("=")[0] for word in words if word.startswith("--"))
    yield from (f"no option {option}" for option in given if option not in known)


def _faults_of_target(words: list[str]) -> Iterator[str]:
    if words[0] not in TARGETS:
        yield f"no target {words[0]}"
    only = next((word.partition("=")[2].split() for word in words if word.startswith("ONLY=")), [])
    yield from (f"no part {part} of make bench" for part in only if part not in PARTS_OF_BENCH)


def _faults_of_module(name: str) -> Iterator[str]:
    path = ROOT / ("src" if name.startswith("lienthong") else "") / name.replace(".", "/")
    if not (path.with_suffix(".py").exists() or (path / "__main__.py").exists()):
        yield f"no module {name}"
