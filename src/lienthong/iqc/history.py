"""The corrective actions of laboratories, newest first, with the violations that each answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Prefetch

from lienthong.iqc.models import CorrectiveAction, Violation


@dataclass(frozen=True, slots=True)
class Answered:
    """One violation that an action answers."""

    procedure_id: int
    rule: str
    level: int | None
    run_at: dt.datetime
    cleared_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class PastAction:
    id: int
    cause: str
    action: str
    done_at: dt.datetime
    recorded_at: dt.datetime
    by: str
    answered: tuple[Answered, ...]


def past_actions(
    procedure_ids: Collection[int], *, start: dt.datetime | None = None, end: dt.datetime | None = None
) -> list[PastAction]:
    """Return the actions that answer violations of the systems; violations of other systems are left out."""
    violations = Violation.objects.of(procedure_ids).select_related("run").order_by("run__measured_at", "pk")
    rows = CorrectiveAction.objects.of(procedure_ids).select_related("by")
    if start is not None and end is not None:
        rows = rows.between(start, end)
    rows = rows.prefetch_related(Prefetch("violations", queryset=violations, to_attr="answered"))
    return [_past(row) for row in rows.order_by("-done_at", "-pk")]


def _past(row: CorrectiveAction) -> PastAction:
    answered: list[Violation] = row.answered  # type: ignore[attr-defined]  # prefetched under this name
    return PastAction(
        id=row.pk,
        cause=str(row.get_cause_display()),
        action=row.action,
        done_at=row.done_at,
        recorded_at=row.at,
        by=row.by.full_name,
        answered=tuple(
            Answered(one.procedure_id, one.rule, one.level, one.run.measured_at, one.cleared_at) for one in answered
        ),
    )
