"""A command that is run beside another database than the one that was meant says so."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.db import connections


@pytest.mark.parametrize("arguments", [["inbox"], ["require-certificate", "SX", "x"], ["certify", "--source", "SX"]])
def test_command_on_a_database_without_tables_says_what_to_name(db: None, arguments: list[str]) -> None:
    at = connections["default"].settings_dict
    url = f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/template1"
    command = [sys.executable, "-m", "lienthong", "exchange", *arguments]

    done = subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("database-unavailable: the database is empty")
    assert len(done.stderr.splitlines()) == 1
