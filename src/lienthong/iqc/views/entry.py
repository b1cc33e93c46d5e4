"""Typing in a run, recording a reset event, excluding a value."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lienthong.core.templatetags.numbers import signed
from lienthong.errors import BadInput, Conflict, NotFound
from lienthong.iqc import actions
from lienthong.iqc.chart_data import plotted_value
from lienthong.iqc.forms import ExcludeForm, ResetForm, RunForm, add_findings, this_minute
from lienthong.iqc.permissions import check_recorder
from lienthong.iqc.presenters.system import notices, system_name
from lienthong.iqc.views.asking import SignedIn
from lienthong.iqc.views.loading import Bench, bench_of
from lienthong.iqc.words import rule_name, verdict_words


@login_required
@require_http_methods(["GET", "POST"])
def enter_run(request: SignedIn, procedure_id: int) -> HttpResponse:
    """Type in a run with all its levels."""
    at = timezone.now()
    bench = bench_of(request.user, procedure_id, at=at)
    check_recorder(request.user, {bench.standing.system.laboratory_id}, at=at)
    with timezone.override(bench.standing.system.zone):
        targets = bench.standing.targets
        if request.method == "GET":
            return _run_page(request, bench, RunForm(targets=targets, initial={"measured_at": this_minute(at)}))
        form = RunForm(request.POST, targets=targets)
        if form.is_valid():
            given = form.cleaned_data
            try:
                outcome = actions.record_run(
                    procedure_id,
                    form.values(),
                    measured_at=given["measured_at"],
                    operator=given["operator"],
                    by=request.user,
                    at=at,
                )
            except BadInput as error:
                add_findings(form, error)
            except Conflict as error:
                form.add_error("measured_at", str(error))
            else:
                _tell(request, outcome)
                return redirect("iqc:chart", procedure_id)
        return _run_page(request, bench, form, status=422)


@login_required
@require_http_methods(["GET", "POST"])
def record_reset(request: SignedIn, procedure_id: int) -> HttpResponse:
    """Record calibration, a new lot or maintenance for systems of an instrument."""
    at = timezone.now()
    bench = bench_of(request.user, procedure_id, at=at)
    check_recorder(request.user, {bench.standing.system.laboratory_id}, at=at)
    with timezone.override(bench.standing.system.zone):
        choices = bench.system_choices()
        if request.method == "GET":
            initial = {"at_event": this_minute(at), "systems": [str(procedure_id)]}
            return _reset_page(request, bench, ResetForm(systems=choices, initial=initial))
        form = ResetForm(request.POST, systems=choices)
        if form.is_valid():
            given = form.cleaned_data
            try:
                actions.record_reset(
                    form.system_ids(),
                    given["kind"],
                    at_event=given["at_event"],
                    note=given["note"],
                    by=request.user,
                    at=at,
                )
            except BadInput as error:
                add_findings(form, error)
            else:
                text = _("The event is recorded. Rules over several results count anew from there.")
                messages.success(request, text, extra_tags="good")
                return redirect("iqc:chart", procedure_id)
        return _reset_page(request, bench, form, status=422)


@login_required
@require_http_methods(["GET", "POST"])
def exclude_result(request: SignedIn, procedure_id: int, result_id: int) -> HttpResponse:
    """Exclude a value for a documented reason; it stays visible."""
    at = timezone.now()
    bench = bench_of(request.user, procedure_id, at=at)
    check_recorder(request.user, {bench.standing.system.laboratory_id}, at=at)
    value = plotted_value(procedure_id, result_id)
    if value is None:
        raise NotFound(_("There is no such control value."))
    with timezone.override(bench.standing.system.zone):
        form = ExcludeForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                actions.exclude_result(result_id, form.cleaned_data["reason"], by=request.user, at=at)
            except BadInput as error:
                add_findings(form, error)
            else:
                text = _("The value is excluded. It stays on the chart, and no rule counts it.")
                messages.success(request, text, extra_tags="good")
                return redirect("iqc:chart", procedure_id)
        context = {
            "form": form,
            "value": value,
            "z": signed(value.z),
            "name": system_name(bench.standing),
            "system_id": procedure_id,
        }
        return render(request, "iqc/exclude.html", context, status=422 if form.errors else 200)


def _run_page(request: SignedIn, bench: Bench, form: RunForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "name": system_name(bench.standing),
        "system": bench.standing.system.procedure,
        "notices": notices(bench.standing),
        "has_targets": bool(bench.standing.targets),
    }
    return render(request, "iqc/enter_run.html", context, status=status)


def _reset_page(request: SignedIn, bench: Bench, form: ResetForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "name": system_name(bench.standing), "system_id": bench.standing.system.id}
    return render(request, "iqc/reset.html", context, status=status)


def _tell(request: SignedIn, outcome: actions.RunOutcome) -> None:
    """Say what the rules said of the run."""
    if outcome.cleared:
        messages.success(request, _("The run passed: what was open is cleared."), extra_tags="good")
    elif outcome.verdict == "accepted":
        messages.success(request, _("The run is accepted."), extra_tags="good")
    else:
        rules = ", ".join(rule_name(rule) for rule in outcome.rules)
        tone = "bad" if outcome.verdict == "rejected" else "warn"
        words = verdict_words(outcome.verdict)[2]
        text = _("The run is stored: %(words)s (%(rules)s).") if rules else _("The run is stored: %(words)s.")
        messages.warning(request, text % {"words": words, "rules": rules}, extra_tags=tone)
