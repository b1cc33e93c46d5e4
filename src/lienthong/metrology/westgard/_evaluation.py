"""Evaluation of control results by control rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray, floats, numbers, read_only
from lienthong.metrology._compiled import in_parts
from lienthong.metrology.westgard import _judging
from lienthong.metrology.westgard._grammar import STANDARD, Rule, parse_all
from lienthong.metrology.westgard._members import members
from lienthong.metrology.westgard._order import Order, arranged
from lienthong.metrology.westgard._programs import Program, programs
from lienthong.metrology.westgard._targets import Targets, targets

PIECES = 4
MOST_IN_SET = 32


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Hits(Mapping[str, BoolArray]):
    """By rule, shaped like the values: True at the result that completes a violation; made when it is asked for."""

    _masks: NDArray[np.uint16]
    _bits: Mapping[str, tuple[int, int]]

    def __getitem__(self, rule: str) -> BoolArray:
        row, bit = self._bits[rule]
        return self.any_of(row, 1 << bit)

    def __iter__(self) -> Iterator[str]:
        return iter(self._bits)

    def __len__(self) -> int:
        return len(self._bits)

    def any_of(self, row: int, bits: int) -> BoolArray:
        hit: BoolArray = (self._masks[row] & np.uint16(bits)) != 0
        return hit

    def any(self, rules: Iterable[str]) -> BoolArray:
        """Return where at least one of the rules is hit."""
        together = [0] * self._masks.shape[0]
        for rule in rules:
            row, bit = self._bits[rule]
            together[row] |= 1 << bit
        found = self.any_of(0, together[0])
        for row, bits in enumerate(together[1:], start=1):
            found |= self.any_of(row, bits)
        return found

    def is_hit(self, rule: str, i: int) -> bool:
        row, bit = self._bits[rule]
        return bool(self._masks[row, i] >> bit & 1)

    def rows(self, rules: Iterable[str]) -> IntArray:
        """Return the positions, ascending, at which at least one of the rules is hit."""
        return np.flatnonzero(self.any(rules))

    def sets(self, rules: Iterable[str], positions: ArrayLike) -> NDArray[np.uint32]:
        """Return which of the rules, at most 32, are hit at each position: bit k is set for the k-th of them.

        Together with `rows` this gives all violations without an array as long as the values for each rule.

        Examples
        --------
        >>> from lienthong.metrology import westgard
        >>> rules = ("1_2s", "1_3s", "2_2s")
        >>> hits = westgard.evaluate([2.5, 0.1, 2.1, 3.2], 0, 1, rules=rules).hits
        >>> rows = hits.rows(rules)
        >>> rows.tolist()
        [0, 2, 3]
        >>> [[rule for k, rule in enumerate(rules) if found >> k & 1] for found in hits.sets(rules, rows).tolist()]
        [['1_2s'], ['1_2s'], ['1_2s', '1_3s', '2_2s']]
        """
        asked = tuple(rules)
        if len(asked) > MOST_IN_SET:
            raise ValueError(f"rules must be at most {MOST_IN_SET}, but are {len(asked)}")
        masks = self._masks[:, np.asarray(positions, dtype=np.intp)]
        found = np.zeros(masks.shape[1:], dtype=np.uint32)
        for k, rule in enumerate(asked):
            row, bit = self._bits[rule]
            found |= (masks[row] >> np.uint16(bit) & np.uint16(1)).astype(np.uint32) << np.uint32(k)
        return found


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Evaluation:
    """What the rules say of each result; all arrays are shaped like the values.

    ``hits`` gives for each rule where a result completes a violation. The evaluation looks at the values, means and
    SDs that it was given, and doesn't copy them.
    """

    hits: Hits
    _values: FloatArray
    _targets: Targets
    _excluded: BoolArray | None
    _rules: Mapping[str, Rule]
    _order: Order
    _inclusive: bool

    @property
    def z(self) -> FloatArray:
        """(value − mean)/SD; nan where nothing could be judged."""
        z = self._targets.z(self._values)
        return z if self._excluded is None else np.where(self._excluded, np.nan, z)

    @property
    def judged(self) -> BoolArray:
        """False where the value, its mean or its SD is missing, or the result is excluded."""
        return ~np.isnan(self.z)

    @property
    def warned(self) -> BoolArray:
        """True where a warning rule (1_2s, 1_2.5s) is hit."""
        return self.hits.any(name for name, rule in self._rules.items() if rule.is_warning)

    @property
    def rejected(self) -> BoolArray:
        """True where any other rule is hit."""
        return self.hits.any(name for name, rule in self._rules.items() if not rule.is_warning)

    def members(self, rule: str, i: int) -> IntArray:
        """Return positions of the results in the violation of `rule` that result `i` completes, oldest first.

        They are exactly as many as the rule asks for (the last ten of a stretch of thirteen, for ``10x``); of
        ``mofn`` rules, those of the window that are beyond the limit; of ``R_4s``, the result and the last one
        before it that is beyond the opposite limit; of ``R_4s_range``, the result and the one farthest from it, the
        later where two are as far. Empty where `i` completes no violation.

        Raises
        ------
        ValueError
            If `rule` was not evaluated.
        IndexError
            If there is no result `i`.
        """
        found = self.members_of(rule, [i])
        return found[found >= 0]

    def members_of(self, rule: str, positions: ArrayLike) -> IntArray:
        """Return the members of many violations of `rule`, shape (positions, n of the rule), as `members` has them.

        −1 stands for a result of the window of a ``mofn`` rule that is not beyond the limit, and fills the row of a
        position that completes no violation.

        Raises
        ------
        ValueError
            If `rule` was not evaluated.
        IndexError
            If there is no result at a position.

        Examples
        --------
        >>> from lienthong.metrology import westgard
        >>> found = westgard.evaluate([2.5, 2.1, 0.1, 3.2, 2.2], 0, 1, rules=["2_2s", "2of3_2s"])
        >>> found.members_of("2_2s", found.hits.rows(["2_2s"])).tolist()
        [[0, 1], [3, 4]]
        >>> found.members_of("2of3_2s", found.hits.rows(["2of3_2s"])).tolist()
        [[0, 1, -1], [1, -1, 3], [-1, 3, 4]]
        """
        if rule not in self._rules:
            raise ValueError(f"{rule!r} was not evaluated; evaluated were {', '.join(self._rules)}")
        asked = np.asarray(positions, dtype=np.intp)
        hit = self.hits.sets([rule], asked) != 0
        order, place = self._order.order, self._order.place
        places = asked[hit] % self._values.size if place is None else place[asked[hit]]
        found = np.full((asked.size, self._rules[rule].n), -1, dtype=np.intp)
        there = members(self._rules[rule], places, self._order, self._z_at, inclusive=self._inclusive)
        found[hit] = there if order is None else np.where(there < 0, -1, order[there])
        return found

    def _z_at(self, places: IntArray) -> FloatArray:
        """Return the z scores of places, nan where nothing could be judged."""
        positions = places if self._order.order is None else self._order.order[places]
        z = self._targets.z(self._values, positions)
        return z if self._excluded is None else np.where(self._excluded[positions], np.nan, z)


def evaluate(
    values: ArrayLike,
    mean: ArrayLike,
    sd: ArrayLike,
    *,
    series: ArrayLike | None = None,
    run: ArrayLike | None = None,
    level: ArrayLike | None = None,
    segment: ArrayLike | None = None,
    lot: ArrayLike | None = None,
    excluded: ArrayLike | None = None,
    rules: Iterable[str] = STANDARD,
    inclusive: bool = False,
) -> Evaluation:
    """Return which control results complete a violation of which control rule.

    Parameters
    ----------
    values : shape (n,), in the unit of `mean`
        Control results, in time order within a series; series may be mixed. nan is a missing result.
    mean, sd : one number, shape (n,), or shape (series, levels)
        Target mean and standard deviation of each result's control material and lot. nan: not judged. The last form
        needs `series` and `level` that count from 0.
    series, run, level : shape (n,), integers or strings
        What each result belongs to: the control chart of one measuring system, its analytical run (the same run, the
        same value within a series), its level of control material. Without `series` all are one series, without
        `run` each result is a run of its own, without `level` all are one level.
    segment : shape (n,)
        A count of the series' reset events (calibration, new lot, maintenance) at each result: where it changes,
        every sequence of the series begins anew. It may not return to an earlier value.
    lot : shape (n,), integers or strings
        Lot of control material of each result. Where the lot of a level changes, every sequence of the series begins
        anew.
    excluded : shape (n,), booleans
        Results left out for a documented analytical reason.
    rules : names
        ``n_ks`` n consecutive results beyond the same limit of k SD (1_3s, 2_2s, 4_1s); ``mofn_ks`` m of n
        consecutive results beyond the same limit (2of3_2s); ``nx`` n consecutive results on one side of the mean;
        ``nT`` n consecutive results strictly rising, or strictly falling, in z. Of R-4s three readings: ``R_4s`` one
        result of a run above +2 SD and another of the same run below −2 SD; ``R_4s_range`` two results of a run more
        than 4 SD apart; ``R_4s_consecutive`` two consecutive results more than 4 SD apart. Consecutive means within
        one level. With ``_across`` it means
        over the levels: for 2_ks and mofn_ks in one run, by level; for the others by run (in the order in which each
        first appears) and then by level. A violation across levels holds results of at least two levels.
    inclusive : bool
        Count a result exactly on a limit as beyond it. A result exactly on the mean breaks ``nx`` in any case.

    Returns
    -------
    Evaluation

    Raises
    ------
    ValueError
        For lengths that differ, an infinite value, an SD not above 0, a segment that returns, an unknown rule.

    Notes
    -----
    z = (value − mean)/SD. A result that is missing or excluded is skipped: it neither counts nor breaks a sequence.
    No rule judges fewer results than its n. A stretch longer than n is a violation at each further result. m of n
    is completed by a result beyond the limit, or by the one that fills the first n. A result within 1e-10 SD of a
    limit is on it. Later runs never change what was said of earlier ones. Results that stand by series, run and level
    are judged as they stand; others are sorted first, which costs several times as long.

    References
    ----------
    J. O. Westgard, P. L. Barry, M. R. Hunt, T. Groth, "A multi-rule Shewhart chart for quality control in clinical
    chemistry", Clin. Chem. 27 (1981) 493–501. https://westgard.com/mltirule.htm

    Examples
    --------
    Two levels, three runs; the second run has both levels above +2 SD, the third has them on opposite sides.

    >>> from lienthong.metrology import westgard
    >>> found = westgard.evaluate(
    ...     [5.1, 12.0, 5.5, 14.5, 4.5, 14.2], [5, 12, 5, 12, 5, 12], [0.2, 1, 0.2, 1, 0.2, 1],
    ...     run=[1, 1, 2, 2, 3, 3], level=[1, 2, 1, 2, 1, 2],
    ... )
    >>> {rule: hit.nonzero()[0].tolist() for rule, hit in found.hits.items() if hit.any()}
    {'1_2s': [2, 3, 4, 5], '2_2s': [5], '2_2s_across': [3], 'R_4s': [5]}
    >>> found.members("R_4s", 5).tolist()
    [4, 5]
    """
    asked = parse_all(rules)
    array = numbers("values", values)
    left_out = _left_out(excluded, array.size)
    aims = targets(array.size, mean, sd, series=series, level=level)
    order = arranged(array.size, series=series, run=run, level=level, segment=segment, lot=lot)
    batches = programs(asked, inclusive=inclusive)
    masks = _judge(array, aims, left_out, order, batches)
    bits = {name: (row, bit) for row, batch in enumerate(batches) for bit, name in enumerate(batch.names)}
    return Evaluation(
        hits=Hits(masks, bits),
        _values=array,
        _targets=aims,
        _excluded=left_out,
        _rules=asked,
        _order=order,
        _inclusive=inclusive,
    )


def _left_out(excluded: ArrayLike | None, n: int) -> BoolArray | None:
    if excluded is None:
        return None
    left_out = np.asarray(excluded)
    if left_out.dtype != np.bool_ or left_out.shape != (n,):
        raise ValueError(f"excluded must be {n} booleans, but got {left_out.dtype} of shape {left_out.shape}")
    return left_out


def _judge(
    values: FloatArray, aims: Targets, excluded: BoolArray | None, order: Order, batches: list[Program]
) -> NDArray[np.uint16]:
    masks = np.empty((len(batches), values.size), dtype=np.uint16)
    left_out = np.empty(0, dtype=np.bool_) if excluded is None else np.ascontiguousarray(excluded)
    homes = aims.homes(order.starts, order.order)
    at = order.order
    if at is not None:
        values, aims = read_only(values[at]), aims.taken(at)
        left_out = left_out[at] if left_out.size else left_out
    for batch, found in zip(batches, masks, strict=True):
        mask = found if at is None else np.empty_like(found)
        possible = in_parts(
            _judging.judge,
            order.pieces.shape[0],
            order.pieces,
            homes,
            values,
            aims.mean,
            aims.sd,
            aims.spread,
            aims.columns,
            order.links,
            read_only(left_out),
            batch.cuts,
            batch.table,
            mask,
            at_least=PIECES,
        )
        if not all(possible):
            floats("values", values)
            aims.check()
        if at is not None:
            found[at] = mask
    return masks
