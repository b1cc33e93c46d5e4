"""The pages on which people are told apart: cases, two records side by side, a person with the history of its links."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from lienthong.core.export import excel_response
from lienthong.core.models import User
from lienthong.registry.reads import facilities
from lienthong.results import presenters
from lienthong.results.forms import DecisionForm, ReasonForm
from lienthong.results.people import merging, reviewing
from lienthong.results.people.review_reads import case_counts, case_rows
from lienthong.results.people.review_words import REASONS, STATES
from lienthong.results.permissions import reviewer_access
from lienthong.results.presenters import CaseLine, PersonPage

STATE, REASON = "open", ""


@login_required
@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """List the cases of a state, those that hold messages first."""
    lines, asked = _lines(request)
    counts = case_counts(reviewer_access(_user(request), at=timezone.now()))
    states = [
        {"code": code, "words": words, "count": counts.get(code, 0), "is_here": code == asked["state"]}
        for code, (_tone, _symbol, words) in STATES.items()
    ]
    reasons = [{"code": code, "words": words, "is_here": code == asked["reason"]} for code, words in REASONS.items()]
    holding = sum(line.is_holding for line in lines)
    context = {"lines": lines, "states": states, "reasons": reasons, "asked": asked, "holding": holding}
    return render(request, "results/case_list.html", context)


@login_required
@require_GET
def cases_file(request: HttpRequest) -> HttpResponse:
    """Give the cases as a workbook."""
    lines, _asked = _lines(request)
    return excel_response("patients-to-compare", presenters.case_header(), [line.cells() for line in lines])


@login_required
@require_http_methods(["GET", "POST"])
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Show two records side by side, and take the decision; both readings are in the access log."""
    now = timezone.now()
    facts = reviewing.open_case(case_id, by=_user(request), at=now)
    form = DecisionForm(request.POST or None)
    if form.is_valid():
        said = form.cleaned_data
        if said["decision"] == "back":
            reviewing.take_back(case_id, why=said["why"], by=_user(request), at=now)
            messages.success(request, _("The decision is taken back; the pair waits for a new one."))
            return redirect("results:case", case_id)
        count = reviewing.decide_review(case_id, decision=said["decision"], why=said["why"], by=_user(request), at=now)
        messages.success(request, _decided(said["decision"], count))
        return redirect("results:cases")
    page = presenters.case_page(facts, facilities(on=timezone.localdate(now)))
    return render(request, "results/case_detail.html", {"page": page, "form": form})


@login_required
@require_GET
def person(request: HttpRequest, record_id: int) -> HttpResponse:
    """Show the records that lead to the person of a record, and the history of their links."""
    return render(request, "results/person_detail.html", {"page": _person(request, record_id), "record_id": record_id})


@login_required
@require_GET
def person_file(request: HttpRequest, record_id: int) -> HttpResponse:
    """Give the history of links as a workbook."""
    rows = presenters.person_cells(_person(request, record_id))
    return excel_response("patient-links", presenters.person_header(), rows)


@login_required
@require_http_methods(["GET", "POST"])
def part(request: HttpRequest, record_id: int) -> HttpResponse:
    """Ask for a reason, then take a record out of its person."""
    page, form = _person(request, record_id), ReasonForm(request.POST or None)
    if form.is_valid():
        merging.part_record(record_id, why=form.cleaned_data["why"], by=_user(request), at=timezone.now())
        messages.success(request, _("The record leads to a person of its own now."))
        return redirect("results:person", record_id)
    record = next(one for one in page.records if one.facts.record_id == record_id)
    return render(request, "results/person_part.html", {"record": record, "record_id": record_id, "form": form})


@login_required
@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, record_id: int, merge_id: int) -> HttpResponse:
    """Ask for a reason, then undo a merge."""
    page, form = _person(request, record_id), ReasonForm(request.POST or None)
    if form.is_valid():
        merging.unmerge(merge_id, why=form.cleaned_data["why"], by=_user(request), at=timezone.now())
        messages.success(request, _("The merge is undone: both have their records and results as before."))
        return redirect("results:person", record_id)
    merge = next((one for one in page.merges if one.id == merge_id), None)
    return render(request, "results/person_undo.html", {"merge": merge, "record_id": record_id, "form": form})


@login_required
@require_http_methods(["GET", "POST"])
def undo_number(request: HttpRequest, record_id: int, number_id: int) -> HttpResponse:
    """Ask for a reason, then part the persons that a sender joined by two numbers."""
    page, form = _person(request, record_id), ReasonForm(request.POST or None)
    if form.is_valid():
        merging.undo_merge_of_records(number_id, why=form.cleaned_data["why"], by=_user(request), at=timezone.now())
        messages.success(request, _("The two numbers are of two persons again."))
        return redirect("results:person", record_id)
    number = next((one for one in page.facts.prior_numbers if one.id == number_id), None)
    return render(request, "results/number_undo.html", {"number": number, "record_id": record_id, "form": form})


def _lines(request: HttpRequest) -> tuple[list[CaseLine], dict[str, str]]:
    """Return the cases that the address asks for: by default those that are open."""
    now = timezone.now()
    access = reviewer_access(_user(request), at=now)
    state, reason = request.GET.get("state", STATE), request.GET.get("reason", REASON)
    asked = {"state": state if state in STATES else STATE, "reason": reason if reason in REASONS else REASON}
    rows = case_rows(access, state=asked["state"], reason=asked["reason"])
    return presenters.case_lines(rows, facilities(on=timezone.localdate(now))), asked


def _person(request: HttpRequest, record_id: int) -> PersonPage:
    now = timezone.now()
    facts = reviewing.open_person(record_id, by=_user(request), at=now)
    return presenters.person_page(facts, facilities(on=timezone.localdate(now)))


def _decided(decision: str, count: int) -> str:
    if decision == "open":
        return _("It stays open, with your reason.")
    if count:
        words = ngettext(
            "Decided. %(number)d message that waited goes on.", "Decided. %(number)d messages that waited go on.", count
        )
        return words % {"number": count}
    return _("Decided; nobody will be asked again.")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 — login_required
    return request.user
