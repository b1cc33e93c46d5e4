"""The page of images that wait for their report."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from lienthong.core.export import excel_response
from lienthong.exchange import lookups
from lienthong.exchange.imaging.presenters import image_header, image_rows
from lienthong.exchange.querysets import EVERYWHERE
from lienthong.exchange.signed_in import user_of
from lienthong.registry import reads as registry
from lienthong.results.imaging.reads import waiting_objects


@login_required
@require_GET
def images(request: HttpRequest) -> HttpResponse:
    """List images and selections that wait, and for what; `?format=xlsx` gives a workbook."""
    access = registry.check_role(user_of(request), *EVERYWHERE, on=timezone.localdate())
    rows = image_rows(waiting_objects(list(lookups.sources(access))))
    if request.GET.get("format") == "xlsx":
        return excel_response("waiting-images", image_header(), [row.cells() for row in rows])
    return render(request, "exchange/image_list.html", {"rows": rows})
