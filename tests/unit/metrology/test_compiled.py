"""Compiled loops: how work is shared out, and where what was compiled is kept."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from lienthong.metrology import _compiled


@pytest.mark.parametrize(("n", "at_least"), [(0, 10), (1, 10), (9, 10), (1_000, 10), (1_001, 1), (7, 0)])
def test_in_parts_any_work_is_covered_once_and_in_order(n: int, at_least: int) -> None:
    done = _compiled.in_parts(lambda begin, end, step: list(range(begin, end, step)), n, 1, at_least=at_least)

    assert [one for part in done for one in part] == list(range(n))
    assert all(len(part) >= at_least for part in done) or len(done) == 1


def test_in_parts_error_of_a_part_reaches_the_caller() -> None:
    def refuse(begin: int, end: int) -> None:
        raise ValueError(f"{begin} to {end}")

    with pytest.raises(ValueError, match="0 to "):
        _compiled.in_parts(refuse, 10_000, at_least=1)


def test_compiled_loop_gives_what_its_python_gives() -> None:
    @_compiled.compiled
    def total(values):  # type: ignore[no-untyped-def]
        found = 0.0
        for value in values:
            found += value
        return found

    assert total(np.arange(5.0)) == 10.0


def test_folder_any_changed_file_leads_to_another_and_old_ones_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_compiled, "HOME", tmp_path)
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "kernels.py").write_text("a = 1")
    first = Path(_compiled._folder())
    assert _compiled._folder() == str(first)
    os.utime(first, (0, 0))

    (tmp_path / "part" / "kernels.py").write_text("a = 12")
    second = Path(_compiled._folder())

    assert second != first
    assert second.is_dir()
    assert not first.exists()


def test_folder_where_nothing_can_be_written_is_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "__pycache__").write_text("a file where a folder is due")
    monkeypatch.setattr(_compiled, "HOME", tmp_path)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "__pycache__")

    assert _compiled._folder() == ""
