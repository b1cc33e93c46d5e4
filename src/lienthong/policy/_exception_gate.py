"""The third gate: does an exception apply, so that a repeat is justified from the start?

The rules, and the facts each verdict carries; `hard_stop` says whether the earlier result must not be reused at all:

no_emergency    exception (code), patient_class, hard_stop
no_exception    exception (code; None where none applies or none is known), hard_stop
"""

from __future__ import annotations

from collections.abc import Iterator

from lienthong.policy._facts import Encounter
from lienthong.policy._policy import Policy
from lienthong.policy._values import ExceptionReason, ruling
from lienthong.policy._verdict import Fact, Gate, RuleVerdict, Verdict, verdict_of


def exception_rules(encounter: Encounter, *, policy: Policy) -> Iterator[RuleVerdict]:
    """Yield the verdicts on the encounter's class and purposes; what isn't known is never read as no exception."""
    reasons = policy.exceptions
    for reason in reasons:
        if reason.automatic == "emergency":
            yield _no_emergency(encounter, reason)
    if encounter.purposes is None:
        yield from (_verdict(Verdict.UNKNOWN, reason) for reason in reasons if reason.automatic == "purpose")
    else:
        yield from _known_purposes(encounter.purposes, {reason.code: reason for reason in reasons})


def _no_emergency(encounter: Encounter, reason: ExceptionReason) -> RuleVerdict:
    known = None if encounter.patient_class is None else encounter.patient_class != "emergency"
    facts: dict[str, Fact] = {
        "exception": reason.code,
        "patient_class": encounter.patient_class,
        "hard_stop": reason.hard_stop,
    }
    return ruling("no_emergency", verdict_of(known), reason.source, gate=Gate.EXCEPTION, facts=facts)


def _known_purposes(purposes: frozenset[str], reasons: dict[str, ExceptionReason]) -> Iterator[RuleVerdict]:
    for code in sorted(purposes):
        if code in reasons:
            yield _verdict(Verdict.NO, reasons[code])
        else:  # the policy doesn't know the code, so nobody can say that no exception applies
            yield _unknown_code(code)
    if not purposes:
        asked = next((reason for reason in reasons.values() if reason.automatic == "purpose"), None)
        none_applies: dict[str, Fact] = {"exception": None, "hard_stop": False}
        source = asked.source if asked else None
        yield ruling("no_exception", Verdict.YES, source, gate=Gate.EXCEPTION, facts=none_applies)


def _unknown_code(code: str) -> RuleVerdict:
    facts: dict[str, Fact] = {"exception": code, "hard_stop": False}
    return ruling("no_exception", Verdict.UNKNOWN, None, gate=Gate.EXCEPTION, facts=facts)


def _verdict(verdict: Verdict, reason: ExceptionReason) -> RuleVerdict:
    facts: dict[str, Fact] = {"exception": reason.code, "hard_stop": reason.hard_stop}
    return ruling("no_exception", verdict, reason.source, gate=Gate.EXCEPTION, facts=facts)
