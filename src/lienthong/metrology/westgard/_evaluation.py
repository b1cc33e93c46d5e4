"""Evaluation of control results by control rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from lienthong.metrology._arrays import BoolArray, FloatArray, IntArray, flat, floats, like, positive
from lienthong.metrology.westgard import _judge
from lienthong.metrology.westgard._grammar import Rule, Scope, parse_all
from lienthong.metrology.westgard._sequences import Sequence, keys, sequence

STANDARD = ("1_2s", "1_3s", "2_2s", "2_2s_across", "R_4s", "4_1s", "4_1s_across", "10x", "10x_across")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Evaluation:
    """What the rules say of each result; all arrays are shaped like the values.

    Attributes
    ----------
    z : (value − mean)/SD; nan where nothing could be judged.
    judged : False where the value, its mean or its SD is missing, or the result is excluded.
    hits : by rule, True at the result that completes a violation.
    warned : True where a warning rule (1_2s, 1_2.5s) is hit.
    rejected : True where any other rule is hit.
    """

    z: FloatArray
    judged: BoolArray
    hits: Mapping[str, BoolArray]
    warned: BoolArray
    rejected: BoolArray
    _rules: Mapping[str, Rule]
    _sequences: Mapping[Scope, Sequence]
    _inclusive: bool

    def members(self, rule: str, i: int) -> IntArray:
        """Return positions of the results in the violation of `rule` that result `i` completes, oldest first.

        They are exactly as many as the rule asks for (the last ten of a stretch of thirteen, for ``10x``); of
        ``mofn`` rules, those of the window that are beyond the limit; of ``R_4s``, the result and the last one
        before it that is beyond the opposite limit. Empty where `i` completes no violation.

        Raises
        ------
        ValueError
            If `rule` was not evaluated.
        IndexError
            If there is no result `i`.
        """
        if rule not in self._rules:
            raise ValueError(f"{rule!r} was not evaluated; evaluated were {', '.join(self._rules)}")
        if not self.hits[rule][i]:
            return np.empty(0, dtype=np.intp)
        asked = self._rules[rule]
        within = self._sequences[asked.scope]
        return _judge.members(asked, within, int(within.place[i]), inclusive=self._inclusive)


def evaluate(
    values: ArrayLike,
    mean: ArrayLike,
    sd: ArrayLike,
    *,
    series: ArrayLike | None = None,
    run: ArrayLike | None = None,
    level: ArrayLike | None = None,
    segment: ArrayLike | None = None,
    excluded: ArrayLike | None = None,
    rules: Iterable[str] = STANDARD,
    inclusive: bool = False,
) -> Evaluation:
    """Return which control results complete a violation of which control rule.

    Parameters
    ----------
    values : shape (n,), in the unit of `mean`
        Control results, in time order within a series; series may be mixed. nan is a missing result.
    mean, sd : one number, or shape (n,)
        Target mean and standard deviation of each result's control material and lot. nan: not judged.
    series, run, level : shape (n,), integers or strings
        What each result belongs to: the control chart of one measuring system, its analytical run (the same run, the
        same value within a series), its level of control material. Without `series` all are one series, without
        `run` each result is a run of its own, without `level` all are one level.
    segment : shape (n,)
        A count of the series' reset events (calibration, new lot, maintenance) at each result: where it changes,
        every sequence of the series begins anew. It may not return to an earlier value.
    excluded : shape (n,), booleans
        Results left out for a documented analytical reason.
    rules : names
        ``n_ks`` n consecutive results beyond the same limit of k SD (1_3s, 2_2s, 4_1s); ``mofn_ks`` m of n
        consecutive results beyond the same limit (2of3_2s); ``nx`` n consecutive results on one side of the mean;
        ``nT`` n consecutive results strictly rising, or strictly falling, in z; ``R_4s`` one result of a run above
        +2 SD and another of the same run below −2 SD. Consecutive means within one level. With ``_across`` it means
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
    limit is on it. Later runs never change what was said of earlier ones.

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
    z = _z(values, mean, sd, excluded)
    by = keys(z.size, series=series, run=run, level=level, segment=segment)
    judged = ~np.isnan(z)
    sequences = {scope: sequence(scope, z=z, judged=judged, by=by) for scope in _scopes(asked)}
    hits = {name: _hits(rule, sequences[rule.scope], z.size, inclusive) for name, rule in asked.items()}
    return Evaluation(
        z=z,
        judged=judged,
        hits=MappingProxyType(hits),
        warned=_any([hits[name] for name, rule in asked.items() if rule.is_warning], z.size),
        rejected=_any([hits[name] for name, rule in asked.items() if not rule.is_warning], z.size),
        _rules=MappingProxyType(asked),
        _sequences=MappingProxyType(sequences),
        _inclusive=inclusive,
    )


def _z(values: ArrayLike, mean: ArrayLike, sd: ArrayLike, excluded: ArrayLike | None) -> FloatArray:
    array = flat("values", values)
    z = (array - like("mean", floats("mean", mean), array.shape)) / like("sd", positive("sd", sd), array.shape)
    if excluded is None:
        return z
    left_out = np.asarray(excluded)
    if left_out.dtype != np.bool_ or left_out.shape != z.shape:
        raise ValueError(f"excluded must be {z.size} booleans, but got {left_out.dtype} of shape {left_out.shape}")
    return np.where(left_out, np.nan, z)


def _scopes(rules: Mapping[str, Rule]) -> list[Scope]:
    return list(dict.fromkeys(rule.scope for rule in rules.values()))


def _hits(rule: Rule, within: Sequence, n: int, inclusive: bool) -> BoolArray:
    hit = np.zeros(n, dtype=np.bool_)
    hit[within.order] = _judge.completes(rule, within, inclusive=inclusive)
    return hit


def _any(hits: list[BoolArray], n: int) -> BoolArray:
    return np.any(hits, axis=0) if hits else np.zeros(n, dtype=np.bool_)
