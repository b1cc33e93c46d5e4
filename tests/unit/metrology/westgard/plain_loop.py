"""The control rules as one reads them aloud: one result at a time, over whole tenths of an SD.

Slow and without arrays, so that the library's answer can be held against it. The z of a result is `tenths`/10; None
is a missing result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Result:
    at: int
    tenths: int | None
    series: int
    run: int
    level: int
    segment: int


def completed(rule: str, results: list[Result], at: int, *, inclusive: bool = False) -> list[int]:
    """Return the positions of the results in the violation that result `at` completes; empty if it completes none."""
    if results[at].tenths is None:
        return []
    name, across = rule.removesuffix("_across"), rule.endswith("_across")
    if name == "R_4s":
        return _opposite(up_to(results, at, within="run"), inclusive)
    if name == "R_4s_range":
        return _range(up_to(results, at, within="run"), inclusive)
    if name == "R_4s_consecutive":
        return _range(up_to(results, at, within="level")[-2:], inclusive)
    scope = "level"
    if across:
        scope = "run" if name.startswith("2_") or "of" in name else "series"
    before = up_to(results, at, within=scope)
    found = _judge(name, before, inclusive)
    levels = {result.level for result in before[-_length(name) :]}
    return [] if across and len(levels) < 2 else found


def up_to(results: list[Result], at: int, *, within: str) -> list[Result]:
    """Return the judged results of the sequence that `at` belongs to, in order, ending with it."""
    own = results[at]
    alike = [r for r in results if r.series == own.series and r.segment == own.segment]
    first_of_run: dict[int, int] = {}
    for result in alike:
        first_of_run.setdefault(result.run, result.at)
    if within == "level":
        chosen = [r for r in alike if r.level == own.level]
    else:
        chosen = [r for r in alike if within == "series" or r.run == own.run]
        chosen.sort(key=lambda r: (first_of_run[r.run], r.level, r.at))
    judged = [r for r in chosen if r.tenths is not None]
    return judged[: judged.index(own) + 1]


def _length(name: str) -> int:
    if name[-1] in "xT":
        return int(name[:-1])
    return int(name.split("_")[0].split("of")[-1])


def _judge(name: str, before: list[Result], inclusive: bool) -> list[int]:
    n = _length(name)
    if len(before) < n:
        return []
    last = before[-n:]
    tenths = [r.tenths or 0 for r in last]
    everyone = [r.at for r in last]
    if name.endswith("x"):
        return everyone if all(t > 0 for t in tenths) or all(t < 0 for t in tenths) else []
    if name.endswith("T"):
        pairs = list(pairwise(tenths))
        return everyone if all(a < b for a, b in pairs) or all(a > b for a, b in pairs) else []
    count, limit = name.split("_")
    is_beyond = _beyond(round(float(limit[:-1]) * 10), inclusive)
    for sign in (1, -1):
        out = [r.at for r in last if is_beyond(sign * (r.tenths or 0))]
        if "of" not in count and len(out) == n:
            return out
        if "of" in count and len(out) >= int(count.split("of")[0]) and (out[-1] == last[-1].at or len(before) == n):
            return out
    return []


def _range(before: list[Result], inclusive: bool) -> list[int]:
    last = before[-1]
    apart = [(abs((r.tenths or 0) - (last.tenths or 0)), r.at) for r in before]
    most, at = max(reversed(apart), key=lambda pair: pair[0])
    return [at, last.at] if (most >= 40 if inclusive else most > 40) else []


def _opposite(before: list[Result], inclusive: bool) -> list[int]:
    is_beyond = _beyond(20, inclusive)
    last = before[-1]
    for sign in (1, -1):
        if is_beyond(sign * (last.tenths or 0)):
            opposite = [r.at for r in before if is_beyond(-sign * (r.tenths or 0))]
            return [opposite[-1], last.at] if opposite else []
    return []


def _beyond(limit: int, inclusive: bool) -> Callable[[int], bool]:
    return (lambda t: t >= limit) if inclusive else (lambda t: t > limit)
