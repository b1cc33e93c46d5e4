"""The pages of EQA: rounds, one round, a laboratory's own results, files in, and certificates."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lienthong.core.export import EXCEL, excel_response
from lienthong.core.models import User
from lienthong.core.tabular import template_bytes
from lienthong.eqa import actions, columns, lookups
from lienthong.eqa.forms import CertificateForm, CheckForm, FileForm
from lienthong.eqa.imports import ImportOutcome
from lienthong.eqa.presenters import files
from lienthong.eqa.presenters.certificates import certificate_page, certificates_page
from lienthong.eqa.presenters.mine import mine_page
from lienthong.eqa.presenters.round import round_page
from lienthong.eqa.presenters.rounds import rounds_page
from lienthong.errors import BadInput, NotAllowed
from lienthong.registry.reads import Access, check_role

STEPS: dict[str, Callable[..., object]] = {
    "close": actions.close_round,
    "score": actions.score_round,
    "publish": actions.publish_final,
}
TEMPLATES = {"results": columns.RESULTS, "plan": columns.PLAN, "scores": columns.SCORES}


@login_required
@require_GET
def rounds(request: HttpRequest) -> HttpResponse:
    """List the rounds of one's region or laboratory."""
    return render(request, "eqa/rounds.html", {"page": rounds_page(_access(request))})


@login_required
@require_GET
def rounds_file(request: HttpRequest) -> HttpResponse:
    """Give the list of rounds as a workbook."""
    return excel_response("eqa-rounds", *files.rounds(rounds_page(_access(request))))


@login_required
@require_GET
def round_(request: HttpRequest, round_id: int) -> HttpResponse:
    """Show where a round stands and, once it is scored, the results under participant codes."""
    access = _access(request)
    row = lookups.visible_round(round_id, access)
    page = round_page(row, access, request.GET.dict(), now=timezone.now())
    return render(request, "eqa/round.html", {"page": page})


@login_required
@require_GET
def round_file(request: HttpRequest, round_id: int) -> HttpResponse:
    """Give a round's table, as the page shows it, as a workbook."""
    access = _access(request)
    row = lookups.visible_round(round_id, access)
    page = round_page(row, access, request.GET.dict(), now=timezone.now())
    return excel_response(f"eqa-{row.scheme.code}-{row.code}", *files.round_(page))


@login_required
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, round_id: int, step: str) -> HttpResponse:
    """Ask once, then close, score or publish a round."""
    if step not in STEPS:
        raise Http404
    row = lookups.managed_round(round_id, _access(request))
    if request.method == "GET":
        return render(request, "eqa/round_step.html", {"round": row, "step": step})
    STEPS[step](row.pk, by=_user(request), at=timezone.now())
    return redirect("eqa:round", row.pk)


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """Show a laboratory's own results in a round, with advice."""
    return render(request, "eqa/mine.html", {"page": mine_page(_access(request), request.GET.get("round", ""))})


@login_required
@require_GET
def mine_file(request: HttpRequest) -> HttpResponse:
    """Give a laboratory's own results as a workbook."""
    page = mine_page(_access(request), request.GET.get("round", ""))
    return excel_response("eqa-mine", *files.mine(page))


@login_required
@require_http_methods(["GET", "POST"])
def import_results(request: HttpRequest, round_id: int) -> HttpResponse:
    """Take a file of participants' results."""
    row = lookups.managed_round(round_id, _access(request))
    name = f"{row.scheme.code}/{row.code}"

    def take(data: bytes, file_name: str, good_rows_only: bool) -> ImportOutcome:
        return actions.import_results(
            name, data, file_name, by=_user(request), at=timezone.now(), good_rows_only=good_rows_only
        )

    heading = _("Enter results of round %(code)s") % {"code": row.code}
    return _import(request, take, kind="results", heading=heading, back=row.pk)


@login_required
@require_http_methods(["GET", "POST"])
def import_plan(request: HttpRequest) -> HttpResponse:
    """Take the plan of a round: its samples, dates, participants and measuring systems."""
    _officer(request)

    def take(data: bytes, file_name: str, good_rows_only: bool) -> ImportOutcome:
        return actions.import_plan(data, file_name, by=_user(request), at=timezone.now())

    return _import(request, take, kind="plan", heading=_("Enter the plan of a round"))


@login_required
@require_http_methods(["GET", "POST"])
def import_scores(request: HttpRequest) -> HttpResponse:
    """Take a file of scores from an outside provider."""
    _officer(request)

    def take(data: bytes, file_name: str, good_rows_only: bool) -> ImportOutcome:
        return actions.import_scores(
            data, file_name, by=_user(request), at=timezone.now(), good_rows_only=good_rows_only
        )

    return _import(request, take, kind="scores", heading=_("Enter scores of an outside provider"))


