"""Which results break which rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from lienthong.cli.qc.reading import Controls
from lienthong.cli.qc.targets import Targets
from lienthong.cli.qc.warming import NARROW
from lienthong.errors import BadInput
from lienthong.findings import Finding

if TYPE_CHECKING:
    from lienthong.metrology.westgard import Evaluation

T = TypeVar("T", bound=np.generic)
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """The results that complete a violation, by their rows in the file's order, counted from 0 and ascending.

    Bit k of `bits` says that rule k is hit; `warnings` are the bits of the warning rules. `judged` is None where every
    result was judged. `members` gives the rows of the members of all violations of a rule, oldest first, shape
    (violations, n of the rule); −1 stands for none.
    """

    rules: tuple[str, ...]
    warnings: int
    rows: IntArray
    bits: NDArray[np.uint32]
    judged: BoolArray | None
    members: Callable[[str], IntArray]

    def hit(self, rule: str) -> BoolArray:
        """Return which of the rows hit the rule."""
        return (self.bits >> np.uint32(self.rules.index(rule)) & np.uint32(1)) != 0

    @property
    def rejected(self) -> BoolArray:
        """Which of the rows are rejected; the others are warnings."""
        return (self.bits & ~np.uint32(self.warnings)) != 0


def judge(controls: Controls, targets: Targets, *, rules: Sequence[str], inclusive: bool) -> Judgement:
    """Judge the results by `westgard.evaluate`, by series and time; BadInput where it refuses the table."""
    from lienthong.metrology import westgard

    try:
        found = _evaluated(controls, targets, rules=rules, inclusive=inclusive)
    except ValueError as error:  # what only the whole table shows: a segment that returns, too many levels
        raise BadInput([Finding(controls.table.name, "cannot-be-judged", str(error))]) from error
    at = found.hits.rows(rules)
    rows = at
    if controls.order is not None:
        rows = controls.order[at]
        sorting = np.argsort(rows)
        at, rows = at[sorting], rows[sorting]
    bits = found.hits.sets(rules, at)

    def members(rule: str) -> IntArray:
        there = found.members_of(rule, at[(bits >> np.uint32(rules.index(rule)) & np.uint32(1)) != 0])
        return there if controls.order is None else np.where(there < 0, -1, controls.order[there])

    return Judgement(
        rules=tuple(rules),
        warnings=sum(1 << k for k, rule in enumerate(rules) if westgard.parse(rule).is_warning),
        rows=rows,
        bits=bits,
        judged=_judged(controls, targets, found),
        members=members,
    )


def _evaluated(controls: Controls, targets: Targets, *, rules: Sequence[str], inclusive: bool) -> Evaluation:
    from lienthong.metrology import westgard

    order = controls.order

    def ordered(column: NDArray[T]) -> NDArray[T]:
        return column if order is None else column[order]

    def labels(key: str, column: NDArray[np.integer] | None) -> NDArray[np.integer] | None:
        return None if column is None else ordered(_narrow(column, NARROW[key]))

    return westgard.evaluate(
        ordered(controls.values),
        ordered(targets.mean),
        ordered(targets.sd),
        **{key: labels(key, controls.codes(key)) for key in ("run", "level", "segment", "lot")},
        series=labels("series", controls.series),
        excluded=None if controls.excluded is None else ordered(controls.excluded),
        rules=rules,
        inclusive=inclusive,
    )


def _narrow(codes: NDArray[np.integer], kind: str) -> NDArray[np.integer]:
    """Return the codes as integers of a narrow kind, if they fit: less to read, and the kind that is warm."""
    if codes.dtype == kind or not codes.size:
        return codes
    narrow = codes.astype(kind)
    return narrow if (narrow == codes).all() else codes


def _judged(controls: Controls, targets: Targets, found: Evaluation) -> BoolArray | None:
    """Return which results were judged, in the file's order; None, without a look at each, where all were."""
    with np.errstate(over="ignore", invalid="ignore"):
        is_whole = not any(np.isnan(column.sum()) for column in (controls.values, targets.mean, targets.sd))
    if is_whole and controls.excluded is None:
        return None
    judged = found.judged
    if controls.order is None:
        return judged
    in_file = np.empty_like(judged)
    in_file[controls.order] = judged
    return in_file
