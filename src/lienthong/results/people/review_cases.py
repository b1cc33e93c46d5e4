"""Cases for review as rows: which stand between records, what is decided on them, what is remembered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Q, QuerySet

from lienthong.core.models import User
from lienthong.results.models import PersonLink, PersonMerge, ReviewCase, ReviewDecision

State = ReviewCase.State


def cases_between(some: Collection[int], others: Collection[int]) -> QuerySet[ReviewCase]:
    """Return the cases of pairs of which one record is among `some` and the other among `others`."""
    either = Q(record__in=some, other__in=others) | Q(record__in=others, other__in=some)
    return ReviewCase.objects.filter(either)


def are_different(some: Collection[int], others: Collection[int]) -> bool:
    """Whether somebody has decided that a record of the ones and a record of the others are different people."""
    return cases_between(some, others).filter(state=State.DIFFERENT).exists()


def is_none_of(record_id: int, person_id: int) -> bool:
    """Whether somebody has decided that a record is not the person."""
    others = PersonLink.objects.filter(person_id=person_id, superseded_at=None).values_list("record_id", flat=True)
    return are_different([record_id], list(others))


def write_decision(
    case: ReviewCase, decision: str, *, why: str, by: User, at: dt.datetime, merge: PersonMerge | None = None
) -> None:
    """Write a decision beside those before it, and let the case stand so."""
    ReviewDecision.objects.create(case=case, decision=decision, why=why, by=by, decided_at=at, merge=merge)
    ReviewCase.objects.filter(pk=case.pk).update(state=decision)
    case.state = decision


def close_cases(record_ids: Collection[int], *, by: User, at: dt.datetime) -> None:
    """Close what is open between records that are one person now."""
    for case in cases_between(record_ids, record_ids).filter(state=State.OPEN).select_for_update():
        write_decision(case, State.WITHDRAWN, why="", by=by, at=at)


def remember_different(some: Collection[int], others: Collection[int], *, why: str, by: User, at: dt.datetime) -> None:
    """Write for each pair that they are different people, so that nobody is asked again and nothing links them."""
    for one in some:
        for other in others:
            first, second = sorted((one, other))
            case = cases_between([first], [second]).order_by("-pk").first()
            case = case or ReviewCase.objects.create(
                record_id=first, other_id=second, reason=ReviewCase.Reason.LIKELY, bits=0, opened_at=at
            )
            write_decision(case, State.DIFFERENT, why=why, by=by, at=at)
