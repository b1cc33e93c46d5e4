from __future__ import annotations

import subprocess
import sys

import pytest
from typer.main import get_command

from lienthong.cli import app
from lienthong.cli.lazy import COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_command_is_found_by_its_name(name: str) -> None:
    command = get_command(app).get_command(None, name)

    assert command.name == name


def test_unknown_command_is_none() -> None:
    assert get_command(app).get_command(None, "nothing") is None


def test_command_line_loads_no_command_before_it_is_called() -> None:
    program = "import sys, lienthong.cli; print(*sorted(name for name in sys.modules if 'lienthong.cli' in name))"

    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert done.stdout.strip() == "lienthong.cli lienthong.cli.lazy"
