"""Three-valued verdicts: what is not known is a third value, never read as yes and never as no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

Fact = str | int | float | None


class Verdict(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Gate(StrEnum):
    """The three questions that a reused result must answer, kept apart and logged apart."""

    MARK = "mark"
    WINDOW = "window"
    EXCEPTION = "exception"


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """One rule's verdict with the facts it read and the reference that asks for it.

    `gate` is None where a rule belongs to no gate: the rules of a grant, and the state of the result itself.
    `facts` are plain values for the pages to put into words; the function that makes the verdict documents them.
    `reference` is an id of the pack's references, "" where the policy holds nothing that the rule could rest on.
    """

    rule: str
    gate: Gate | None
    verdict: Verdict
    facts: Mapping[str, Fact]
    reference: str
    checked: bool
    example: bool


def verdict_of(condition: bool | None) -> Verdict:
    """Return YES or NO for what is known, UNKNOWN for None."""
    if condition is None:
        return Verdict.UNKNOWN
    return Verdict.YES if condition else Verdict.NO


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Return Kleene's conjunction: NO where one is NO, else UNKNOWN where one is, else YES (of none: YES)."""
    seen = set(verdicts)
    if Verdict.NO in seen:
        return Verdict.NO
    return Verdict.UNKNOWN if Verdict.UNKNOWN in seen else Verdict.YES


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Return Kleene's disjunction: YES where one is YES, else UNKNOWN where one is, else NO (of none: NO)."""
    seen = set(verdicts)
    if Verdict.YES in seen:
        return Verdict.YES
    return Verdict.UNKNOWN if Verdict.UNKNOWN in seen else Verdict.NO
