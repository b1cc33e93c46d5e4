"""What controls are held against: the list of targets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence, Set

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lienthong.core.export import excel_response
from lienthong.core.templatetags.numbers import day as day_words
from lienthong.errors import BadInput, NotFound
from lienthong.iqc import actions
from lienthong.iqc.forms import LotForm, add_findings
from lienthong.iqc.overview import in_order
from lienthong.iqc.permissions import check_lot, is_recorder, readable_laboratories
from lienthong.iqc.presenters import targets as shown
from lienthong.iqc.systems import System, systems
from lienthong.iqc.targets import TargetFacts, laboratories_of_lots, targets_of
from lienthong.iqc.views.asking import SignedIn
from lienthong.iqc.views.loading import bench_of

PAGE = 50


@login_required
@require_http_methods(["GET"])
def targets(request: SignedIn) -> HttpResponse:
    """List what stands for each lot and level of the systems that one reads, and the systems that have no target."""
    at = timezone.now()
    readable = readable_laboratories(request.user, at=at)
    known = systems(laboratory_ids=readable, on=timezone.localdate(at))
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "laboratory")}
    can_bring = is_recorder(request.user, at=at)
    kept = [one for one in in_order(known) if asked["laboratory"] in ("", str(one.laboratory_id))]
    standing = _standing(kept, at=at)
    found = _named(kept, standing, asked["q"])
    without = [shown.SystemName.of(one) for one in kept if not standing[one.id] and one.has_text(asked["q"])]
    if request.GET.get("export") == "excel":
        rows = [shown.TargetRow.of(one, target, day=one.day(at)).cells() for one, target in found]
        return excel_response("control-targets", shown.target_header(), rows)
    if request.GET.get("export") == "without":
        return excel_response("systems-without-target", shown.system_header(), [one.cells() for one in without])
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    laboratories = {one.laboratory_id: one.procedure.laboratory_title for one in known.values()}
    context = {
        "page": page,
        "rows": _rows(list(page), readable=readable, at=at),
        "count": len(found),
        "without": without,
        "asked": asked,
        "query": urlencode({name: value for name, value in asked.items() if value}),
        "laboratories": sorted(laboratories.items(), key=lambda item: item[1]),
        "shows_laboratory": len(laboratories) > 1,
        "can_bring": can_bring,
    }
    return render(request, "iqc/targets.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def correct_lot(request: SignedIn, procedure_id: int, lot_id: int) -> HttpResponse:
    """Correct the day on which a control lot of a measuring system expires, for a reason."""
    at = timezone.now()
    bench_of(request.user, procedure_id, at=at)
    users = laboratories_of_lots([lot_id])[lot_id]
    check_lot(request.user, users, at=at)
    target = next((one for one in targets_of([procedure_id])[procedure_id] if one.lot_id == lot_id), None)
    if target is None:
        raise NotFound(_("The measuring system has no target for this control lot."))
    form = LotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.correct_lot_expiry(
                procedure_id, lot_id, given["expires_on"], given["reason"], by=request.user, at=at
            )
        except BadInput as error:
            add_findings(form, error)
        else:
            text = _("The lot now expires on %(day)s. Your reason is in the log.")
            messages.success(request, text % {"day": day_words(given["expires_on"])}, extra_tags="good")
            return redirect("iqc:targets")
    context = {"form": form, "target": target, "others": len(users) - 1}
    return render(request, "iqc/correct_lot.html", context, status=422 if form.errors else 200)


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


def _named(
    kept: Iterable[System], standing: Mapping[int, Sequence[TargetFacts]], text: str
) -> list[tuple[System, TargetFacts]]:
    """Return what stands, of the systems, materials and lots that hold a text."""
    asked, found = text.casefold(), []
    for one in kept:
        is_named = one.has_text(text)
        for target in standing[one.id]:
            if is_named or asked in target.material.casefold() or asked in target.lot.casefold():
                found.append((one, target))
    return found


def _rows(found: Sequence[tuple[System, TargetFacts]], *, readable: Set[int], at: dt.datetime) -> list[shown.TargetRow]:
    users = laboratories_of_lots({target.lot_id for _one, target in found})
    return [
        shown.TargetRow.of(one, target, day=one.day(at), can_correct=users[target.lot_id] <= readable)
        for one, target in found
    ]
