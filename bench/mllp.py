"""MLLP over 128 stop-and-wait connections: raw message and audit event are on disk before each answer.

The peer is the same listener with one commit a message. The load comes from a process of its own; listener and workers
are the processes of service, on a durable PostgreSQL. Rates are of messages of the work ORU of ../shared/bench (1.6 kB,
ten results). "Sustained" is the highest rate tried at which the backlog in the inbox did not grow.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bench.mllp_scene import ROOT, Scene, own_scene
from bench.timing import Table, shown

CONNECTIONS = 128
SECONDS = 10.0
WORKERS = 2
TARGET = 4.0
P99_SECONDS = 0.030
GROWTH = 1.2
_firsts = count(0, 20_000_000)


@dataclass(frozen=True, slots=True)
class Rate:
    """Messages acknowledged a second, and the times of their answers in seconds, in order."""

    per_second: float
    times: list[float]
    refused: int

    def quantile(self, part: float) -> float:
        return self.times[min(len(self.times) - 1, int(len(self.times) * part))]


def measure(table: Table) -> None:
    """Print the disk's sync rate, both ways to commit, and the rate that workers keep up with."""
    print(f"  the disk syncs {_syncs_per_second():,.0f} times a second (8 kB, fdatasync)")
    with own_scene() as scene:
        single = _received(scene, "--one-commit-a-message")
        shared = _received(scene)
        again = _received(scene, "--one-commit-a-message")
        base = (single.per_second + again.per_second) / 2
        _row(table, "one commit a message", Rate(base, single.times, single.refused))
        _row(table, "messages share commits", shared, shared.per_second / base, TARGET)
        p99 = shared.quantile(0.99)
        if p99 > P99_SECONDS:
            table.missed.append(f"MLLP: p99 of the answer {shown(p99)} instead of at most {shown(P99_SECONDS)}")
        stored = _stored_alone(scene)
        print(f"  {WORKERS} workers alone store {stored:,.0f} messages/s, {10 * stored:,.0f} results/s", flush=True)
        kept_up = _sustained(scene, highest=min(stored, shared.per_second))
        if kept_up is None:
            table.missed.append("MLLP with workers: no rate was found at which the backlog is flat")
        else:
            _row(table, "with workers, backlog flat", kept_up, kept_up.per_second / base, TARGET)


def measure_memory(table: Table, minutes: float) -> None:
    """Print how memory of listener and worker stays while messages arrive, and are stored, for so many minutes."""
    with own_scene() as scene:
        stored = _stored_alone(scene)
        _watch(table, scene, minutes, rate=0.7 * stored)


def soak(minutes: float, rate: float = 500.0) -> int:
    """Send at a rate for a long time; return 1 where memory grew, the backlog did, or a message was refused."""
    table = Table()
    with own_scene() as scene:
        _watch(table, scene, minutes, rate=rate)
    print("\n".join(table.missed) or "Memory and backlog stayed flat.")
    return int(bool(table.missed))


def _received(scene: Scene, *options: str) -> Rate:
    scene.empty()
    with scene.listening(*options) as (_, port):
        _load(port, 1.0)
        return _load(port, SECONDS)


def _load(port: int, seconds: float, *, rate: float = 0.0) -> Rate:
    with _sending(port, seconds, rate=rate) as sending:
        told = json.loads(sending.communicate()[0])
    return Rate(told["count"] / told["seconds"], told["times"], told["refused"])


