"""Bringing a table in: choose it, look at what it would do, import it."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lienthong.core.export import EXCEL, excel_response
from lienthong.core.imports.run import ImportReport
from lienthong.core.imports.spec import importer_of, importers
from lienthong.core.models import User
from lienthong.core.tabular import template_bytes
from lienthong.errors import NotFound
from lienthong.registry import actions, presenters
from lienthong.registry.access import Role, administers_region, check_role
from lienthong.registry.forms import TableForm
from lienthong.registry.models import TableFile


@require_http_methods(["GET", "POST"])
@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """Take a file and the kind of table that it holds."""
    user, now = _user(request), timezone.now()
    access = check_role(user, Role.ADMINISTRATOR, on=timezone.localdate(now))
    kinds = [one for one in importers() if not one.is_of_region or administers_region(access)]
    form = TableForm(kinds, request.POST, request.FILES) if request.method == "POST" else TableForm(kinds)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        kept = actions.keep_table(kind=form.cleaned_data["kind"], data=file.read(), name=file.name, by=user, at=now)
        return redirect("registry:import-file", kept)
    status = 422 if form.errors else 200
    return render(request, "registry/import_choose.html", {"form": form, "kinds": kinds}, status=status)


@require_http_methods(["GET", "POST"])
@login_required
def file(request: HttpRequest, file_id: int) -> HttpResponse:
    """Show what a kept file would do; import it on the user's word."""
    user, now = _user(request), timezone.now()
    check_role(user, Role.ADMINISTRATOR, on=timezone.localdate(now))
    kept = TableFile.objects.filter(pk=file_id, by=user, imported_at=None).first()
    if kept is None:
        raise NotFound(_("This file is not here any more; choose it again."))
    if request.method == "POST":
        good_rows_only = request.POST.get("rows") == "good"
        report = actions.import_kept_table(file_id, good_rows_only=good_rows_only, by=user, at=now)
        if report.is_written:
            messages.success(request, presenters.done(report), extra_tags="good")
            return redirect("registry:import")
    else:
        report = actions.preview_table(kept.kind, bytes(kept.content), kept.name, by=user, at=now)
    return _shown(request, kept, report)


@require_GET
@login_required
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """Give the empty workbook of a kind of table."""
    check_role(_user(request), Role.ADMINISTRATOR, on=timezone.localdate())
    importer = importer_of(kind)
    if importer is None:
        raise NotFound(_("There is no such kind of table."))
    response = HttpResponse(template_bytes(importer.kind, importer.columns), content_type=EXCEL)
    response.headers["Content-Disposition"] = f'attachment; filename="{importer.kind}.xlsx"'
    return response


def _shown(request: HttpRequest, kept: TableFile, report: ImportReport) -> HttpResponse:
    if request.GET.get("format") == "xlsx" and request.GET.get("table") == "changes":
        header = [_("Row"), _("What it names"), _("Effect"), _("In words")]
        return excel_response("changes", header, presenters.change_cells(report))
    if request.GET.get("format") == "xlsx":
        rows = [[finding.where, finding.code, finding.message] for finding in report.findings]
        return excel_response("findings", [_("Where"), _("Code"), _("What is wrong")], rows)
    importer = importer_of(kept.kind)
    context = {
        "page": presenters.import_page(report),
        "file": kept,
        "title": importer.title if importer else kept.kind,
        "most": presenters.MOST_SHOWN,
    }
    return render(request, "registry/import_file.html", context)


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
