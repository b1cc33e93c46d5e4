"""Telling those who reused a result that it is no longer what it was."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.errors import NotFound
from lienthong.iqc import reads as iqc
from lienthong.recognition.candidates import holds
from lienthong.recognition.models import OrderLine, ReuseNotice
from lienthong.recognition.permissions import check_clinician
from lienthong.results import reads as results

Kind = ReuseNotice.Kind


@transaction.atomic
def tell_of_new_versions(result_ids: Collection[int], *, by: User, at: dt.datetime) -> int:
    """Tell who reused an older version of these results; return how many notices are new."""
    notices = []
    for new in results.results_by_id(result_ids):
        kind = Kind.WITHDRAWN if new.status == "withdrawn" else Kind.CORRECTED
        lines = OrderLine.objects.reusing_versions_before(new.key, new.version)
        notices += [ReuseNotice(line=line, kind=kind, cause_key=f"version {new.version}", told_at=at) for line in lines]
    return tell(notices, by=by, at=at)


@transaction.atomic
def tell_of_lost_brackets(procedure_ids: Collection[int], *, by: User, at: dt.datetime) -> int:
    """Tell who reused a result that a bracket of failed quality control holds; return how many notices are new."""
    lines = list(OrderLine.objects.reusing_results_of(procedure_ids)) if procedure_ids else []
    if not lines:
        return 0
    brackets: dict[int, list[iqc.Bracket]] = defaultdict(list)
    for bracket in iqc.brackets(procedure_ids):
        brackets[bracket.procedure_id].append(bracket)
    notices = [
        ReuseNotice(line=line, kind=Kind.BRACKET_LOST, cause_key=f"violation {bracket.violation_id}", told_at=at)
        for line in lines
        for system in line.procedure_ids
        for bracket in brackets[system]
        if line.measured_at and holds(bracket, line.measured_at)
    ]
    return tell(notices, by=by, at=at)


@transaction.atomic
def mark_notice_read(*, notice_id: int, by: User, at: dt.datetime) -> None:
    """Note who read a notice first, and when; raise NotAllowed, NotFound."""
    notice = ReuseNotice.objects.select_for_update().filter(pk=notice_id).first()
    if notice is None:
        raise NotFound(_("There is no such notice."))
    check_clinician(by, notice.line.order_check.facility_id, at=at)
    if notice.read_at is not None:
        return
    notice.read_at, notice.read_by = at, by
    notice.save(update_fields=["read_at", "read_by"])
    audit.record("read-notice", by=by, at=at, object_kind="reuse_notice", object_key=notice_id)


def tell(notices: Iterable[ReuseNotice], *, by: User, at: dt.datetime) -> int:
    """Write notices that were not written before, with one audit event that counts them by kind."""
    made = list(notices)
    known = set(
        ReuseNotice.objects.filter(line__in=[one.line_id for one in made]).values_list("line_id", "kind", "cause_key")
    )
    new = [one for one in made if (one.line_id, one.kind, one.cause_key) not in known]
    ReuseNotice.objects.bulk_create(new, ignore_conflicts=True)
    if new:
        kinds = dict(Counter(str(one.kind) for one in new))
        key = f"{len(new)} notices"
        audit.record("tell-reusers", by=by, at=at, object_kind="reuse_notices", object_key=key, detail=kinds)
    return len(new)
