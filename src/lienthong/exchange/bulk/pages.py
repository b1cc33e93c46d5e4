"""The list of exports, for the administrators of the facilities whose systems asked for them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lienthong.core.export import excel_response
from lienthong.exchange.bulk import presenters
from lienthong.exchange.bulk.lookups import latest_exports
from lienthong.exchange.signed_in import administered


@login_required
@require_GET
def exports(request: HttpRequest) -> HttpResponse:
    """List the latest exports of the systems of one's facilities."""
    return render(request, "exchange/export_list.html", {"rows": _rows(request)})


@login_required
@require_GET
def exports_file(request: HttpRequest) -> HttpResponse:
    """Give the list as a workbook."""
    return excel_response("exports", presenters.header(), [row.cells() for row in _rows(request)])


def _rows(request: HttpRequest) -> list[presenters.ExportRow]:
    names = {one.code: one.name for one in administered(request).values()}
    return presenters.export_rows(latest_exports(names), names)
