"""Control rules over series of control results (Levey–Jennings charts, Westgard rules)."""

from __future__ import annotations

from lienthong.metrology.westgard._evaluation import Evaluation, evaluate
from lienthong.metrology.westgard._grammar import MULTIRULE_N2, MULTIRULE_N3, STANDARD, WARNINGS, Rule, Scope, parse
from lienthong.metrology.westgard._state import Arrival, State

__all__ = [
    "MULTIRULE_N2",
    "MULTIRULE_N3",
    "STANDARD",
    "WARNINGS",
    "Arrival",
    "Evaluation",
    "Rule",
    "Scope",
    "State",
    "evaluate",
    "parse",
]
