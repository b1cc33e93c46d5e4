"""What a run says: each step of each case against what arrived, by the platform's own steps, which are then undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from lienthong.exchange.certification.cases import Case, Filling, Step, cases, control_id, published
from lienthong.exchange.certification.content import differences
from lienthong.exchange.processing.rehearsal import Rehearsed, rehearse
from lienthong.results.actions import Outcome
from lienthong.results.reads import InboxFacts

Verdict = Literal["not-sent", "passed", "failed"]


@dataclass(frozen=True, slots=True)
class StepVerdict:
    """One step: what was expected of it, what arrived, and at which places it differs from what was published.

    `numbers` are those that it would leave behind, of `results` and of what waits.
    """

    step: Step
    verdict: Verdict
    inbox_id: int | None = None
    state: str = ""
    reason: str = ""
    results: int = 0
    numbers: int = 0
    differs: tuple[str, ...] = ()
    is_out_of_order: bool = False


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    case: Case
    steps: tuple[StepVerdict, ...]

    @property
    def verdict(self) -> Verdict:
        """A case has passed where each of its steps has, and failed where one has; else what is left is not sent."""
        found = {one.verdict for one in self.steps}
        return "failed" if "failed" in found else "passed" if found == {"passed"} else "not-sent"


def judge(
    filling: Filling, arrived: Sequence[InboxFacts], *, default_charset: str, zone: ZoneInfo, at: dt.datetime
) -> list[CaseVerdict]:
    """Judge a run by the messages of the inbox that belong to it. Where a step came several times, the last counts."""
    chosen = {(case.number, step.id): row for case in cases() for step, row in _match(filling, case, arrived)}
    rehearsed = rehearse(_batches(chosen), at=at)
    return [
        CaseVerdict(
            case,
            tuple(
                _judge_step(filling, case, step, chosen, rehearsed, charset_and_zone=(default_charset, zone))
                for step in case.steps
            ),
        )
        for case in cases()
    ]


def _batches(chosen: Mapping[tuple[str, str], InboxFacts]) -> list[list[int]]:
    """Put the first steps of all cases into one batch, then the second ones: cases know nothing of one another."""
    longest = max(len(case.steps) for case in cases())
    taken: set[int] = set()
    batches = []
    for place in range(longest):
        steps = [(case.number, case.steps[place].id) for case in cases() if place < len(case.steps)]
        rows = [row for key in steps if (row := chosen.get(key)) and row.id not in taken and row.state != "rejected"]
        taken |= {row.id for row in rows}
        batches.append([row.id for row in rows])
    return batches


def _match(filling: Filling, case: Case, arrived: Sequence[InboxFacts]) -> list[tuple[Step, InboxFacts]]:
    """Find the messages of a case by control id; else by report number, in order of arrival."""
    by_id: dict[str, list[InboxFacts]] = {}
    for row in arrived:
        by_id.setdefault(row.control_id, []).append(row)
    rows = [(step, by_id.get(control_id(filling, case, step), [])) for step in case.steps]
    if any(found for _step, found in rows):
        return [(step, _one_of(case, step, found)) for step, found in rows if len(found) > bool(step.same_as)]
    mark = f":{filling.prefix}-{case.number}"
    of_case = [row for row in arrived if mark in row.lane and not row.control_id.startswith(filling.prefix)]
    return list(zip(case.steps, of_case[-len(case.steps) :], strict=False))


def _one_of(case: Case, step: Step, found: Sequence[InboxFacts]) -> InboxFacts:
    """The last counts; of one that is sent twice on purpose the last two are the two."""
    is_repeated = any(one.same_as == step.id for one in case.steps)
    return found[-2] if is_repeated and len(found) > 1 else found[-1]


def _judge_step(
    filling: Filling,
    case: Case,
    step: Step,
    chosen: Mapping[tuple[str, str], InboxFacts],
    rehearsed: Rehearsed,
    *,
    charset_and_zone: tuple[str, ZoneInfo],
) -> StepVerdict:
    charset, zone = charset_and_zone
    row = chosen.get((case.number, step.id))
    if row is None:
        return StepVerdict(step, "not-sent")
    outcome = rehearsed.outcomes.get(row.id) or Outcome(
        inbox_id=row.id, state=row.state, reason=row.reason, findings=row.findings
    )
    differs = differences(published(filling, case, step), row.raw, default_charset=charset, zone=zone)
    before = [chosen.get((case.number, one.id)) for one in case.steps[: case.steps.index(step)]]
    is_late = any(one.id > row.id for one in before if one)
    numbers = rehearsed.numbers.get(row.id, 0)
    has_passed = _is_expected(step, outcome, numbers) and not differs and not is_late
    return StepVerdict(
        step=step,
        verdict="passed" if has_passed else "failed",
        inbox_id=row.id,
        state=outcome.state,
        reason=outcome.reason,
        results=outcome.results_stored,
        numbers=numbers,
        differs=tuple(differs),
        is_out_of_order=is_late,
    )


def _is_expected(step: Step, outcome: Outcome, numbers: int) -> bool:
    expected = step.expected
    return (
        outcome.state in expected.states
        and (not expected.reasons or outcome.reason in expected.reasons)
        and (expected.results is None or outcome.results_stored == expected.results)
        and (expected.numbers is None or numbers == expected.numbers)
        and (not expected.finding or any(one.code == expected.finding for one in outcome.findings))
    )
