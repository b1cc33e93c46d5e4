"""How verdicts are kept beside a grant or an order line, and read back as they were given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TypedDict

from lienthong.policy import (
    CandidateVerdict,
    Difference,
    Fact,
    Gate,
    MarkHeld,
    Outcome,
    RuleVerdict,
    Verdict,
)


class RuleJson(TypedDict):
    rule: str
    gate: str | None
    verdict: str
    facts: dict[str, Fact]
    reference: str
    checked: bool
    example: bool


class MarkJson(TypedDict):
    mark: str
    scope: list[str]
    grant_id: int


class CandidateJson(TypedDict):
    result_id: int
    version: int
    status: str
    outcome: str
    until: str | None
    clinician_judges: bool
    facility: str
    collected_at: str | None
    measured_at: str | None
    iqc_state: str
    iqc_held: bool
    marks: list[MarkJson]
    gates: dict[str, str]
    rules: list[RuleJson]
    difference: dict[str, float | int | str | None] | None


@dataclass(frozen=True, slots=True)
class CandidateFacts:
    """One earlier result as it was judged: what it carried, every rule's verdict, and what the gates said."""

    result_id: int
    version: int
    status: str
    outcome: Outcome
    until: dt.datetime | None
    clinician_judges: bool
    facility: str
    collected_at: dt.datetime | None
    measured_at: dt.datetime | None
    iqc_state: str
    iqc_held: bool
    marks: tuple[MarkHeld, ...]
    gates: Mapping[Gate, Verdict]
    rules: tuple[RuleVerdict, ...]
    difference: Difference | None

    @property
    def unsettled(self) -> tuple[RuleVerdict, ...]:
        """The rules whose question is open: an answer could still make the result stand."""
        return tuple(rule for rule in self.rules if rule.verdict is Verdict.UNKNOWN)


def rules_json(rules: Iterable[RuleVerdict]) -> list[RuleJson]:
    """Return rules as JSON holds them."""
    return [
        RuleJson(
            rule=rule.rule,
            gate=rule.gate.value if rule.gate else None,
            verdict=rule.verdict.value,
            facts=dict(rule.facts),
            reference=rule.reference,
            checked=rule.checked,
            example=rule.example,
        )
        for rule in rules
    ]


def read_rules(kept: Sequence[RuleJson]) -> tuple[RuleVerdict, ...]:
    """Return the rules that JSON holds."""
    return tuple(
        RuleVerdict(
            rule=rule["rule"],
            gate=Gate(rule["gate"]) if rule["gate"] else None,
            verdict=Verdict(rule["verdict"]),
            facts=rule["facts"],
            reference=rule["reference"],
            checked=rule["checked"],
            example=rule["example"],
        )
        for rule in kept
    )


def candidate_json(judged: CandidateVerdict) -> CandidateJson:
    """Return a candidate as JSON holds it."""
    result = judged.result
    return CandidateJson(
        result_id=result.result_id,
        version=result.version,
        status=result.status,
        outcome=judged.outcome.value,
        until=_written(judged.until),
        clinician_judges=judged.clinician_judges,
        facility=result.producer.facility,
        collected_at=_written(result.collected_at),
        measured_at=_written(result.measured_at),
        iqc_state=result.iqc_state,
        iqc_held=result.iqc_held,
        marks=[MarkJson(mark=one.mark, scope=sorted(one.scope), grant_id=one.grant_id) for one in result.marks],
        gates={gate.value: verdict.value for gate, verdict in judged.gates.items()},
        rules=rules_json(judged.rules),
        difference=asdict(result.difference) if result.difference else None,
    )


def read_candidate(kept: CandidateJson) -> CandidateFacts:
    """Return the candidate that JSON holds."""
    return CandidateFacts(
        result_id=kept["result_id"],
        version=kept["version"],
        status=kept["status"],
        outcome=Outcome(kept["outcome"]),
        until=_read(kept["until"]),
        clinician_judges=kept["clinician_judges"],
        facility=kept["facility"],
        collected_at=_read(kept["collected_at"]),
        measured_at=_read(kept["measured_at"]),
        iqc_state=kept["iqc_state"],
        iqc_held=kept["iqc_held"],
        marks=tuple(MarkHeld(one["mark"], frozenset(one["scope"]), one["grant_id"]) for one in kept["marks"]),
        gates={Gate(gate): Verdict(verdict) for gate, verdict in kept["gates"].items()},
        rules=read_rules(kept["rules"]),
        difference=Difference(**kept["difference"]) if kept["difference"] else None,  # type: ignore[arg-type]  # as written
    )


def _written(instant: dt.datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _read(written: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(written) if written else None
