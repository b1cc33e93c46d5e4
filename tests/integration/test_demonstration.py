"""The demonstration as its command runs it: every number is what the input implies, and follows the input."""

from __future__ import annotations

import csv
import datetime as dt
import os
import re
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lienthong.cli.demo.inputs import Inputs, write_inputs

PLACES = (
    *("30001", "30004", "30006", "30007", "30009", "30101", "30102", "30105"),
    *("30203", "30205", "30206", "30216", "30220", "360783001", "360783002", "360783003"),
)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    """The input of sixteen places, small enough to be replayed twice.

    Its history ends at the midnight that began this day in Hải Dương, when the day before goes on in UTC.
    """
    anchor = dt.datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).replace(hour=0, minute=0, second=0, microsecond=0)
    return write_inputs(tmp_path_factory.mktemp("demo") / "input", anchor=anchor, only=PLACES)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


def replay(inputs: Inputs, data: Path) -> subprocess.CompletedProcess[str]:
    """Run `lienthong demo --check` on an input folder, away from ../shared."""
    command = [sys.executable, "-m", "lienthong", "demo", "--check", "--inputs", str(inputs.folder)]
    environment = os.environ | {"LIENTHONG_DATA": str(data), "COLUMNS": "200"}
    return subprocess.run(command, capture_output=True, text=True, cwd=data, env=environment, timeout=540, check=False)


def test_demonstration_gives_what_the_input_implies_and_follows_a_changed_input(inputs: Inputs, data: Path) -> None:
    as_generated = replay(inputs, data)
    _change_control_value(inputs)
    _withhold_eqa_results(inputs)
    (inputs.folder / "messages" / "0001.hl7").unlink()
    changed = replay(inputs, data)

    assert as_generated.returncode == 0, as_generated.stdout + as_generated.stderr
    assert "Every number is what the input implies." in as_generated.stdout
    assert changed.returncode == 1, changed.stdout + changed.stderr
    before, after = _table(as_generated.stdout), _table(changed.stdout)
    assert after["messages received"] == before["messages received"] - 1
    assert _listed(changed.stdout, "out of control") == _listed(as_generated.stdout, "out of control") + 1
    assert _listed(changed.stdout, "failed") == _listed(as_generated.stdout, "failed") + 1
    assert "measuring systems out_of_control" in changed.stdout
    assert "EQA systems failed" in changed.stdout


def _change_control_value(inputs: Inputs) -> None:
    """Make the last control value of one quiet system wild."""
    path = inputs.folder / "iqc-runs.csv"
    rows = inputs.rows("iqc-runs.csv")
    last = [row for row in rows if row["procedure"] == "30007-GLU"][-1]
    last["value"] = str(float(last["value"]) * 2)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _withhold_eqa_results(inputs: Inputs) -> None:
    """Let one system return nothing: a missing result scores 0."""
    path = inputs.folder / "eqa-results.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if ",30007-K," not in line))


def _table(output: str) -> dict[str, int]:
    """Return the first number of each row of the printed table."""
    rows = re.findall(r"│\s*([a-zA-Z][^│]*?)\s*│\s*(\d+)\s*│", output)
    return {name: int(number) for name, number in rows}


def _listed(output: str, name: str) -> int:
    found = re.search(rf"\b{name} (\d+)", output)
    assert found, output
    return int(found[1])
