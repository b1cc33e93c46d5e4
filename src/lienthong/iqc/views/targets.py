"""What controls are held against: the list of targets, and bringing a file of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lienthong.core.export import EXCEL, excel_response
from lienthong.core.tabular import template_bytes
from lienthong.iqc import actions
from lienthong.iqc.drafts import draft_content, waiting_drafts
from lienthong.iqc.forms import TargetFileForm
from lienthong.iqc.overview import in_order
from lienthong.iqc.permissions import is_recorder, own_laboratories, readable_laboratories
from lienthong.iqc.presenters import targets as shown
from lienthong.iqc.systems import System, systems
from lienthong.iqc.target_file import COLUMNS
from lienthong.iqc.targets import TargetFacts, targets_of
from lienthong.iqc.views.asking import SignedIn

PAGE = 50


@login_required
@require_http_methods(["GET"])
def targets(request: SignedIn) -> HttpResponse:
    """List what stands for each lot and level of the systems that one reads, and the systems that have no target."""
    at = timezone.now()
    known = systems(laboratory_ids=readable_laboratories(request.user, at=at), on=timezone.localdate(at))
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "laboratory")}
    kept = [one for one in in_order(known) if asked["laboratory"] in ("", str(one.laboratory_id))]
    standing = _standing(kept, at=at)
    rows = list(_rows(kept, standing, asked["q"], at=at))
    without = [shown.SystemName.of(one) for one in kept if not standing[one.id] and one.has_text(asked["q"])]
    if request.GET.get("export") == "excel":
        return excel_response("control-targets", shown.target_header(), [row.cells() for row in rows])
    if request.GET.get("export") == "without":
        return excel_response("systems-without-target", shown.system_header(), [one.cells() for one in without])
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    laboratories = {one.laboratory_id: one.procedure.laboratory_title for one in known.values()}
    context = {
        "page": page,
        "rows": list(page),
        "count": len(rows),
        "without": without,
        "asked": asked,
        "query": urlencode({name: value for name, value in asked.items() if value}),
        "laboratories": sorted(laboratories.items(), key=lambda item: item[1]),
        "shows_laboratory": len(laboratories) > 1,
        "can_bring": is_recorder(request.user, at=at),
    }
    return render(request, "iqc/targets.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def bring_file(request: SignedIn) -> HttpResponse:
    """Take a file of targets; nothing is stored before its owner has seen what it would set."""
    at = timezone.now()
    own_laboratories(request.user, at=at)
    form = TargetFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        draft_id = actions.keep_draft(file.read(), file.name, kind="targets", by=request.user, at=at)
        return redirect("iqc:import-targets-file", draft_id)
    context = {"form": form, "drafts": waiting_drafts(request.user, kind="targets"), "columns": COLUMNS}
    return render(request, "iqc/import_targets.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def import_file(request: SignedIn, draft_id: int) -> HttpResponse:
    """Show what a file would set and what is wrong with it; on a word of its owner set it or drop the file."""
    at = timezone.now()
    own_laboratories(request.user, at=at)
    name, content = draft_content(draft_id, request.user, kind="targets")
    if request.method == "GET":
        return _look(request, actions.check_targets(content, name, by=request.user, at=at))
    if request.POST.get("choice") == "drop":
        actions.drop_draft(draft_id, kind="targets", by=request.user, at=at)
        messages.info(request, _("The file was dropped; nothing was stored."), extra_tags="info")
        return redirect("iqc:import-targets")
    good_rows_only = request.POST.get("choice") == "good-rows"
    report = actions.import_target_draft(draft_id, by=request.user, at=at, good_rows_only=good_rows_only)
    return _look(request, report, status=200 if report.is_stored else 422)


@login_required
@require_http_methods(["GET"])
def template(request: SignedIn) -> HttpResponse:
    """Give an empty workbook with the columns that are read."""
    own_laboratories(request.user, at=timezone.now())
    response = HttpResponse(template_bytes(_("Control targets"), COLUMNS), content_type=EXCEL)
    response.headers["Content-Disposition"] = 'attachment; filename="control-targets.xlsx"'
    return response


def _look(request: SignedIn, report: actions.TargetReport, *, status: int = 200) -> HttpResponse:
    changes = shown.change_rows(report)
    context = {
        "file": shown.file_view(report),
        "changes": changes,
        "more_changes": report.targets - len(changes),
    }
    return render(request, "iqc/import_targets_file.html", context, status=status)


def _standing(kept: Iterable[System], *, at: dt.datetime) -> dict[int, list[TargetFacts]]:
    """Return the targets of each system that hold today or will, by material, lot and level."""
    known = {one.id: one for one in kept}
    found = targets_of(known)
    return {
        key: sorted(
            (target for target in found.get(key, ()) if target.stands(one.day(at))),
            key=lambda target: (target.material, target.lot, target.level, target.valid_from),
        )
        for key, one in known.items()
    }


def _rows(
    kept: Sequence[System], standing: Mapping[int, Sequence[TargetFacts]], text: str, *, at: dt.datetime
) -> Iterator[shown.TargetRow]:
    for one in kept:
        is_named = one.has_text(text)
        for target in standing[one.id]:
            if is_named or any(text.casefold() in name.casefold() for name in (target.material, target.lot)):
                yield shown.TargetRow.of(one, target, day=one.day(at))
