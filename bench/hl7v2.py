"""Work ORU: result messages of 2.3 kB and 10 observations, from bytes to typed results, on one core.

`read_results` beside two packages that take messages apart, and the limits: parting lines, and parting all down to
components. Each repeat reads messages that were not read before, so that nothing but what laboratories do repeat
(codes, units, instruments, some numbers) is remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle, islice

import hl7
import hl7conv2

from bench.timing import Peer, Table, compare
from bench.works import works
from lienthong.interop.hl7v2 import OruMessage, read_results

MESSAGES = 2_000
SEEDS = range(29, 34)


def ours(messages: Iterator[bytes]) -> None:
    """Read each message to typed results."""
    for data in messages:
        read_results(data)


def lines(messages: Iterator[bytes]) -> None:
    """Part each message into lines, and do nothing else."""
    for data in messages:
        data.decode().split("\r")


def components(messages: Iterator[bytes]) -> None:
    """Part each message down to components, and do nothing else."""
    for data in messages:
        [[field.split("^") for field in line.split("|")] for line in data.decode().split("\r")]


def hl7_(messages: Iterator[bytes]) -> None:
    """Parse each message with python-hl7 and touch every value that it holds."""
    for data in messages:
        for segment in hl7.parse(data.decode()):
            _touch(segment)


def _touch(element: object) -> None:
    if isinstance(element, list):
        for part in element:
            _touch(part)
    else:
        str(element)


def hl7conv2_(messages: Iterator[bytes]) -> None:
    """Convert each message to what hl7conv2 calls JSON: a list of segments, escape sequences undone."""
    for data in messages:
        len(hl7conv2.Hl7Json(data.decode(), escaping_enabled=True).hl7_json)


def measure(table: Table) -> None:
    """Print how the ways compare on `oru(2_000)`."""
    found = [[message.encode() for message in works().oru(MESSAGES, seed=seed)] for seed in SEEDS]
    print(f"  {_check(found[0]):,} observations with a number in the {MESSAGES:,} messages of the work")
    every = cycle([data for messages in found for data in messages])

    def way(read: Callable[[Iterator[bytes]], None], share: float = 1.0) -> Callable[[], None]:
        return lambda: read(islice(every, int(MESSAGES * share)))

    peers = {
        "hl7, every value touched": Peer(way(hl7_, 0.05), target=80, share=0.05, repeats=9),
        "hl7conv2": Peer(way(hl7conv2_, 0.25), target=9, share=0.25, repeats=9),
        "limit: all parted to components": Peer(way(components), repeats=9),
        "limit: lines parted": Peer(way(lines), repeats=9),
    }
    seconds = compare(table, f"ORU, {MESSAGES:,} messages", way(ours), peers, repeats=9)
    print(f"  {MESSAGES / seconds:,.0f} messages/s to typed results")


def _check(messages: list[bytes]) -> int:
    """Return how many observations have their number, unit, code and times; all of them, or AssertionError."""
    read = [read_results(data) for data in messages]
    results = [oru for oru, _ in read if isinstance(oru, OruMessage)]
    assert len(results) == len(messages)  # noqa: S101
    found = [one for oru in results for order in oru.orders for one in order.observations]
    whole = [one for one in found if one.number is not None and one.unit and one.observed_at and one.analysed_at]
    assert len(whole) == 10 * len(messages)  # noqa: S101
    return len(whole)
