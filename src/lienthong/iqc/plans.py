"""What the policy of a region asks of quality control on a day: rules, and how far apart controls may lie."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from lienthong.core.packs import policy_for
from lienthong.metrology import westgard
from lienthong.policy import IqcParameters

ACROSS = "_across"


@dataclass(frozen=True, slots=True)
class ControlPlan:
    """How the runs of a region are formed and judged; rules as metrology spells them."""

    warning_rules: tuple[str, ...]
    reject_rules: tuple[str, ...]
    run_gap: dt.timedelta
    evidence_lasts: dt.timedelta

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.warning_rules, *self.reject_rules)))

    @property
    def memory(self) -> int:
        """How many results of one level the rule with the longest memory looks back over."""
        return max(westgard.parse(rule).n for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Plans:
    """The plans that one piece of work needs, each read once."""

    known: dict[tuple[tuple[str, ...], dt.date], ControlPlan] = field(default_factory=dict)

    def of(self, region_path: tuple[str, ...], on: dt.date) -> ControlPlan:
        key = (region_path, on)
        if key not in self.known:
            self.known[key] = plan_of(policy_for(region_path, on).iqc)
        return self.known[key]


def plan_of(parameters: IqcParameters) -> ControlPlan:
    """Return the plan that a policy's parameters mean."""
    named = (*parameters.warning_rules, *parameters.reject_rules)
    spells_scope = any(rule.endswith(ACROSS) for rule in named)
    return ControlPlan(
        warning_rules=parameters.warning_rules if spells_scope else _in_both_scopes(parameters.warning_rules),
        reject_rules=parameters.reject_rules if spells_scope else _in_both_scopes(parameters.reject_rules),
        run_gap=dt.timedelta(minutes=parameters.run_gap_minutes),
        evidence_lasts=dt.timedelta(hours=parameters.max_hours_between_runs),
    )


def _in_both_scopes(rules: tuple[str, ...]) -> tuple[str, ...]:
    """Return the rules with their forms across levels: a text that says 2-2s means both, where it says nothing else."""
    return tuple(name for rule in rules for name in (rule, f"{rule}{ACROSS}") if _is_rule(name))


def _is_rule(name: str) -> bool:
    try:
        westgard.parse(name)
    except ValueError:
        return False
    return True
