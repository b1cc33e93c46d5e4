"""Bringing a file of control runs or targets, looking at what it would do, and importing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from lienthong.core.export import EXCEL
from lienthong.core.tabular import Column, template_bytes
from lienthong.iqc import actions, run_file, target_file
from lienthong.iqc.drafts import draft_content, waiting_drafts
from lienthong.iqc.forms import FileForm
from lienthong.iqc.permissions import own_laboratories
from lienthong.iqc.presenters.files import FileView
from lienthong.iqc.presenters.targets import file_context
from lienthong.iqc.views.asking import SignedIn


@dataclass(frozen=True, slots=True)
class FileKind:
    """What is told of a kind of file, and what is done with one.

    `page` begins the names of its addresses, `listed` is where its rows stand in the end; with `over` that page stands
    above this one. `shown` makes the context of a page of what `check` and `store` report.
    """

    title: Promise
    label: Promise
    page: str
    listed: str
    see_list: Promise
    over: Promise | str
    sheet: Promise
    template: str
    columns: Sequence[Column]
    check: Callable[..., Any]
    store: Callable[..., Any]
    shown: Callable[[Any], dict[str, object]]


KINDS: Mapping[str, FileKind] = {
    "runs": FileKind(
        title=gettext_lazy("Import control runs"),
        label=gettext_lazy("File of runs"),
        page="iqc:import",
        listed="iqc:systems",
        see_list=gettext_lazy("See the measuring systems"),
        over="",
        sheet=gettext_lazy("Control runs"),
        template="control-runs.xlsx",
        columns=run_file.COLUMNS,
        check=actions.check_runs,
        store=actions.import_draft,
        shown=lambda report: {"file": FileView.of(report)},
    ),
    "targets": FileKind(
        title=gettext_lazy("Import control targets"),
        label=gettext_lazy("File of targets"),
        page="iqc:import-targets",
        listed="iqc:targets",
        see_list=gettext_lazy("See the targets"),
        over=gettext_lazy("Targets"),
        sheet=gettext_lazy("Control targets"),
        template="control-targets.xlsx",
        columns=target_file.COLUMNS,
        check=actions.check_targets,
        store=actions.import_target_draft,
        shown=file_context,
    ),
}


@login_required
@require_http_methods(["GET", "POST"])
def bring_file(request: SignedIn, kind: str) -> HttpResponse:
    """Take a file; nothing is stored before its owner has seen what it would do."""
    at, its = timezone.now(), KINDS[kind]
    own_laboratories(request.user, at=at)
    form = FileForm(request.POST or None, request.FILES or None, label=its.label)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        draft_id = actions.keep_draft(file.read(), file.name, kind=kind, by=request.user, at=at)
        return redirect(f"{its.page}-file", draft_id)
    context = {"kind": its, "template": f"{its.page}-template", "form": form}
    context |= {"drafts": waiting_drafts(request.user, kind=kind)}
    return render(request, "iqc/import.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def import_file(request: SignedIn, kind: str, draft_id: int) -> HttpResponse:
    """Show what a file holds and what is wrong with it; on a word of its owner import or drop it."""
    at, its = timezone.now(), KINDS[kind]
    own_laboratories(request.user, at=at)
    name, content = draft_content(draft_id, request.user, kind=kind)
    if request.method == "GET":
        report = its.check(content, name, by=request.user, at=at)
        return render(request, "iqc/import_file.html", {"kind": its, **its.shown(report)})
    if request.POST.get("choice") == "drop":
        actions.drop_draft(draft_id, kind=kind, by=request.user, at=at)
        messages.info(request, _("The file was dropped; nothing was stored."), extra_tags="info")
        return redirect(its.page)
    good_rows_only = request.POST.get("choice") == "good-rows"
    report = its.store(draft_id, by=request.user, at=at, good_rows_only=good_rows_only)
    context = {"kind": its, **its.shown(report)}
    return render(request, "iqc/import_file.html", context, status=200 if report.is_stored else 422)


@login_required
@require_http_methods(["GET"])
def template(request: SignedIn, kind: str) -> HttpResponse:
    """Give an empty workbook with the columns that are read."""
    own_laboratories(request.user, at=timezone.now())
    its = KINDS[kind]
    response = HttpResponse(template_bytes(str(its.sheet), its.columns), content_type=EXCEL)
    response.headers["Content-Disposition"] = f'attachment; filename="{its.template}"'
    return response
