"""docs/metrology.md runs: its code, its commands, its pictures, and its table of functions."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from tools import documents, pictures

PAGE = pictures.PAGE
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
MODULES = ("westgard", "control", "capability", "uncertainty", "iso13528", "pbrtqc", "agreement")


@dataclass(slots=True)
class Session:
    """What a reader has after all blocks: the names, and what each block showed beside what it gave."""

    names: documents.Namespace = field(default_factory=dict)
    shown: list[tuple[int, str]] = field(default_factory=list)
    given: list[tuple[int, str]] = field(default_factory=list)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Run the page from top to bottom in an empty folder."""
    done = Session()
    with contextlib.chdir(tmp_path_factory.mktemp("page")):
        printed = (0, "")
        for block in documents.blocks(PAGE):
            if block.language == "python":
                done.given += [printed] if printed[1] else []
                printed = block.line, documents.run(block, PAGE, done.names)
            elif block.language == "text":
                done.shown.append((printed[0], block.text))
            elif block.language == "console":
                _run_commands(block, done)
        done.given += [printed] if printed[1] else []
    return done


def _run_commands(block: documents.Block, done: Session) -> None:
    for command, answer in commands(block.text):
        words = shlex.split(command)
        ran = subprocess.run(
            [sys.executable, "-m", *words],
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, "COLUMNS": "110", "PYTHONIOENCODING": "utf-8"},
            timeout=300,
        )
        assert ran.returncode == 0, f"{command}: {ran.stderr}"
        done.shown.append((block.line, answer))
        done.given.append((block.line, ran.stdout))


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command after a dollar sign, and what the page shows of its answer."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, answer = part.partition("\n")
        yield command, answer


def test_blocks_and_commands_print_what_the_page_shows(session: Session) -> None:
    assert sorted(session.given) == sorted(session.shown)


def test_page_names_every_picture(session: Session) -> None:
    named = re.findall(r"!\[[^\]]+\]\(pictures/([\w-]+)\.svg\)", PAGE.read_text("utf-8"))

    assert named == sorted(named, key=list(pictures.PICTURES).index)
    assert set(named) == set(pictures.PICTURES) == {path.stem for path in pictures.FOLDER.glob("*.svg")}


def test_pictures_are_those_of_the_code(session: Session) -> None:
    """Figures may differ by what no eye sees: processors round the last digit differently."""
    for name, fresh in pictures.drawn(session.names).items():
        kept = (pictures.FOLDER / f"{name}.svg").read_text("utf-8").rstrip("\n")

        assert NUMBER.sub("#", kept) == NUMBER.sub("#", fresh), f"{name}: run make docs"
        assert numbers(kept) == pytest.approx(numbers(fresh), abs=0.05), f"{name}: run make docs"
        assert len(kept.encode()) < 60_000, name


def numbers(text: str) -> list[float]:
    return [float(found) for found in NUMBER.findall(text)]


def test_table_has_every_function_and_no_other() -> None:
    listed: dict[str, set[str]] = {}
    module = ""
    for row in re.findall(r"^\| (?:`(\w+)`)? ?\| [^|]+ \| (`.*`) \|$", PAGE.read_text("utf-8"), flags=re.MULTILINE):
        module = row[0] or module  # a row without a name goes on with the module above
        listed.setdefault(module, set()).update(re.findall(r"`(\w+)`", row[1]))

    for module in MODULES:
        public = importlib.import_module(f"lienthong.metrology.{module}")
        functions = {name for name in public.__all__ if inspect.isfunction(getattr(public, name))}
        assert listed[module] >= functions, module
        assert listed[module] <= set(public.__all__), module
