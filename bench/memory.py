"""The peak of memory beside the size of the input's arrays, each work in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import pbrtqc
from bench.works import works
from lienthong.metrology import iso13528, westgard

Arrays = list[NDArray[Any]]
MEGABYTE = 1 << 20


def _judge(arrays: Arrays) -> object:
    series, run, level, value, mean, sd = arrays
    return westgard.evaluate(value, mean, sd, series=series, run=run, level=level)


def _estimate(arrays: Arrays) -> object:
    return iso13528.algorithm_a(arrays[0], groups=arrays[1])


def _watch(arrays: Arrays) -> object:
    return pbrtqc.ours(arrays[0])


WORKS: dict[str, tuple[Callable[[], Arrays], Callable[[Arrays], object]]] = {
    "control rules, WG": (lambda: list(works().qc()), _judge),
    "Algorithm A, 4,000 × 1,000": (
        lambda: [works().eqa(4_000, 1_000).ravel(), np.repeat(np.arange(4_000), 1_000)],
        _estimate,
    ),
    "MA, 50 M": (lambda: [pbrtqc.work(50_000_000)], _watch),
}


def measure() -> None:
    """Print for each work the input's arrays, the peak of input and call together, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        for name, (made, _) in WORKS.items():
            arrays = made()
            given = sum(array.nbytes for array in arrays) / MEGABYTE
            path = Path(folder) / "input.npz"
            np.savez(path, *arrays)
            del arrays
            command = [sys.executable, "-m", "bench.memory", name, str(path)]
            printed = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 — our own program
            peak = int(printed.stdout) / MEGABYTE
            print(f"  {name:<32} input {given:6.0f} MB, peak {peak:6.0f} MB, ratio {peak / given:4.2f} (at most 3)")


def _call_once(name: str, path: str) -> None:
    """Load the input and call once; print how far that brings the peak above what loading the code needs."""
    call = WORKS[name][1]
    westgard.evaluate([1.0], 0.0, 1.0)
    iso13528.algorithm_a([1.0, 2.0], groups=[1, 1])
    pbrtqc.ours(np.zeros((2, 100), dtype=np.float32))
    before = _peak()
    with np.load(path) as kept:
        arrays = [kept[key] for key in kept.files]
    call(arrays)
    print(_peak() - before)


def _peak() -> int:
    """Return the most bytes of memory that this process ever held (Linux)."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


if __name__ == "__main__":
    _call_once(*sys.argv[1:])
