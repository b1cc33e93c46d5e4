"""Control rules over series of control results (Levey–Jennings charts, Westgard rules)."""

from __future__ import annotations

from lienthong.metrology.westgard._evaluation import STANDARD, Evaluation, evaluate
from lienthong.metrology.westgard._grammar import WARNINGS, Rule, Scope, parse

__all__ = ["STANDARD", "WARNINGS", "Evaluation", "Rule", "Scope", "evaluate", "parse"]
