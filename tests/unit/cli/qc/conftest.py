"""The command that judges control results."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from lienthong.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def lienthong(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command; give its exit code, output and errors."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lienthong", "qc", "evaluate", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return run
