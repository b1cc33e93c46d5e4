"""Loops compiled by Numba, and how they are shared out to the machine's cores.

Kernels release the interpreter and are run on plain threads, each on a part of its own. Numba's own parallel loops
are not used: their thread pools survive neither a fork nor two calls at once, and a web server does both.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numba

compiled: Callable[[Callable[..., Any]], Callable[..., Any]] = numba.njit(
    cache=True, nogil=True, error_model="numpy", boundscheck=False
)


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
