"""Control rules on one result at a time, as results arrive."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

from lienthong.metrology.westgard._grammar import STANDARD, Rule, Scope, parse_all
from lienthong.metrology.westgard._programs import ON_LIMIT, cut_of

Completes = Callable[["History", float], bool]


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the rules say of a result that arrived: its z score, the rules it completes a violation of."""

    z: float
    hits: frozenset[str]
    warned: bool
    rejected: bool


@dataclass(slots=True)
class History:
    """What came before in one sequence; each whole number holds a bit for each result, the newest lowest.

    ``sides`` holds for each limit who was beyond it above and below; ``steps`` who rose and who fell; ``same_level``
    who had the level of the one before.
    """

    length: int = 0
    sides: dict[float, list[int]] = field(default_factory=dict)
    steps: list[int] = field(default_factory=lambda: [0, 0])
    same_level: int = 0
    last: float = float("nan")
    step: float = float("nan")
    last_level: Hashable = None
    least: float = float("inf")
    most: float = float("-inf")

    def add(self, z: float, level: Hashable, cuts: tuple[float, ...], kept: int) -> None:
        self.length += 1
        for cut in cuts:
            sides = self.sides.get(cut)
            if sides is None:
                sides = self.sides[cut] = [0, 0]
            sides[0] = (sides[0] << 1 | (z > cut)) & kept
            sides[1] = (sides[1] << 1 | (z < -cut)) & kept
        step = self.step = z - self.last
        self.steps[0] = (self.steps[0] << 1 | (step > ON_LIMIT)) & kept
        self.steps[1] = (self.steps[1] << 1 | (step < -ON_LIMIT)) & kept
        self.same_level = (self.same_level << 1 | (self.length > 1 and level == self.last_level)) & kept
        self.last, self.last_level = z, level
        self.least = z if z < self.least else self.least
        self.most = z if z > self.most else self.most


class State:
    """The control rules' memory of one series: give it each result in turn.

    Parameters
    ----------
    rules : names
        As for `evaluate`.
    inclusive : bool
        Count a result exactly on a limit as beyond it.

    Raises
    ------
    ValueError
        For an unknown rule.

    Notes
    -----
    Results must come as they are judged by `evaluate`: run by run, in a run by rising level. What is said of a result
    then equals what `evaluate` says of it.

    References
    ----------
    J. O. Westgard, P. L. Barry, M. R. Hunt, T. Groth, "A multi-rule Shewhart chart for quality control in clinical
    chemistry", Clin. Chem. 27 (1981) 493–501. https://westgard.com/mltirule.htm

    Examples
    --------
    >>> from lienthong.metrology import westgard
    >>> state = westgard.State(rules=["1_2s", "2_2s", "R_4s"])
    >>> [sorted(state.update(value, 5.0, 0.2, run=run).hits) for run, value in enumerate([5.1, 5.5, 5.5, 4.9])]
    [[], ['1_2s'], ['1_2s', '2_2s'], []]
    """

    __slots__ = ("_cuts", "_kept", "_levels", "_number", "_rules", "_run", "_run_label", "_run_level", "_series")

    def __init__(self, rules: Iterable[str] = STANDARD, *, inclusive: bool = False) -> None:
        asked = parse_all(rules).values()
        self._rules = tuple((rule.name, rule.is_warning, rule.scope, _completes(rule, inclusive)) for rule in asked)
        self._cuts = {
            scope: tuple({cut_of(rule, inclusive=inclusive) for rule in asked if rule.scope is scope})
            for scope in Scope
        }
        self._kept = (1 << max(rule.n for rule in asked) + 1) - 1
        self._number = 0
        self.reset()

    def reset(self) -> None:
        """Begin every sequence anew: after calibration, a new lot, maintenance."""
        self._levels: dict[Hashable, History] = {}
        self._series = History()
        self._run = History()
        self._run_label: Hashable = None
        self._run_level: Hashable = None

    def update(
        self,
        value: float,
        mean: float,
        sd: float,
        *,
        run: Hashable = None,
        level: Hashable = None,
        excluded: bool = False,
    ) -> Arrival:
        """Return what the rules say of the next result.

        Parameters
        ----------
        value, mean, sd : numbers in one unit
            Result, target mean and standard deviation. nan is missing: the result is skipped.
        run, level : integers or strings
            Analytical run and level of control material; without `run` each result is a run of its own.
        excluded : bool
            Left out for a documented analytical reason: skipped.

        Returns
        -------
        Arrival
            ``z`` is nan where nothing was judged.

        Raises
        ------
        ValueError
            If a number is infinite, `sd` is not above 0, or the level falls within a run.
        """
        z = self._z(value, mean, sd)
        self._enter(run, level)
        if excluded or z != z:
            return Arrival(float("nan"), frozenset(), warned=False, rejected=False)
        lane = self._levels.get(level)
        if lane is None:
            lane = self._levels[level] = History()
        of = {Scope.LEVEL: lane, Scope.SERIES: self._series, Scope.RUN: self._run}
        for scope, cuts in self._cuts.items():
            if cuts:
                of[scope].add(z, level, cuts, self._kept)
        hit = [(name, warns) for name, warns, scope, completes in self._rules if completes(of[scope], z)]
        return Arrival(
            z,
            frozenset([name for name, _ in hit]),
            warned=any(warns for _, warns in hit),
            rejected=not all(warns for _, warns in hit),
        )

    def _z(self, value: float, mean: float, sd: float) -> float:
        for name, number in (("value", value), ("mean", mean), ("sd", sd)):
            if number in (float("inf"), float("-inf")):
                raise ValueError(f"{name} must be finite or nan, but got {number}")
        if sd <= 0:
            raise ValueError(f"sd must be greater than 0, but got {sd}")
        return (value - mean) / sd

    def _enter(self, run: Hashable, level: Hashable) -> None:
        self._number += 1
        label = ("result", self._number) if run is None else run
        if label != self._run_label:
            self._run, self._run_label = History(), label
        elif self._run_level is not None and level < self._run_level:  # type: ignore[operator]
            raise ValueError(f"level must not fall within a run, but {level!r} came after {self._run_level!r}")
        self._run_level = level


def _completes(rule: Rule, inclusive: bool) -> Completes:
    """Return the question whether the newest result of a history completes a violation of `rule`."""
    cut, window = cut_of(rule, inclusive=inclusive), (1 << rule.n) - 1
    forms: dict[str, Completes] = {
        "beyond": lambda of, z: window in (of.sides[cut][0] & window, of.sides[cut][1] & window),
        "some_beyond": lambda of, z: _some(of, rule, cut),
        "trend": lambda of, z: window >> 1 in (of.steps[0] & window >> 1, of.steps[1] & window >> 1),
        "opposite": lambda of, z: (z > cut and of.least < -cut) or (z < -cut and of.most > cut),
        "range": lambda of, z: max(of.most - z, z - of.least) > cut,
        "jump": lambda of, z: abs(of.step) > cut,
    }
    forms["one_side"] = forms["beyond"]
    asks = forms[rule.form]
    if not rule.is_across:
        return asks
    # All of one level is the business of the rule within a level.
    return lambda of, z: asks(of, z) and of.same_level & window >> 1 != window >> 1


def _some(of: History, rule: Rule, cut: float) -> bool:
    window = (1 << rule.n) - 1
    return of.length >= rule.n and any(
        (beyond & window).bit_count() >= rule.m and (beyond & 1 or of.length == rule.n) for beyond in of.sides[cut]
    )
