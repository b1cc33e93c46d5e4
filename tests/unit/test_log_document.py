"""docs/log.md runs: its commands and its code give what the page shows."""

from __future__ import annotations

import contextlib
import re
import shlex
from pathlib import Path

import pytest
from tools import documents, log_sample
from typer.testing import CliRunner

from lienthong.cli.log import app
from lienthong.core.log.cosignatures import check_cosignatures
from lienthong.core.log.verification import Verifier
from lienthong.results.reports.sealing import Head, ResultSaid

PAGE = Path(__file__).resolve().parents[2] / "docs" / "log.md"
BLOCKS = list(documents.blocks(PAGE))
COMMANDS = [
    part.partition("\n")
    for block in BLOCKS
    if block.language == "console"
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]
]


@pytest.fixture
def _folder(tmp_path: Path) -> object:
    """Work in a folder with the page's files."""
    log_sample.write(tmp_path)
    with contextlib.chdir(tmp_path):
        yield tmp_path


@pytest.mark.usefixtures("_folder")
@pytest.mark.parametrize(("command", "answer"), [(one, said) for one, _, said in COMMANDS])
def test_command_prints_what_the_page_shows(command: str, answer: str) -> None:
    program, group, *words = shlex.split(command)

    done = CliRunner().invoke(app, words)

    assert (program, group, done.exit_code) == ("lienthong", "log", 0)
    assert done.stdout == answer


@pytest.mark.usefixtures("_folder")
def test_code_without_this_program_proves_the_report() -> None:
    place = next(n for n, block in enumerate(BLOCKS) if block.language == "python")

    assert documents.run(BLOCKS[place], PAGE, {}) == BLOCKS[place + 1].text


def test_page_shows_the_checkpoint_of_the_sample() -> None:
    assert log_sample.note(6) in PAGE.read_text("utf-8")


def test_page_names_every_part_of_a_statement_in_order() -> None:
    said = PAGE.read_text("utf-8").partition("## The statement")[2]
    named = re.findall(r"`([a-z_]+)`", said.partition("* Values")[0])

    assert named == [*Head.__struct_fields__, "results", "earlier", *ResultSaid.__struct_fields__]


def test_page_explains_every_code_of_a_finding() -> None:
    import inspect

    from lienthong.results.reports import checking

    parts = (Verifier, checking, check_cosignatures)
    code = "".join(inspect.getsource(one) for one in parts)
    codes = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', code))

    assert codes == set(
        re.findall(
            r"`([a-z]+(?:-[a-z]+)+)`", PAGE.read_text("utf-8").partition("## What it says")[2].partition("## The st")[0]
        )
    )
