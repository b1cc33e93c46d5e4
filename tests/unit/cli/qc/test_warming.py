from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lienthong.cli.qc import warming
from lienthong.metrology.westgard import _judging, _links

Run = Callable[..., tuple[int, str, str]]

# PyArrow takes pandas wherever it is installed; here it finds none, as where only what runs is installed.
WITHOUT_PANDAS = """
import sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if name == "pandas":
            raise ImportError(name)
sys.meta_path.insert(0, Without())
"""


def test_loops_that_judge_are_loaded_while_the_file_is_read(tmp_path: Path, lienthong: Run) -> None:
    columns = {
        "value": [5.0, 5.9],
        "series": [1, 1],
        "run": [1, 2],
        "level": [1, 1],
        "mean": [5.0] * 2,
        "sd": [0.2] * 2,
    }
    path = tmp_path / "controls.parquet"
    pq.write_table(pa.table(columns), path)  # of wider integers than those that are loaded
    warming.warm().join()
    before = [loop.signatures for loop in (_links.link, _judging.judge)]

    code, _, _ = lienthong(path)

    assert code == 0
    assert [loop.signatures for loop in (_links.link, _judging.judge)] == before


def test_file_that_is_not_there_ends_the_command_while_loops_are_loaded(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lienthong", "qc", "evaluate", str(tmp_path / "none.csv")]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("not-found: ")
    assert len(done.stderr.splitlines()) == 1


def test_command_starts_neither_django_nor_charts_and_needs_no_pandas(tmp_path: Path) -> None:
    columns = {"value": [5.0, 5.9], "run": [1, 2], "mean": [5.0, 5.0], "sd": [0.2, 0.2]}
    path = tmp_path / "controls.parquet"
    pq.write_table(pa.table(columns), path)
    program = WITHOUT_PANDAS + (
        "from lienthong.cli import main\n"
        f"sys.argv = ['lienthong', 'qc', 'evaluate', {str(path)!r}]\n"
        "try:\n    main()\nexcept SystemExit as ended:\n    assert not ended.code\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules}))"
    )

    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    loaded = done.stdout.splitlines()[-1]
    for module in ("django", "openpyxl", "altair", "psycopg", "rich"):
        assert f"'{module}'" not in loaded
