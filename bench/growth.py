"""How the time for each value stays the same while the work grows from ten thousand to ten million values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bench.timing import timed
from lienthong.metrology import iso13528, pbrtqc, westgard

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)


def measure() -> None:
    """Print nanoseconds a value by size; each figure is the least of five."""
    works: dict[str, Callable[[int], Callable[[], object]]] = {
        "control rules, 2,000 a series": _control_rules,
        "control rules, one series": _one_series,
        "moving average and EWMA": _moving,
        "Algorithm A, groups of 100": _algorithm_a,
        "scores of rounds, groups of 100": _rounds,
        "Q method, groups of 100": _q_method,
    }
    print(f"  {'ns a value':<36}" + "".join(f"{size:>14,}" for size in SIZES))
    for name, made in works.items():
        row = []
        for size in SIZES:
            way = made(size)
            way()
            row.append(min(timed(way) for _ in range(5)) / size * 1e9)
        print(f"  {name:<36}" + "".join(f"{each:>14.2f}" for each in row), flush=True)


def _control_rules(n: int) -> Callable[[], object]:
    values = np.random.default_rng(1).standard_normal(n)
    series, run, level = np.arange(n) // 2_000, np.arange(n) // 2, np.arange(n) % 2
    return lambda: westgard.evaluate(values, 0.0, 1.0, series=series, run=run, level=level)


def _one_series(n: int) -> Callable[[], object]:
    values = np.random.default_rng(1).standard_normal(n)
    return lambda: westgard.evaluate(values, 0.0, 1.0)


def _moving(n: int) -> Callable[[], object]:
    values = np.random.default_rng(1).standard_normal((100, n // 100), dtype=np.float32)
    algorithms = [pbrtqc.Algorithm(statistic="mean", window=50), pbrtqc.Algorithm(statistic="ewma", weight=0.05)]
    return lambda: pbrtqc.flags(values, algorithms, [pbrtqc.Limits(-0.5, 0.5)] * 2)


def _grouped(n: int) -> tuple[np.ndarray, np.ndarray]:
    return np.round(np.random.default_rng(1).normal(100, 5, n), 2), np.arange(n) // 100


def _algorithm_a(n: int) -> Callable[[], object]:
    values, groups = _grouped(n)
    return lambda: iso13528.algorithm_a(values, groups=groups)


def _rounds(n: int) -> Callable[[], object]:
    values, groups = _grouped(n)
    return lambda: iso13528.score_rounds(values, groups=groups, sigma_pt=5.0)


def _q_method(n: int) -> Callable[[], object]:
    values, groups = _grouped(n)
    return lambda: iso13528.q_method(values, groups=groups)