@contextmanager
def _sending(port: int, seconds: float, *, rate: float) -> Iterator[subprocess.Popen[str]]:
    """Run a client beside this process; every message it sends is new."""
    numbers = (port, CONNECTIONS, seconds, rate, next(_firsts))
    command = [sys.executable, "-m", "bench.mllp_client", *(str(one) for one in numbers)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 — our own
        yield process


def _stored_alone(scene: Scene) -> float:
    """Let messages gather, then measure how many a second workers store with nothing else to do."""
    scene.empty()
    with scene.listening() as (_, port):
        _load(port, 3.0)
    with _working(scene):
        begin = _time_when_below(scene, scene.waiting())
        before = scene.waiting()
        end = _time_when_below(scene, before // 3)
        return (before - scene.waiting()) / (end - begin)


def _time_when_below(scene: Scene, number: int) -> float:
    """Wait until fewer messages wait, at most for some seconds, and return the time."""
    until = time.perf_counter() + 3 * SECONDS
    while scene.waiting() >= number and time.perf_counter() < until:
        time.sleep(0.1)
    return time.perf_counter()


def _sustained(scene: Scene, *, highest: float) -> Rate | None:
    """Halve the range of rates four times; a rate stands where the backlog at its end is less than a second's worth."""
    low, high, best = 0.0, highest, None
    for _ in range(4):
        tried = (low + high) / 2
        scene.empty()
        with scene.listening() as (_, port), _working(scene):
            _load(port, 3.0, rate=tried)
            _time_when_below(scene, 100)  # the workers have started by then
            begun = scene.waiting()
            found = _load(port, SECONDS, rate=tried)
            backlog = scene.waiting()
        is_flat = backlog <= begun + tried / 2 and found.per_second >= 0.9 * tried
        print(f"    tried {tried:,.0f}/s: {found.per_second:,.0f}/s came, {backlog:,} wait after it", flush=True)
        low, high, best = (tried, high, found) if is_flat else (low, tried, best)
    return best


@contextmanager
def _working(scene: Scene) -> Iterator[list[int]]:
    with ExitStack() as stack:
        yield [stack.enter_context(scene.running("work")).pid for _ in range(WORKERS)]


def _watch(table: Table, scene: Scene, minutes: float, *, rate: float) -> None:
    """Watch memory and backlog; the first sixth is for warming up."""
    seconds = 60 * minutes
    scene.empty()
    with scene.listening() as (listener, port), _working(scene) as workers:
        watched = {"listener": listener.pid, "worker": workers[0]}
        sizes: dict[str, list[int]] = {name: [] for name in watched}
        waiting: list[int] = []
        with _sending(port, seconds, rate=rate) as sending:
            begin = time.perf_counter()
            while time.perf_counter() - begin < seconds - 1:
                time.sleep(min(5.0, seconds / 60))
                waiting.append(scene.waiting())
                for name, process in watched.items():
                    sizes[name].append(_resident(process))
            told = json.loads(sending.communicate()[0])
    came = told["count"] / told["seconds"]
    print(f"  {minutes:g} minutes at {came:,.0f} of {rate:,.0f} messages/s, {told['refused']} refused")
    for name, values in sizes.items():
        warm = values[len(values) // 6 :]
        _judge(table, f"memory of the {name}", warm[0], max(warm))
    late = waiting[len(waiting) // 6 :]
    print(f"  backlog at most {max(late):,}, at the end {waiting[-1]:,}")
    if waiting[-1] > late[0] + 2 * rate:
        table.missed.append(f"backlog grew to {waiting[-1]:,} messages")
    if told["refused"]:
        table.missed.append(f"{told['refused']} messages were refused")


def _judge(table: Table, name: str, first: int, most: int) -> None:
    print(f"  {name}: {first >> 20} MB once warm, at most {most >> 20} MB, ratio {most / first:.2f} (at most {GROWTH})")
    if most > GROWTH * first:
        table.missed.append(f"{name} grew by a factor of {most / first:.2f}")


def _row(table: Table, name: str, rate: Rate, ratio: float | None = None, target: float | None = None) -> None:
    table.add(f"MLLP, {name}: time a message", 1 / rate.per_second, ratio, target)
    quantiles = ", ".join(f"p{part * 100:g} {shown(rate.quantile(part))}" for part in (0.5, 0.99))
    print(f"    {rate.per_second:,.0f} messages/s, answer {quantiles}, {rate.refused} refused", flush=True)


def _resident(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def _syncs_per_second() -> float:
    """Write and sync a block again and again for two seconds, where the database lies."""
    path = ROOT / ".data" / "sync"
    handle = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        os.write(handle, bytes(16 << 20))
        os.fdatasync(handle)
        begin, number = time.perf_counter(), 0
        while time.perf_counter() - begin < 2:
            os.pwrite(handle, b"x" * 8192, number % 2_000 * 8192)
            os.fdatasync(handle)
            number += 1
        return number / (time.perf_counter() - begin)
    finally:
        os.close(handle)
        path.unlink()


if __name__ == "__main__":
    sys.exit(soak(float(sys.argv[1])))
