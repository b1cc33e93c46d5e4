"""Bringing in a table of mappings: choose it, look at what it would propose, propose."""

from __future__ import annotations

import base64

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lienthong.core.export import EXCEL, excel_response
from lienthong.core.tabular import template_bytes
from lienthong.exchange import actions, lookups
from lienthong.exchange.forms import MappingFileForm
from lienthong.exchange.review_pages import MAPPERS, visible_senders
from lienthong.exchange.signed_in import user_of
from lienthong.exchange.terms.mapping_table import COLUMNS, TableReport, preview_table, propose_table
from lienthong.registry import reads as registry

KEPT, MOST_BYTES = "exchange-mapping-table", 1_000_000


@login_required
@require_http_methods(["GET", "POST"])
def table(request: HttpRequest) -> HttpResponse:
    """Take a table and keep it for a look at what it would propose."""
    registry.check_role(user_of(request), *MAPPERS, on=timezone.localdate())
    form = MappingFileForm(request.POST, request.FILES) if request.method == "POST" else MappingFileForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        if file.size <= MOST_BYTES:
            request.session[KEPT] = [file.name[-100:], base64.b64encode(file.read()).decode()]
            return redirect("exchange:mapping-table-preview")
        form.add_error("file", _("The file is larger than 1 MB; bring it in parts"))
    status = 422 if form.errors else 200
    return render(request, "exchange/mapping_table.html", {"form": form}, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest) -> HttpResponse:
    """Show what the kept table would propose; propose it on the user's word. `?format=xlsx` gives the findings."""
    user, now = user_of(request), timezone.now()
    registry.check_role(user, *MAPPERS, on=timezone.localdate(now))
    if KEPT not in request.session:
        return redirect("exchange:mapping-table")
    name, content = request.session[KEPT]
    data = base64.b64decode(content)
    if request.method == "POST":
        report = propose_table(data, name, good_rows_only=request.POST.get("rows") == "good", by=user, at=now)
        if report.is_written:
            del request.session[KEPT]
            _say(request, report)
            return redirect("exchange:mappings")
    else:
        report = preview_table(data, name, by=user, at=now)
    if request.GET.get("format") == "xlsx":
        cells = [[one.where, one.code, one.message] for one in report.findings]
        return excel_response("findings", [_("Where"), _("Code"), _("What is wrong")], cells)
    return render(request, "exchange/mapping_table_preview.html", {"report": report})


@login_required
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """Give the empty workbook."""
    registry.check_role(user_of(request), *MAPPERS, on=timezone.localdate())
    response = HttpResponse(template_bytes("code-mappings", COLUMNS), content_type=EXCEL)
    response.headers["Content-Disposition"] = 'attachment; filename="code-mappings.xlsx"'
    return response


@login_required
@require_POST
def confirm_all(request: HttpRequest) -> HttpResponse:
    """Confirm every proposal that others made for the user's senders."""
    user, now = user_of(request), timezone.now()
    waiting = [row for row in lookups.mappings(visible_senders(request).values()) if row.confirmed_at is None]
    ids = [row.pk for row in waiting if row.proposed_by_id != user.pk]
    count = actions.confirm_mappings(ids, by=user, at=now)
    words = ngettext(
        "%(number)d mapping holds; what waited for it is replayed.",
        "%(number)d mappings hold; what waited for them is replayed in order.",
        count,
    )
    messages.success(request, words % {"number": count})
    return redirect("exchange:mappings")


def _say(request: HttpRequest, report: TableReport) -> None:
    words = ngettext(
        "%(number)d mapping is proposed; a second person confirms it.",
        "%(number)d mappings are proposed; a second person confirms them.",
        report.proposed,
    )
    messages.success(request, words % {"number": report.proposed})