@login_required
@require_GET
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """Give an empty workbook to fill in."""
    _access(request)
    if kind not in TEMPLATES:
        raise Http404
    response = HttpResponse(template_bytes(f"eqa-{kind}", TEMPLATES[kind]), content_type=EXCEL)
    response.headers["Content-Disposition"] = f'attachment; filename="eqa-{kind}.xlsx"'
    return response


@login_required
@require_GET
def certificates(request: HttpRequest) -> HttpResponse:
    """List certificates, those that wait first."""
    return render(request, "eqa/certificates.html", {"page": certificates_page(_access(request))})


@login_required
@require_GET
def certificates_file(request: HttpRequest) -> HttpResponse:
    """Give the list of certificates as a workbook."""
    return excel_response("eqa-certificates", *files.certificates(certificates_page(_access(request))))


@login_required
@require_http_methods(["GET", "POST"])
def hand_in(request: HttpRequest) -> HttpResponse:
    """Take a certificate from a laboratory manager."""
    access = check_role(_user(request), "manager", on=timezone.localdate())
    place = lookups.hand_in_place(access, request.GET.get("laboratory", ""), on=timezone.localdate())
    form = CertificateForm(
        request.POST or None, request.FILES or None, schemes=place.schemes, procedures=place.procedures
    )
    context = {"form": form, "place": place}
    if request.method == "GET" or not form.is_valid():
        return render(request, "eqa/certificate_form.html", context, status=200 if request.method == "GET" else 422)
    sent = form.cleaned_data
    try:
        actions.hand_in_certificate(
            laboratory_id=place.laboratory_id,
            scheme_code=sent["scheme"],
            round_code=sent["round_code"],
            finished_on=sent["finished_on"],
            number=sent["number"],
            lines=form.lines,
            document=sent["document"].read(),
            document_name=sent["document"].name,
            by=_user(request),
            at=timezone.now(),
        )
    except BadInput as error:
        for finding in error.findings:
            form.add_error(finding.where if finding.where in form.fields else None, ValidationError(finding.message))
        return render(request, "eqa/certificate_form.html", context, status=422)
    messages.success(request, _("The certificate waits for the centre. It counts once it is checked."))
    return redirect("eqa:certificates")


@login_required
@require_http_methods(["GET", "POST"])
def certificate(request: HttpRequest, certificate_id: int) -> HttpResponse:
    """Show a certificate; an officer accepts or refuses it."""
    access = _access(request)
    row = lookups.visible_certificate(certificate_id, access)
    form = CheckForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.check_certificate(
            row.pk,
            accept=form.cleaned_data["decision"] == "accept",
            reason=form.cleaned_data["reason"],
            by=_user(request),
            at=timezone.now(),
        )
        return redirect("eqa:certificate", row.pk)
    page = certificate_page(row, access, _user(request))
    return render(request, "eqa/certificate.html", {"page": page, "form": form}, status=422 if form.errors else 200)


@login_required
@require_GET
def document(request: HttpRequest, certificate_id: int) -> HttpResponse:
    """Give the document of a certificate as it was handed in."""
    row = lookups.visible_certificate(certificate_id, _access(request))
    content = bytes(row.document)
    response = HttpResponse(content, content_type=actions.media_type(content) or "application/octet-stream")
    suffix = row.document_name.rpartition(".")[2].lower()
    response.headers["Content-Disposition"] = f'attachment; filename="certificate-{row.pk}.{suffix}"'
    return response


def _import(
    request: HttpRequest,
    take: Callable[[bytes, str, bool], ImportOutcome],
    *,
    kind: str,
    heading: str,
    back: int | None = None,
) -> HttpResponse:
    """Show the form of a file, hand the file to an action, and say what came of it."""
    form = FileForm(request.POST or None, request.FILES or None)
    outcome = None
    if request.method == "POST" and form.is_valid():
        outcome = take(*form.data_and_name(), form.cleaned_data["good_rows_only"])
        if outcome.is_written and not outcome.findings:
            messages.success(request, files.in_words(outcome))
            return redirect("eqa:round", back) if back else redirect("eqa:rounds")
    context = {"form": form, "outcome": outcome, "kind": kind, "heading": heading, "back": back}
    context["said"] = files.in_words(outcome) if outcome else ""
    is_bad = bool(form.errors) or (outcome is not None and not outcome.is_written)
    return render(request, "eqa/import.html", context, status=422 if is_bad else 200)


def _access(request: HttpRequest) -> Access:
    return lookups.access_for(_user(request), on=timezone.localdate())


def _officer(request: HttpRequest) -> Access:
    return check_role(_user(request), "officer", on=timezone.localdate())


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise NotAllowed(_("sign in first"))
    return request.user
