"""docs/v2-to-fhir.md: its commands run, and it names every option and exit code."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from tools import documents
from typer.main import get_command

from lienthong.cli.exchange import app

PAGE = Path(__file__).parents[3] / "docs/v2-to-fhir.md"
MESSAGE = (
    "MSH|^~\\&|LIS|BVDK|LT||20240305103007+0700||ORU^R01^ORU_R01|M1|P|2.5.1\r"
    "PID|1||P1^^^BVDK^MR||Nguyen^An\rOBR|1|O1|F1|24323-8^Panel^LN\rOBX|1|NM|1-8^A^LN||1.50||||||F\r"
)


def test_commands_of_the_page_run_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "results.hl7").write_text(MESSAGE)
    commands = [
        line.removeprefix("$ ")
        for block in documents.blocks(PAGE)
        if block.language == "console"
        for line in block.text.splitlines()
    ]

    for command in commands:
        words, _, target = command.partition(" > ")
        with (tmp_path / target).open("wb") as out:
            done = subprocess.run([sys.executable, "-m", *shlex.split(words)], stdout=out, cwd=tmp_path, timeout=60)
        assert done.returncode == 0, command

    assert len(commands) == 2
    written = (tmp_path / "back.hl7").read_text().replace("\r", "\n")
    assert "OBX|1|NM|1-8^A^LN||1.50||||||F" in written


def test_page_names_every_option_and_exit_code() -> None:
    page = PAGE.read_text("utf-8")
    command = get_command(app).commands["convert"]  # type: ignore[attr-defined]

    options = {name for one in command.params for name in one.opts if name.startswith("--")}

    assert options <= set(re.findall(r"--[a-z-]+[a-z0-9]", page)) | {"--help"}
    exit_codes = page.partition("| exit code |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| (\d) \|", exit_codes, flags=re.MULTILINE) == ["0", "1", "2"]
