"""What those must know who reused a result that is no longer what it was."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from lienthong.core.export import excel_response
from lienthong.portal import actions, relations
from lienthong.portal.presenters.notices import notice_rows, notice_sheet
from lienthong.portal.views.reading import reader, time_of
from lienthong.recognition import actions as recognition_actions
from lienthong.recognition import reads as recognition

SHOWN = 50


@require_GET
@login_required
def notices(request: HttpRequest) -> HttpResponse:
    """List reused results of the clinician's facilities that changed since, unread first."""
    at = timezone.now()
    own = {one.id: one for one in relations.own_facilities(reader(request), on=timezone.localdate(at))}
    found = recognition.notices_for(list(own), limit=SHOWN)
    for facility in own.values():
        actions.log_reads(
            _records([one for one in found if one.facility_id == facility.id]),
            object_kind="notices",
            object_key="",
            facility=facility.code,
            relation=relations.ORDER,
            by=reader(request),
            at=at,
        )
    with time_of(next(iter(own.values()))):
        rows = notice_rows(found, facilities=own, on=timezone.localdate(at))
        if request.GET.get("export") == "xlsx":
            return excel_response("changed-results", *notice_sheet(rows))
        context = {"rows": rows, "unread": sum(row.is_unread for row in rows), "is_cut": len(rows) == SHOWN}
        return render(request, "portal/notices.html", context)


@require_POST
@login_required
def notice_read(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Note that a notice was read."""
    recognition_actions.mark_notice_read(notice_id=notice_id, by=reader(request), at=timezone.now())
    return redirect("portal:notices")


def _records(shown: list[recognition.NoticeFacts]) -> set[int]:
    """Return the records that are read of: those ordered for, and those that the reused results hang on."""
    return {key for one in shown for key in (one.patient_record_id, one.result_record_id) if key is not None}
