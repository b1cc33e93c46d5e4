"""A branch is one place where resources of a kind stand, and how each condition is asked of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lienthong.core.timekey import first_key
from lienthong.results.reach import Reach
from lienthong.results.search.conditions import (
    ChangedSince,
    ChangedWithin,
    Comparison,
    Condition,
    HasCode,
    InTime,
    IsMissing,
    OfPatients,
    Within,
)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a statement that is true or false of a row, and its parameters."""

    sql: str
    parameters: tuple[object, ...] = ()


YES, NO = Part("TRUE"), Part("FALSE")
Asked = Callable[[Condition], Part]


@dataclass(frozen=True, slots=True)
class Branch:
    """`tables` with the rows that are meant by `holds`; the others are expressions over a row.

    `visible` says which rows may be read: all of a record that may be read whole, where `is_of_record`. `changed` and
    `date` are numbers by which hits are sorted: a time-ordered key, and microseconds since 1970. `asks` has a function
    for each parameter; a row has no value of any other. `has` says of parameters whether a row has a value of them,
    where their functions don't.

    `rows` says what else tells that a row changed, where `changed` is no key that was drawn when it was written: each
    is the alias of a row, and a test around `{}` in which it stands.
    """

    tables: str
    id: str
    record: str
    visible: Callable[[Reach], Part]
    changed: str
    date: str
    is_received: bool = False
    is_of_record: bool = True
    holds: str = "TRUE"
    asks: dict[str, Asked] = field(default_factory=dict)
    has: dict[str, Part] = field(default_factory=dict)
    other: Asked | None = None
    rows: tuple[tuple[str, str], ...] = ()

    def part(self, condition: Condition) -> Part:
        """Return what a condition asks of a row."""
        if isinstance(condition, OfPatients):
            own = Part(f"{self.record} = ANY(%s)", ([*condition.record_ids],))
            return any_of([own, self.other(condition)]) if self.other and condition.resources else own
        if isinstance(condition, ChangedWithin):
            return any_of([_key_within(self.changed, one) for one in condition.spans])
        if isinstance(condition, ChangedSince):
            return self._changed_since(condition)
        parameter = getattr(condition, "parameter", "_id")
        if isinstance(condition, IsMissing) and (has := self.has.get(parameter)):
            return negated(has) if condition.is_missing else has
        asked = self.asks.get(parameter) or self.other
        return asked(condition) if asked else _of_nothing(condition)

    def _changed_since(self, condition: ChangedSince) -> Part:
        """A key that was drawn in the transaction of the writing is never older than that transaction."""
        if not self.rows or condition.horizon is None:
            return Part(f"{self.changed} >= %s", (first_key(condition.at),))
        return any_of([_written_since(alias, test, condition) for alias, test in self.rows])


def _written_since(alias: str, test: str, condition: ChangedSince) -> Part:
    """Compare the transaction that wrote a row (xmin, 32 bits that begin anew) by its distance from the newest one.

    What is so old that its distance can't be told counts as new.
    """
    distance = f"mod(%s - {alias}.xmin::text::bigint + 2147483648, 4294967296) - 2147483648"
    far = condition.newest - (condition.horizon or 0)
    return Part(test.format(f"({distance} <= %s)"), (condition.newest, far))


def _of_nothing(condition: Condition) -> Part:
    """Answer for a parameter of which no row of a branch has a value."""
    if isinstance(condition, IsMissing):
        return YES if condition.is_missing else NO
    return YES if isinstance(condition, HasCode) and condition.is_negated else NO


def any_of(parts: Sequence[Part]) -> Part:
    return _joined(" OR ", parts, NO)


def all_of(parts: Sequence[Part]) -> Part:
    return _joined(" AND ", parts, YES)


def negated(part: Part) -> Part:
    """A row without a value is not what it is asked not to be."""
    return Part(f"(({part.sql}) IS NOT TRUE)", part.parameters)


def instant_within(column: str, condition: Condition) -> Part:
    """Compare a column that holds an instant with spans (R4, Search, date)."""
    if isinstance(condition, IsMissing):
        return Part(f"({column} IS NULL) = %s", (condition.is_missing,))
    if not isinstance(condition, InTime):
        return NO
    return any_of([_instant(column, one) for one in condition.spans])


def span_within(start: str, end: str, condition: Condition) -> Part:
    """Compare two columns that hold a half-open span with spans (R4, Search, date)."""
    if isinstance(condition, IsMissing):
        return Part(f"({start} IS NULL) = %s", (condition.is_missing,))
    if not isinstance(condition, InTime):
        return NO
    return any_of([_span(start, end, one) for one in condition.spans])


def _instant(column: str, one: Within) -> Part:
    return bounded(column, one.comparison, one.start, one.end)


def _key_within(column: str, one: Within) -> Part:
    """Compare a time-ordered key: the bounds are turned into keys."""
    return bounded(column, one.comparison, first_key(one.start), first_key(one.end))


def bounded(column: str, comparison: Comparison, start: object, end: object) -> Part:
    """Compare a column with what lies from `start` to before `end` (R4, Search, prefixes)."""
    inside = Part(f"({column} >= %s AND {column} < %s)", (start, end))
    if comparison in ("eq", "ap"):
        return inside
    if comparison == "ne":
        return negated(inside)
    sign, bound = {
        "gt": (">=", end),
        "sa": (">=", end),
        "ge": (">=", start),
        "lt": ("<", start),
        "eb": ("<", start),
        "le": ("<", end),
    }[comparison]
    return Part(f"{column} {sign} %s", (bound,))


def _span(start: str, end: str, one: Within) -> Part:
    # A span begins before it ends; said so, an index by its beginning knows where to stop.
    inside = Part(f"({start} >= %s AND {start} < %s AND {end} <= %s)", (one.start, one.end, one.end))
    above, below = Part(f"{end} > %s", (one.end,)), Part(f"{start} < %s", (one.start,))
    return {
        "eq": inside,
        "ne": negated(inside),
        "gt": above,
        "ge": any_of([above, inside]),
        "lt": below,
        "le": any_of([below, inside]),
        "sa": Part(f"{start} >= %s", (one.end,)),
        "eb": Part(f"{end} <= %s", (one.start,)),
        "ap": Part(f"({start} < %s AND {end} > %s)", (one.end, one.start)),
    }[one.comparison]


def _joined(word: str, parts: Sequence[Part], nothing: Part) -> Part:
    if not parts:
        return nothing
    if len(parts) == 1:
        return parts[0]
    return Part(f"({word.join(one.sql for one in parts)})", tuple(p for one in parts for p in one.parameters))
