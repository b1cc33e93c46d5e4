"""The pages of the entrance test: the runs of a sender, the open one case by case, its cases, its report."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lienthong.core.export import excel_response
from lienthong.core.secrets import public_key
from lienthong.errors import NotFound
from lienthong.exchange import lookups
from lienthong.exchange.certification import actions, presenters
from lienthong.exchange.certification.cases import archive
from lienthong.exchange.certification.models import Certification
from lienthong.exchange.models import Source
from lienthong.exchange.querysets import EVERYWHERE
from lienthong.exchange.signed_in import user_of
from lienthong.registry import reads as registry


@login_required
@require_GET
def certification(request: HttpRequest, code: str) -> HttpResponse:
    """Show the runs of a sender, and of the open one what each case says so far; of an analyser, how to try it."""
    now, source = timezone.now(), _source(request, code)
    if source.protocol == Source.Protocol.ASTM:
        return render(request, "exchange/certification_analyzer.html", {"source": source})
    runs = lookups.certifications(source)
    current = next((one for one in runs if one.closed_at is None and not one.is_self_test), None)
    page = presenters.run_page(actions.judge_certification(current, at=now)) if current else None
    context = {"source": source, "runs": presenters.run_rows(runs, now), "current": current, "page": page}
    return render(request, "exchange/certification_detail.html", context)


@login_required
@require_POST
def open_run(request: HttpRequest, code: str) -> HttpResponse:
    """Open a run for a sender."""
    source = _source(request, code)
    actions.open_certification(source.code, by=user_of(request), at=timezone.now())
    messages.success(request, _("The entrance test is open; give the cases to the sender's engineer."))
    return redirect("exchange:certification", source.code)


@login_required
@require_GET
def case_files(request: HttpRequest, certification_id: int) -> HttpResponse:
    """Give the cases with the sender's own MSH-3 and MSH-4 as a ZIP."""
    run = _run(request, certification_id)
    response = HttpResponse(archive(actions.filling_of(run)), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{run.prefix}-cases.zip"'
    return response


@login_required
@require_POST
def close_run(request: HttpRequest, certification_id: int) -> HttpResponse:
    """Judge a run for the last time, and sign it where it has passed."""
    run = _run(request, certification_id)
    has_passed = actions.close_certification(run.pk, by=user_of(request), at=timezone.now())
    told = _("All cases passed; the report is signed.") if has_passed else _("Closed; not all cases passed.")
    messages.success(request, told)
    return redirect("exchange:certification-report", run.pk)


@login_required
@require_GET
def report(request: HttpRequest, certification_id: int) -> HttpResponse:
    """Show the report of a run as it is printed; `?format=xlsx` gives it as a workbook, `jws` its signature."""
    run = _run(request, certification_id)
    if run.closed_at is not None:
        verdicts = presenters.kept_verdicts(run)
    else:
        verdicts = actions.judge_certification(run, at=timezone.now())
    page = presenters.run_page(verdicts)
    if request.GET.get("format") == "xlsx":
        cells = [row for one in page.rows for row in one.cells()]
        return excel_response(f"{run.prefix}", presenters.header(), cells)
    if request.GET.get("format") == "jws" and run.signed:
        response = HttpResponse(run.signed, content_type="application/jose")
        response.headers["Content-Disposition"] = f'attachment; filename="{run.prefix}.jws"'
        return response
    context = {"run": run, "page": page, "state": presenters.run_rows([run], timezone.now())[0]}
    context |= {"public_key": public_key() if run.signed else ""}
    return render(request, "exchange/certification_report.html", context)


def _source(request: HttpRequest, code: str) -> Source:
    access = registry.check_role(user_of(request), *EVERYWHERE, on=timezone.localdate())
    return lookups.operated_source(access, code)


def _run(request: HttpRequest, certification_id: int) -> Certification:
    access = registry.check_role(user_of(request), *EVERYWHERE, on=timezone.localdate())
    run = lookups.certification(certification_id)
    if run is None or run.source.facility_id not in access.facilities_as(*EVERYWHERE):
        raise NotFound(_("There is no such entrance test."))
    return run
