"""Loops compiled by Numba, and how they are shared out to the machine's cores.

Kernels release the interpreter and are run on plain threads, each on a part of its own. Numba's own parallel loops
are not used: their thread pools survive neither a fork nor two calls at once, and a web server does both.

What is compiled is kept on disk. Numba alone would look only at the file of the function that is called, and go on
with old code after a change in another file; so the folder is named after the state of all files of this package.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numba
from numba.core import config as numba_config

HOME = Path(__file__).parent
A_DAY = 86_400


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a loop when it is first called, and keep it for the next process."""
    config: Any = numba_config  # its attributes are made when it is loaded
    before, config.CACHE_DIR = config.CACHE_DIR, _FOLDER
    try:
        made: Callable[..., Any] = numba.njit(cache=bool(_FOLDER), nogil=True, error_model="numpy")(function)
    finally:
        config.CACHE_DIR = before
    return made


def _folder() -> str:
    """Return where compiled loops of this state of the package are kept; nowhere, "", if no place can be written to.

    Those of older states go after a day.
    """
    state = hashlib.blake2b(digest_size=8)
    for file in sorted(HOME.rglob("*.py")):
        at = file.stat()
        state.update(f"{file.relative_to(HOME)} {at.st_mtime_ns} {at.st_size}\n".encode())
    for home in (HOME / "__pycache__", Path.home() / ".cache" / "lienthong"):
        folder = home / f"compiled-{state.hexdigest()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        for other in home.glob("compiled-*"):
            if other.stat().st_mtime < folder.stat().st_mtime - A_DAY:
                shutil.rmtree(other, ignore_errors=True)
        if os.access(folder, os.W_OK):
            return str(folder)
    return ""


_FOLDER = _folder()


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_parts(kernel: Callable[..., Any], n: int, *arguments: object, at_least: int) -> list[Any]:
    """Call ``kernel(begin, end, *arguments)`` on parts that cover 0 … n − 1, and return what each call returned.

    There are as many parts as cores, fewer where a part would hold less than `at_least`; a single part runs here.
    """
    parts = max(1, min(cores(), n // max(at_least, 1)))
    borders = list(pairwise(n * part // parts for part in range(parts + 1)))
    if parts == 1:
        return [kernel(begin, end, *arguments) for begin, end in borders]
    with ThreadPoolExecutor(parts) as threads:
        return list(threads.map(lambda border: kernel(*border, *arguments), borders))
