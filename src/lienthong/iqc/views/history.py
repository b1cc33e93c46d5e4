"""The history of corrective actions."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from lienthong.core.export import excel_response
from lienthong.iqc.history import past_actions
from lienthong.iqc.permissions import readable_laboratories
from lienthong.iqc.presenters.history import action_header, action_rows
from lienthong.iqc.systems import systems
from lienthong.iqc.views.asking import SignedIn

PAGE = 50
MONTH = dt.timedelta(days=31)


@login_required
@require_http_methods(["GET"])
def history(request: SignedIn) -> HttpResponse:
    """List the corrective actions of the laboratories that one reads, of the last months or of all time."""
    at = timezone.now()
    known = systems(laboratory_ids=readable_laboratories(request.user, at=at), on=timezone.localdate(at))
    names = {key: f"{one.procedure.laboratory_title}, {one.procedure.analyte.name}" for key, one in known.items()}
    months = _months(request)
    start = at - months * MONTH if months else None
    rows = action_rows(past_actions(names, start=start, end=at + MONTH if start else None), names)
    if request.GET.get("export") == "excel":
        return excel_response("corrective-actions", action_header(), [row.cells() for row in rows])
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": list(page),
        "count": len(rows),
        "months": months,
        "month_choices": (1, 3, 12),
        "query": f"months={months}",
    }
    return render(request, "iqc/history.html", context)


def _months(request: SignedIn) -> int:
    """Return over how many months one asks; 0 is all time."""
    asked = request.GET.get("months", "3")
    return int(asked) if asked in ("0", "1", "3", "12") else 3
