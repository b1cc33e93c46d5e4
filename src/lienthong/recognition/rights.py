"""From judgements to dated rights: what is written, what ends, what stays. Nothing written is ever changed.

A right that was in force and is now refused is suspended from that day on; earlier days keep it. What lapses by time
ends by its own `valid_to`. A revocation stays until an officer lifts it. A right already judged on a later day is not
judged again for an earlier one.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from lienthong.policy import GrantJudgement, RuleVerdict
from lienthong.recognition.evidence import Case
from lienthong.recognition.models import Grant
from lienthong.recognition.verdict_json import RuleJson, rules_json

Status = Grant.Status


@dataclass(frozen=True, slots=True)
class Right:
    """What should hold from a day on for one procedure, item and mark (no mark: refused)."""

    status: Grant.Status
    mark: str
    scope: tuple[str, ...]
    evidence: tuple[str, ...]
    rules: list[RuleJson]
    valid_to: dt.date | None


@dataclass(slots=True)
class Changes:
    """Rows to supersede and rows to write; what each change was is counted for the caller."""

    superseded: list[int] = field(default_factory=list)
    written: list[Grant] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def end(self, row: Grant, *, on: dt.date, at: dt.datetime) -> None:
        """Let a row end on a day; one that would never have held is superseded without another in its place."""
        self.superseded.append(row.pk)
        if row.valid_from < on:
            self.written.append(_copy(row, valid_to=on, at=at))

    def save(self, *, at: dt.datetime) -> None:
        Grant.objects.filter(pk__in=self.superseded).update(superseded_at=at)
        Grant.objects.bulk_create(self.written, batch_size=500)


def known_rows(procedure_ids: Collection[int]) -> dict[int, dict[str, list[Grant]]]:
    """Return every row that is known now, by procedure and item."""
    rows: dict[int, dict[str, list[Grant]]] = defaultdict(lambda: defaultdict(list))
    for row in Grant.objects.known_at(None).filter(procedure_id__in=procedure_ids):
        rows[row.procedure_id][row.item].append(row)
    return rows


def plan(
    changes: Changes, *, case: Case, item: str, judgement: GrantJudgement, rows: Iterable[Grant], at: dt.datetime
) -> None:
    """Add to `changes` what a judgement of one procedure and item asks for."""
    on, known = case.on, list(rows)
    if any(row.valid_from > on or row.recorded_at > at for row in known):
        changes.counts["judged_later"] += 1
        return
    held = {row.mark: row for row in known if row.valid_to is None or row.valid_to > on}
    for right in _rights(judgement, held):
        row = held.pop(right.mark, None)
        if row is not None and (row.status == Status.REVOKED or is_unchanged(row, right, on=on)):
            changes.counts[f"still_{row.status}"] += 1
            continue
        if row is not None:
            changes.end(row, on=on, at=at)
        changes.written.append(_row(right, case=case, item=item, at=at))
        changes.counts[right.status] += 1
    for row in held.values():  # a refusal that a right has taken the place of
        changes.end(row, on=on, at=at)


def is_unchanged(row: Grant, right: Right, *, on: dt.date) -> bool:
    """Tell whether a row already says the same: status, scope, evidence, verdicts and end.

    A term that is counted from the day of judging moves on with that day; this alone is no change.
    """
    same = (
        row.status == right.status
        and tuple(row.scope) == right.scope
        and tuple(row.evidence) == right.evidence
        and _verdicts(row.rules) == _verdicts(right.rules)
    )
    return same and (row.valid_to == right.valid_to or _has_same_term(row, right, on))


def _has_same_term(row: Grant, right: Right, on: dt.date) -> bool:
    if row.valid_to is None or right.valid_to is None:
        return False
    return row.valid_to - row.valid_from == right.valid_to - on


def _rights(judgement: GrantJudgement, held: Mapping[str, Grant]) -> list[Right]:
    rights = [
        Right(
            status=Status.IN_FORCE,
            mark=one.mark,
            scope=tuple(sorted(one.scope)),
            evidence=tuple(sorted(one.evidence_ids)),
            rules=rules_json(one.rules),
            valid_to=one.valid_to,
        )
        for one in judgement.marks
    ]
    granted = {right.mark for right in rights}
    lost = [row for mark, row in held.items() if mark and mark not in granted]
    rights += [_suspended(row, judgement) for row in lost]
    return rights or [_refused(judgement.rules)]


def _suspended(row: Grant, judgement: GrantJudgement) -> Right:
    """Return the suspension of a right; it ends when the right would have ended."""
    rules = next((one.rules for one in judgement.refused if one.mark == row.mark), judgement.rules)
    return Right(
        status=Status.SUSPENDED,
        mark=row.mark,
        scope=tuple(row.scope),
        evidence=tuple(row.evidence),
        rules=rules_json(rules),
        valid_to=row.valid_to,
    )


def _refused(rules: tuple[RuleVerdict, ...]) -> Right:
    return Right(status=Status.REFUSED, mark="", scope=(), evidence=(), rules=rules_json(rules), valid_to=None)


def _verdicts(rules: Iterable[RuleJson]) -> list[tuple[str, str]]:
    return [(rule["rule"], rule["verdict"]) for rule in rules]


def _row(right: Right, *, case: Case, item: str, at: dt.datetime) -> Grant:
    return Grant(
        procedure_id=case.procedure.procedure_id,
        item=item,
        status=right.status,
        mark=right.mark,
        scope=list(right.scope),
        evidence=list(right.evidence),
        rules=right.rules,
        valid_from=case.on,
        valid_to=right.valid_to,
        recorded_at=at,
        jurisdiction=case.policy.pack.code,
        edition=case.policy.edition,
    )


def _copy(row: Grant, *, valid_to: dt.date, at: dt.datetime) -> Grant:
    return Grant(
        procedure_id=row.procedure_id,
        item=row.item,
        status=row.status,
        mark=row.mark,
        scope=row.scope,
        evidence=row.evidence,
        rules=row.rules,
        reason=row.reason,
        valid_from=row.valid_from,
        valid_to=valid_to,
        recorded_at=at,
        jurisdiction=row.jurisdiction,
        edition=row.edition,
    )
