"""What is out of control this morning, what is to run, and the lists of systems and laboratories."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lienthong.core.export import excel_response
from lienthong.iqc.drafts import waiting_drafts
from lienthong.iqc.overview import Standing, standings
from lienthong.iqc.permissions import OFFICER, own_laboratories, readable_laboratories
from lienthong.iqc.presenters import lists
from lienthong.iqc.views.asking import SignedIn
from lienthong.iqc.views.zones import in_zone_of
from lienthong.registry.reads import check_role

PAGE = 50
STATES: dict[str, Callable[[Standing], bool]] = {
    "out_of_control": lambda one: one.state.state == "out_of_control",
    "waiting": lambda one: one.waits_for_run,
    "warning": lambda one: not one.rejections and bool(one.warnings),
    "no_evidence": lambda one: one.state.state == "no_evidence",
    "in_control": lambda one: one.state.state == "in_control",
}


@login_required
@require_http_methods(["GET"])
def today(request: SignedIn) -> HttpResponse:
    """Show what is out of control, what to run and what waits, in that order."""
    at = timezone.now()
    found = standings(own_laboratories(request.user, at=at), at=at)
    with in_zone_of(found):
        concerned = [one for one in found if one.rejections or one.warnings]
        out = sorted((lists.OutRow.of(one) for one in concerned), key=lambda row: (row.is_quiet, row.system.name))
        due = lists.due_rows(found, at=at)
        if request.GET.get("export") == "out":
            return excel_response("out-of-control", lists.out_header(), [row.cells() for row in out])
        if request.GET.get("export") == "due":
            return excel_response("controls-to-run", lists.due_header(), [row.cells() for row in due])
        context = {
            "at": at,
            "head": lists.systems_out(sum(bool(one.rejections) for one in found)),
            "counts": lists.state_counts(found),
            "systems": len(found),
            "out": out,
            "due": due,
            "drafts": waiting_drafts(request.user),
            "unfinished": [lists.SystemRow.of(one) for one in found if _cause_is_open(one)],
            "without_target": [lists.SystemRow.of(one) for one in found if not one.targets],
        }
        return render(request, "iqc/today.html", context)


@login_required
@require_http_methods(["GET"])
def systems(request: SignedIn) -> HttpResponse:
    """List the measuring systems that one reads, with their states; filtered by text, state and laboratory."""
    at = timezone.now()
    found = standings(readable_laboratories(request.user, at=at), at=at)
    with in_zone_of(found):
        laboratories = {one.system.laboratory_id: one.system.procedure.laboratory_title for one in found}
        asked = {name: request.GET.get(name, "").strip() for name in ("q", "state", "laboratory")}
        kept = list(_filtered(found, asked))
        if request.GET.get("export") == "excel":
            rows = [lists.SystemRow.of(one).cells() for one in kept]
            return excel_response("measuring-systems", lists.system_header(), rows)
        page = Paginator(kept, PAGE).get_page(request.GET.get("page"))
        context = {
            "head": lists.systems_out(sum(bool(one.rejections) for one in kept)),
            "counts": lists.state_counts(kept),
            "page": page,
            "rows": [lists.SystemRow.of(one) for one in page],
            "asked": asked,
            "query": _query(asked),
            "states": _state_choices(),
            "laboratories": sorted(laboratories.items(), key=lambda item: item[1]),
            "shows_laboratory": len(laboratories) > 1,
        }
        return render(request, "iqc/systems.html", context)


@login_required
@require_http_methods(["GET"])
def laboratories(request: SignedIn) -> HttpResponse:
    """List the laboratories of an officer's region with how many of their systems stand how."""
    at = timezone.now()
    reached = check_role(request.user, OFFICER, on=timezone.localdate(at)).laboratories_as(OFFICER)
    found = standings(reached, at=at)
    with in_zone_of(found):
        rows = lists.laboratory_rows(found)
        if request.GET.get("export") == "excel":
            return excel_response("laboratories", lists.laboratory_header(), [row.cells() for row in rows])
        context = {
            "head": lists.systems_out(sum(bool(one.rejections) for one in found)),
            "counts": lists.state_counts(found),
            "rows": rows,
            "laboratories_out": sum(row.out_of_control > 0 for row in rows),
        }
        return render(request, "iqc/laboratories.html", context)


def _cause_is_open(one: Standing) -> bool:
    return any(found.actions and not found.removed_at for found in one.rejections)


def _filtered(found: Sequence[Standing], asked: dict[str, str]) -> Iterable[Standing]:
    matches = STATES.get(asked["state"], lambda one: True)
    for one in found:
        if asked["laboratory"] and asked["laboratory"] != str(one.system.laboratory_id):
            continue
        if matches(one) and one.system.has_text(asked["q"]):
            yield one


def _query(asked: dict[str, str]) -> str:
    return urlencode({name: value for name, value in asked.items() if value})


def _state_choices() -> list[tuple[str, str]]:
    return [
        ("out_of_control", _("Out of control")),
        ("waiting", _("Run needed")),
        ("warning", _("Warning")),
        ("no_evidence", _("No evidence")),
        ("in_control", _("In control")),
    ]
