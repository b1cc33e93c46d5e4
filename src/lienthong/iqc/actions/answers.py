"""What a laboratory does about a broken rule: the corrective action, and the event from which rules count anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.errors import BadInput, Conflict, NotFound
from lienthong.findings import Finding
from lienthong.iqc.actions.settling import facility_codes, recordable_systems, settle
from lienthong.iqc.models import CorrectiveAction, ResetEvent, Violation


@dataclass(frozen=True, slots=True)
class ActionOutcome:
    """The action, and how many violations it cleared at once, by accepted runs that had followed it."""

    action_id: int
    cleared: int


@dataclass(frozen=True, slots=True)
class ResetOutcome:
    """How many systems got the event; those that had it are left as they are."""

    systems: int
    withdrawn: int


@transaction.atomic
def record_action(
    violation_ids: Collection[int],
    cause: str,
    action: str,
    *,
    by: User,
    at: dt.datetime,
    done_at: dt.datetime | None = None,
) -> ActionOutcome:
    """Record the cause of violations and what was done about it, one action for all of them.

    A run clears a violation if every level was measured, no rule rejects it, and it was measured after the action was
    done (`done_at`; without it the minute of recording). While the cause is "not found yet" nothing is cleared.
    Raise BadInput for what is missing or out of order, Conflict for a violation that is cleared, NotFound, NotAllowed.
    """
    violations = _violations(violation_ids)
    known = recordable_systems({row.procedure_id for row in violations}, by=by, at=at)
    latest = max(row.run.measured_at for row in violations)
    done = _done_at(done_at, latest, at=at)
    findings = list(_faults(cause, action, done, latest=latest, at=at))
    if findings:
        raise BadInput(findings)
    if any(row.cleared_by_id or row.is_warning or row.withdrawn_at for row in violations):
        raise Conflict(_("One of these violations needs no action: it is cleared, withdrawn or only a warning."))
    row = CorrectiveAction.objects.create(cause=cause, action=action.strip(), done_at=done, by=by, at=at)
    row.violations.set(violations)
    evaluated = settle(dict.fromkeys(known, done), known=known, at=at)
    audit.record(
        "record-corrective-action",
        by=by,
        at=at,
        object_kind="corrective_action",
        object_key=row.pk,
        facility=facility_codes(known),
        detail={"cause": cause, "violations": len(violations), "systems": len(known)},
    )
    return ActionOutcome(row.pk, evaluated.cleared)


@transaction.atomic
def record_reset(
    procedure_ids: Collection[int], kind: str, *, at_event: dt.datetime, by: User, at: dt.datetime, note: str = ""
) -> ResetOutcome:
    """Record calibration, a new lot or maintenance: from the event on the rules over several results count anew.

    Runs that followed the event are judged again. Raise BadInput, NotFound, NotAllowed.
    """
    known = recordable_systems(procedure_ids, by=by, at=at)
    if kind not in ResetEvent.Kind.values:
        raise BadInput([Finding("kind", "not-a-choice", _("Choose what happened."))])
    if at_event > at:
        raise BadInput([Finding("at_event", "in-the-future", _("The event lies in the future."))])
    had = set(ResetEvent.objects.of(known).filter(kind=kind, at=at_event).values_list("procedure_id", flat=True))
    new = [key for key in known if key not in had]
    ResetEvent.objects.bulk_create(
        ResetEvent(procedure_id=key, kind=kind, at=at_event, note=note[:300], recorded_at=at) for key in new
    )
    if not new:
        return ResetOutcome(0, 0)
    evaluated = settle(dict.fromkeys(new, at_event), known=known, at=at)
    audit.record(
        "record-reset-event",
        by=by,
        at=at,
        object_kind="reset_event",
        object_key=kind,
        facility=facility_codes(known),
        detail={"systems": len(new), "event_at": at_event.isoformat()},
    )
    return ResetOutcome(len(new), evaluated.withdrawn)


def _violations(ids: Collection[int]) -> Sequence[Violation]:
    if not ids:
        raise BadInput([Finding("violations", "empty", _("Choose the broken rules that the action answers."))])
    rows = list(Violation.objects.filter(pk__in=ids).select_related("run"))
    if len(rows) != len(set(ids)):
        raise NotFound(_("There is no such violation."))
    return rows


def _done_at(given: dt.datetime | None, latest: dt.datetime, *, at: dt.datetime) -> dt.datetime:
    """Return when the action was done: as given, else the minute of recording, as runs are typed in by the minute."""
    if given is not None:
        return given
    minute = at.replace(second=0, microsecond=0)
    return minute if minute > latest else at


def _faults(
    cause: str, action: str, done_at: dt.datetime, *, latest: dt.datetime, at: dt.datetime
) -> Iterator[Finding]:
    if cause not in CorrectiveAction.Cause.values:
        yield Finding("cause", "not-a-choice", _("Choose what was the cause."))
    if not action.strip():
        yield Finding("action", "empty", _("Say what you did, in one or two sentences."))
    if done_at > at:
        yield Finding("done_at", "in-the-future", _("The time of the action lies in the future."))
    elif done_at <= latest:
        yield Finding("done_at", "before-the-run", _("The action must be later than the run that it answers."))
