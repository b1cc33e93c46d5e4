"""The page of one measuring system: chart, what is open, the action, the runs behind."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from lienthong.core.export import excel_response
from lienthong.errors import BadInput, Conflict
from lienthong.iqc import actions
from lienthong.iqc.chart_data import chart_data
from lienthong.iqc.forms import ActionForm, add_findings
from lienthong.iqc.history import past_actions
from lienthong.iqc.permissions import can_record
from lienthong.iqc.presenters import system as shown
from lienthong.iqc.presenters.chart import NARROW, WIDE, draw
from lienthong.iqc.presenters.history import action_rows
from lienthong.iqc.views.asking import SignedIn
from lienthong.iqc.views.loading import Bench, bench_of

DAYS = (10, 30, 90)


@login_required
@require_http_methods(["GET"])
def chart(request: SignedIn, procedure_id: int) -> HttpResponse:
    """Show a measuring system's chart over some days; with `export=excel` the runs behind it."""
    bench = bench_of(request.user, procedure_id, at=timezone.now())
    with timezone.override(bench.standing.system.zone):
        if request.GET.get("export") == "excel":
            return _runs_as_excel(request, bench)
        return _page(request, bench, ActionForm(violations=bench.open_violations(), initial=_initial(bench)))


@login_required
@require_http_methods(["POST"])
def record_action(request: SignedIn, procedure_id: int) -> HttpResponse:
    """Record cause and action; then the repeat can be typed in."""
    at = timezone.now()
    bench = bench_of(request.user, procedure_id, at=at)
    with timezone.override(bench.standing.system.zone):
        form = ActionForm(request.POST, violations=bench.open_violations())
        if form.is_valid():
            given = form.cleaned_data
            try:
                outcome = actions.record_action(
                    form.violation_ids(),
                    given["cause"],
                    given["action"],
                    by=request.user,
                    at=at,
                    done_at=given["done_at"],
                )
            except BadInput as error:
                add_findings(form, error)
            except Conflict as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _saved(outcome.cleared), extra_tags="good")
                return redirect("iqc:chart" if outcome.cleared else "iqc:enter-run", procedure_id)
        return _page(request, bench, form, status=422)


def _page(request: SignedIn, bench: Bench, form: ActionForm, *, status: int = 200) -> HttpResponse:
    standing = bench.standing
    days = _days(request)
    data = chart_data(standing.system.id, start=bench.at - dt.timedelta(days=days), end=bench.at)
    name, decimals = shown.system_name(standing), data.decimals(standing.system.procedure.analyte.decimals)
    context = {
        "name": name,
        "system": standing.system.procedure,
        "notices": shown.notices(standing),
        "charts": [draw(data, frame, name=name, decimals=decimals) for frame in (WIDE, NARROW)] if data.runs else [],
        "levels": data.levels,
        "facts": shown.facts(standing, data),
        "header": shown.run_header(data, standing.system.procedure.unit),
        "rows": shown.run_rows(data, decimals=decimals),
        "resets": list(reversed(data.resets)),
        "days": days,
        "day_choices": DAYS,
        "form": form,
        "is_out": bool(standing.rejections),
        "can_record": can_record(request.user, standing.system.laboratory_id, at=bench.at),
        "past": action_rows(past_actions([standing.system.id]), bench.names)[:10],
    }
    return render(request, "iqc/chart.html", context, status=status)


def _runs_as_excel(request: SignedIn, bench: Bench) -> HttpResponse:
    procedure = bench.standing.system.procedure
    start = bench.at - dt.timedelta(days=_days(request))
    data = chart_data(procedure.id, start=start, end=bench.at)
    rows = shown.run_rows(data, decimals=data.decimals(procedure.analyte.decimals))
    header = shown.run_header(data, procedure.unit)
    return excel_response(f"runs-{procedure.code}", header, [row.exported() for row in rows])


def _initial(bench: Bench) -> dict[str, list[str]]:
    return {"violations": [str(found.id) for found in bench.standing.rejections]}


def _days(request: SignedIn) -> int:
    asked = request.GET.get("days", "")
    return int(asked) if asked.isdigit() and int(asked) in DAYS else 30


def _saved(cleared: int) -> str:
    if not cleared:
        return _("The action is recorded. Now run all levels.")
    text = ngettext(
        "The action is recorded; the runs that followed it cleared %(count)s violation.",
        "The action is recorded; the runs that followed it cleared %(count)s violations.",
        cleared,
    )
    return text % {"count": cleared}
