"""Names of control rules: what each name asks for, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

ALLOWED = (
    "n_ks (1_3s, 2_2s, 4_1s), mofn_ks (2of3_2s), nx (10x), each also with _across; nT (7T); R_4s, R_4s_range, "
    "R_4s_consecutive; a single result (1_ks) and a trend (nT) have no _across"
)
WARNINGS = frozenset({"1_2s", "1_2.5s"})

# The multirule procedures for two and for three controls a run: 1_2s warns, the others reject.
MULTIRULE_N2 = ("1_2s", "1_3s", "2_2s", "2_2s_across", "R_4s", "4_1s", "4_1s_across", "10x", "10x_across")
STANDARD = MULTIRULE_N2
MULTIRULE_N3 = ("1_2s", "1_3s", "2of3_2s_across", "R_4s", "3_1s_across", "3_1s", "12x_across")

_NUMBER = r"[1-9]\d*"
_LIMIT = r"\d+(?:\.\d+)?"
_FORMS = (
    ("beyond", re.compile(rf"(?P<n>{_NUMBER})_(?P<k>{_LIMIT})s(?P<across>_across)?")),
    ("some_beyond", re.compile(rf"(?P<m>{_NUMBER})of(?P<n>{_NUMBER})_(?P<k>{_LIMIT})s(?P<across>_across)?")),
    ("one_side", re.compile(rf"(?P<n>{_NUMBER})x(?P<across>_across)?")),
    ("trend", re.compile(rf"(?P<n>{_NUMBER})T")),
    ("opposite", re.compile(r"R_4s")),
    ("range", re.compile(r"R_4s_range")),
    ("jump", re.compile(r"R_4s_consecutive")),
)
_FEWEST = {"beyond": 1, "some_beyond": 3, "one_side": 2, "trend": 3, "opposite": 2, "range": 2, "jump": 2}
_LIMITS = {"one_side": 0.0, "trend": 0.0, "opposite": 2.0, "range": 4.0, "jump": 4.0}


class Scope(Enum):
    """Which results follow one another."""

    LEVEL = "one level of a series"
    SERIES = "all levels of a series, by run and then by level"
    RUN = "all levels of one run"


@dataclass(frozen=True, slots=True)
class Rule:
    """A control rule: `m` of `n` results of a `scope` beyond `k` SD, on one side, or in a trend."""

    name: str
    form: str
    n: int
    m: int
    k: float
    scope: Scope

    @property
    def is_warning(self) -> bool:
        """Whether it warns and doesn't reject."""
        return self.name in WARNINGS

    @property
    def is_across(self) -> bool:
        """Whether it goes over the levels."""
        return self.name.endswith("_across")


def parse_all(names: Iterable[str]) -> dict[str, Rule]:
    """Return the rules by name, in the order given; one string instead of several raises TypeError."""
    if isinstance(names, str):
        raise TypeError(f"rules must be several names, but got one string, {names!r}")
    rules = {name: parse(name) for name in names}
    if not rules:
        raise ValueError(f"rules must name at least one rule: {ALLOWED}")
    return rules


def parse(name: str) -> Rule:
    """Return the control rule that a name asks for.

    Parameters
    ----------
    name : str
        ``n_ks``, ``mofn_ks``, ``nx``, each also with ``_across``; ``nT``; ``R_4s``, ``R_4s_range``,
        ``R_4s_consecutive``.

    Returns
    -------
    Rule

    Raises
    ------
    ValueError
        If the name asks for no rule; the message says what is allowed.

    Notes
    -----
    Names are written as J. O. Westgard writes them, without the hyphen and with the scope where it matters.

    References
    ----------
    https://westgard.com/mltirule.htm

    Examples
    --------
    >>> from lienthong.metrology import westgard
    >>> rule = westgard.parse("2of3_2s_across")
    >>> rule.m, rule.n, rule.k, rule.scope.value
    (2, 3, 2.0, 'all levels of one run')
    """
    for form, pattern in _FORMS:
        match = pattern.fullmatch(name)
        if match:
            return _checked(name, form, match.groupdict())
    raise ValueError(f"{name!r} is not a control rule; allowed are {ALLOWED}")


def _checked(name: str, form: str, parts: dict[str, str | None]) -> Rule:
    n = int(parts.get("n") or _FEWEST[form])
    m = int(parts.get("m") or n)
    k = _LIMITS[form] if form in _LIMITS else float(parts.get("k") or 0)
    across = bool(parts.get("across"))
    if n < _FEWEST[form]:
        raise ValueError(f"{name!r} needs at least {_FEWEST[form]} results; allowed are {ALLOWED}")
    if form == "some_beyond" and not 2 <= m < n:
        raise ValueError(f"{name!r} must ask for at least 2 and fewer than all of {n}; allowed are {ALLOWED}")
    if form in ("beyond", "some_beyond") and k == 0:
        raise ValueError(f"{name!r} needs a limit above 0 SD; on one side of the mean is {n}x")
    if across and n == 1:
        raise ValueError(f"{name!r} looks at one result and can't go across levels; allowed are {ALLOWED}")
    return Rule(name=name, form=form, n=n, m=m, k=k, scope=_scope(form, n, across))


def _scope(form: str, n: int, across: bool) -> Scope:
    if form in ("opposite", "range"):
        return Scope.RUN
    if not across:
        return Scope.LEVEL
    # Two of the same run is the published reading of 2-2s and 2of3-2s; the longer ones go on from run to run.
    return Scope.RUN if form == "some_beyond" or (form == "beyond" and n == 2) else Scope.SERIES
