"""Several ways to do one work, timed in turn so that a noisy neighbour meets all of them, and their ratios."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median

Way = Callable[[], object]
SHORT = 0.01


@dataclass(frozen=True, slots=True)
class Peer:
    """A way that others do it; ``target`` is how many times faster this library shall be, at least.

    Slow ones run on a part of the work: ``share`` is how much of it.
    """

    run: Way
    target: float | None = None
    share: float = 1.0
    repeats: int = 3


@dataclass(slots=True)
class Table:
    """Prints the rows of the report, and keeps what misses its target."""

    missed: list[str] = field(default_factory=list)

    def add(self, name: str, seconds: float, ratio: float | None = None, target: float | None = None) -> None:
        """Print a row at once; a ratio below 1 is printed as the part that it is."""
        times, wanted = _times(ratio), "" if target is None else f"at least {_times(target)}"
        print(f"  {name:<44} {shown(seconds):>12} {times:>12}  {wanted}", flush=True)
        if target is not None and (ratio is None or ratio < target):
            self.missed.append(f"{name}: {times} instead of {wanted}")


def _times(ratio: float | None) -> str:
    if ratio is None:
        return ""
    if ratio >= 1:
        return f"{ratio:,.1f}"
    return f"{ratio:.2f}" if ratio > 0.5 else f"1/{1 / ratio:.0f}"


def compare(table: Table, name: str, ours: Way, peers: Mapping[str, Peer], *, repeats: int = 9) -> float:
    """Time this library and its peers in turn; return this library's median in seconds.

    A ratio is that of medians. What takes less than a hundredth of a second is called several times in a row, as a
    program would that has many such works.
    """
    ours()
    own: list[float] = []
    taken: dict[str, list[float]] = {peer: [] for peer in peers}
    for turn in range(max(repeats, 1)):
        own.append(timed(ours))
        for peer, way in peers.items():
            if turn < way.repeats:
                taken[peer].append(timed(way.run) / way.share)
    table.add(f"{name}: here", median(own))
    for peer, way in peers.items():
        table.add(f"{name}: {peer}", median(taken[peer]), median(taken[peer]) / median(own), way.target)
    return median(own)


def timed(way: Way) -> float:
    """Return how many seconds a call takes."""
    begin = time.perf_counter()
    way()
    taken = time.perf_counter() - begin
    calls = int(SHORT / max(taken, 1e-9))
    if calls < 2:
        return taken
    begin = time.perf_counter()
    for _ in range(calls):
        way()
    return (time.perf_counter() - begin) / calls


def shown(seconds: float) -> str:
    """Return a time in the unit in which it reads best."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:,.2f} {unit}"
    return f"{seconds * 1e9:,.1f} ns"
