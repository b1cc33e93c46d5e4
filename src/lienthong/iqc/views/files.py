"""Bringing a file of control values, looking at what it would do, and importing it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lienthong.core.export import EXCEL
from lienthong.core.tabular import template_bytes
from lienthong.iqc import actions
from lienthong.iqc.drafts import draft_content, waiting_drafts
from lienthong.iqc.forms import FileForm
from lienthong.iqc.permissions import own_laboratories
from lienthong.iqc.presenters.files import FileView
from lienthong.iqc.run_file import COLUMNS
from lienthong.iqc.views.asking import SignedIn


@login_required
@require_http_methods(["GET", "POST"])
def bring_file(request: SignedIn) -> HttpResponse:
    """Take a file of runs; nothing is stored before its owner has seen what it would do."""
    at = timezone.now()
    own_laboratories(request.user, at=at)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        draft_id = actions.keep_draft(file.read(), file.name, by=request.user, at=at)
        return redirect("iqc:import-file", draft_id)
    context = {"form": form, "drafts": waiting_drafts(request.user, kind="runs"), "columns": COLUMNS}
    return render(request, "iqc/import.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def import_file(request: SignedIn, draft_id: int) -> HttpResponse:
    """Show what a file holds and what is wrong with it; on a word of its owner import or drop it."""
    at = timezone.now()
    own_laboratories(request.user, at=at)
    name, content = draft_content(draft_id, request.user, kind="runs")
    if request.method == "GET":
        report = actions.check_runs(content, name, by=request.user, at=at)
        return render(request, "iqc/import_file.html", {"file": FileView.of(report), "draft_id": draft_id})
    if request.POST.get("choice") == "drop":
        actions.drop_draft(draft_id, by=request.user, at=at)
        messages.info(request, _("The file was dropped; nothing was stored."), extra_tags="info")
        return redirect("iqc:import")
    good_rows_only = request.POST.get("choice") == "good-rows"
    report = actions.import_draft(draft_id, by=request.user, at=at, good_rows_only=good_rows_only)
    context = {"file": FileView.of(report), "draft_id": draft_id}
    return render(request, "iqc/import_file.html", context, status=200 if report.is_stored else 422)


@login_required
@require_http_methods(["GET"])
def template(request: SignedIn) -> HttpResponse:
    """Give an empty workbook with the columns that are read."""
    own_laboratories(request.user, at=timezone.now())
    response = HttpResponse(template_bytes(_("Control runs"), COLUMNS), content_type=EXCEL)
    response.headers["Content-Disposition"] = 'attachment; filename="control-runs.xlsx"'
    return response
