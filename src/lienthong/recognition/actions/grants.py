"""Judging rights anew, revoking one, and lifting a revocation."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.errors import BadInput, Conflict, NotFound
from lienthong.findings import Finding
from lienthong.policy import judge_grant
from lienthong.recognition.evidence import by_local_day, gather
from lienthong.recognition.models import Grant
from lienthong.recognition.permissions import check_officer
from lienthong.recognition.rights import Changes, known_rows, plan

Status = Grant.Status
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('recognition_grant'))"


@dataclass(frozen=True, slots=True)
class GrantOutcome:
    """How many rights came into force, were suspended or refused, and how many stayed as they were."""

    granted: int
    suspended: int
    refused: int
    unchanged: int
    judged_later: int


@transaction.atomic
def recompute_grants(procedure_ids: Collection[int], *, by: User, at: dt.datetime) -> GrantOutcome:
    """Judge every item of the region's list for these procedures and write what changed; raise NotAllowed."""
    cases = gather(procedure_ids, at=at)
    check_officer(by, {case.laboratory_id for case in cases}, at=at)
    _lock()
    rows, changes = known_rows(procedure_ids), Changes()
    for case in cases:
        known = rows.get(case.procedure.procedure_id, {})
        for item in dict.fromkeys((*case.listed, *sorted(known))):
            judgement = judge_grant(
                procedure=case.procedure, item=item, evidence=case.evidence, on=case.on, policy=case.policy
            )
            plan(changes, case=case, item=item, judgement=judgement, rows=known.get(item, []), at=at)
    changes.save(at=at)
    outcome = _outcome(changes.counts)
    if changes.written or changes.superseded:
        _record(outcome, by=by, at=at, procedures=len(cases))
    return outcome


@transaction.atomic
def revoke_grant(*, grant_id: int, since: dt.date, reason: str, by: User, at: dt.datetime) -> int:
    """Take a right away from a past day on; return the key of the revocation.

    Raises NotAllowed, NotFound, Conflict where it is not in force or suspended, BadInput for day or reason.
    """
    _lock()
    grant = _known(grant_id)
    today = _check_place(grant, by=by, at=at)
    if grant.status not in (Status.IN_FORCE, Status.SUSPENDED):
        raise Conflict(_("Only a right that is in force or suspended can be revoked."))
    rows = _rows_of_right(grant)
    first = min(row.valid_from for row in rows if row.status in (Status.IN_FORCE, Status.SUSPENDED))
    _check_revocation(since=since, reason=reason, first=first, today=today)
    changes = Changes()
    for row in rows:
        if row.valid_to is None or row.valid_to > since:
            changes.end(row, on=since, at=at)
    revocation = _revocation(grant, since=since, reason=reason.strip(), at=at)
    changes.written.append(revocation)
    changes.save(at=at)
    detail = {"item": grant.item, "mark": grant.mark, "since": since.isoformat(), "reason": revocation.reason}
    audit.record("revoke-grant", by=by, at=at, object_kind="grant", object_key=revocation.pk, detail=detail)
    return revocation.pk


@transaction.atomic
def lift_revocation(*, grant_id: int, reason: str, by: User, at: dt.datetime) -> GrantOutcome:
    """End a revocation today, and judge the procedure anew; raise NotAllowed, NotFound, Conflict, BadInput."""
    _lock()
    grant = _known(grant_id)
    today = _check_place(grant, by=by, at=at)
    if grant.status != Status.REVOKED:
        raise Conflict(_("This right is not revoked."))
    _check_reason(reason)
    changes = Changes()
    changes.end(grant, on=today, at=at)
    changes.save(at=at)
    detail = {"item": grant.item, "mark": grant.mark, "reason": reason.strip()}
    audit.record("lift-revocation", by=by, at=at, object_kind="grant", object_key=grant_id, detail=detail)
    return recompute_grants([grant.procedure_id], by=by, at=at)


def _lock() -> None:
    """Let one transaction at a time change rights: two judgements of one procedure must not both write."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)


def _outcome(counts: Counter[str]) -> GrantOutcome:
    return GrantOutcome(
        granted=counts[Status.IN_FORCE],
        suspended=counts[Status.SUSPENDED],
        refused=counts[Status.REFUSED],
        unchanged=sum(number for name, number in counts.items() if name.startswith("still_")),
        judged_later=counts["judged_later"],
    )


def _record(outcome: GrantOutcome, *, by: User, at: dt.datetime, procedures: int) -> None:
    detail = {"granted": outcome.granted, "suspended": outcome.suspended, "refused": outcome.refused}
    audit.record(
        "recompute-grants", by=by, at=at, object_kind="procedures", object_key=f"{procedures} procedures", detail=detail
    )


def _known(grant_id: int) -> Grant:
    grant = Grant.objects.known_at(None).filter(pk=grant_id).first()
    if grant is None:
        raise NotFound(_("There is no such right, or a newer entry has taken its place."))
    return grant


def _check_place(grant: Grant, *, by: User, at: dt.datetime) -> dt.date:
    """Raise NotAllowed unless the officer's area holds the laboratory; return the day there."""
    ((today, (procedure,)),) = by_local_day([grant.procedure_id], at=at).items()
    check_officer(by, {procedure.laboratory_id}, at=at)
    return today


def _rows_of_right(grant: Grant) -> list[Grant]:
    """Return every row known now of the same right: renewals, suspensions and refusals follow one another as rows."""
    known = Grant.objects.known_at(None).filter(procedure_id=grant.procedure_id, item=grant.item)
    return list(known.filter(mark__in=(grant.mark, "")))


def _check_revocation(*, since: dt.date, reason: str, first: dt.date, today: dt.date) -> None:
    findings = []
    if not first <= since <= today:
        message = _("The day must lie between the day on which the right began and today.")
        findings.append(Finding("since", "day-outside", message))
    findings += _reason_findings(reason)
    if findings:
        raise BadInput(findings)


def _check_reason(reason: str) -> None:
    findings = _reason_findings(reason)
    if findings:
        raise BadInput(findings)


def _reason_findings(reason: str) -> list[Finding]:
    if 0 < len(reason.strip()) <= 500:
        return []
    return [Finding("reason", "reason-missing", _("Write the reason, in 500 characters at most."))]


def _revocation(grant: Grant, *, since: dt.date, reason: str, at: dt.datetime) -> Grant:
    return Grant(
        procedure_id=grant.procedure_id,
        item=grant.item,
        status=Status.REVOKED,
        mark=grant.mark,
        scope=grant.scope,
        evidence=grant.evidence,
        rules=grant.rules,
        reason=reason,
        valid_from=since,
        valid_to=None,
        recorded_at=at,
        jurisdiction=grant.jurisdiction,
        edition=grant.edition,
    )
