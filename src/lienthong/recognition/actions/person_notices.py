"""Telling those who reused a result when the patient that its record leads to changed, by a merge, unmerge or parting.

A reuse joins two records: the one that was ordered for, and the one that the result hangs on. While it was decided both
led to one person. What matters most is whether they still do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping

from django.db import transaction

from lienthong.core.models import User
from lienthong.recognition.actions.notices import tell
from lienthong.recognition.models import OrderLine, ReuseNotice
from lienthong.results import reads as results

Kind = ReuseNotice.Kind


@transaction.atomic
def tell_of_changed_persons(record_ids: Collection[int], *, by: User, at: dt.datetime) -> int:
    """Tell who reused a result of these records, or for them, what became of the reuse; return how many are new.

    A result that is another person's now is told once, however often it moves on, and told again when it comes back.
    Where both records moved together since the reuse was chosen, that is told, too.
    """
    lines = _touched(record_ids)
    ordered_for = {line.order_check.patient_record_id for line in lines}
    reused = [line.result_id for line in lines if line.result_id]
    hangs_on = results.records_of_results(reused, reused_for=ordered_for)
    leads = results.belongings({*hangs_on.values(), *ordered_for})
    last = _last_told(lines)
    notices = []
    for line in lines:
        own = leads.get(line.order_check.patient_record_id)
        of_result = leads.get(hangs_on.get(line.result_id or 0, 0))
        if own is None or of_result is None:
            continue
        told, cause = last.get(line.pk, ("", "")), f"link {max(own.link_id, of_result.link_id)}"
        kind = "" if told[1] == cause else _kind(line, own, of_result, told[0])
        if kind:
            notices.append(ReuseNotice(line=line, kind=kind, cause_key=cause, told_at=at))
    return tell(notices, by=by, at=at)


def _touched(record_ids: Collection[int]) -> list[OrderLine]:
    """Return the reuses whose result hangs on one of the records, or that were ordered for one of them."""
    by_result = OrderLine.objects.reusing_results(results.results_on_records(record_ids))
    found = {
        line.pk: line
        for rows in (by_result, OrderLine.objects.reusing_for(record_ids))
        for line in rows.select_related("order_check")
    }
    return [found[key] for key in sorted(found)]


def _last_told(lines: Iterable[OrderLine]) -> Mapping[int, tuple[str, str]]:
    """Return kind and cause of what was last told of each reuse and its patient."""
    rows = ReuseNotice.objects.about_persons().filter(line__in=[line.pk for line in lines]).order_by("pk")
    return {line_id: (kind, cause) for line_id, kind, cause in rows.values_list("line_id", "kind", "cause_key")}


def _kind(line: OrderLine, own: results.Belonging, of_result: results.Belonging, last: str) -> str:
    """Return what to tell; empty where it was told, or where nothing moved since the reuse was chosen."""
    if own.person_id != of_result.person_id:
        return "" if last == Kind.OTHER_PERSON else Kind.OTHER_PERSON
    if last == Kind.OTHER_PERSON:
        return Kind.SAME_AGAIN
    moved_at = max(own.since, of_result.since)
    return Kind.PERSON_CHANGED if line.chosen_at and moved_at > line.chosen_at else ""
