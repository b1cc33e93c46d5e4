"""The public register and rules, and the rights of one's own laboratories."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lienthong.core.export import excel_response
from lienthong.core.models import User
from lienthong.errors import BadInput, NotAllowed, NotFound
from lienthong.iqc import reads as iqc
from lienthong.recognition import actions, presenters
from lienthong.recognition.forms import LiftForm, RegisterForm, RevokeForm, RightsForm, RulesForm, day_of
from lienthong.recognition.models import Grant
from lienthong.recognition.permissions import MANAGER, OFFICER
from lienthong.recognition.register import (
    RegisterQuery,
    laboratory_choices,
    own_rights,
    public_rights,
    scope_choices,
    search,
)
from lienthong.recognition.rules_page import mark_meanings, region_paths, rules_page
from lienthong.registry import reads as registry

PER_PAGE = 25
MOST_EXPORTED = 20_000


@require_GET
def register(request: HttpRequest) -> HttpResponse:
    """Show everyone what is recognised, where, and until when."""
    today = timezone.localdate()
    laboratories = laboratory_choices(public_rights(), on=today)
    form = RegisterForm(request.GET, laboratories=laboratories, regions=scope_choices())
    query = _register_query(form, today)
    found = search(public_rights(), query) if form.is_valid() else public_rights().none()
    withheld_at = timezone.now() if query.on == today else None
    wanted = request.GET.get("format")
    if wanted == "xlsx":
        rows = _rows(found[:MOST_EXPORTED], on=query.on, withheld_at=withheld_at)
        return excel_response("register", presenters.header(), [row.cells() for row in rows])
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = _rows(page.object_list, on=query.on, withheld_at=withheld_at)
    if wanted == "json":
        return _register_json(page, rows, on=query.on)
    context = {"form": form, "query": query, "rows": rows, "marks": mark_meanings(query.on)}
    context["has_examples"] = any(row.has_examples for row in rows)
    return render(request, "recognition/register_list.html", context | _paging(request, page))


@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """Show everyone the policy's parameters in force in a region, first the reader's own, on a day."""
    today = timezone.localdate()
    paths = region_paths(on=today, own_facility_ids=_own_facilities(request, on=today))
    form = RulesForm(request.GET, regions=[(code, name) for code, (name, _path) in paths.items()])
    day = day_of(form, today)
    code = (form.cleaned_data["region"] if form.is_valid() else "") or next(iter(paths))
    page = rules_page(paths[code][1], on=day)
    if request.GET.get("format") == "xlsx":
        return excel_response(f"rules-{code}-{day.isoformat()}", page.header(), page.cells())
    context = {"form": form, "page": page, "on": day, "code": code, "regions": paths}
    return render(request, "recognition/rules_list.html", context | _links(request))


@require_GET
@login_required
def rights(request: HttpRequest) -> HttpResponse:
    """Show managers and officers the grants and refusals of their laboratories, with every rule's verdict."""
    today = timezone.localdate()
    access = registry.check_role(_user(request), MANAGER, OFFICER, on=today)
    own = own_rights(access)
    form = RightsForm(request.GET, laboratories=laboratory_choices(own, on=today))
    data = form.cleaned_data if form.is_valid() else {}
    query = RegisterQuery(
        on=today, text=data.get("q", ""), laboratory_id=data.get("laboratory"), state=data.get("state", "")
    )
    found, officer_of = search(own, query), access.laboratories_as(OFFICER)
    if request.GET.get("format") == "xlsx":
        rows = _rows(found[:MOST_EXPORTED], on=today, withheld_at=timezone.now())
        return excel_response("rights", presenters.header(), [row.cells() for row in rows])
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = _rows(page.object_list, on=today, withheld_at=timezone.now(), with_rules=True, officer_of=officer_of)
    counts = own.held(today).counted_by_status()
    context = {"form": form, "rows": rows, "counts": {name: counts.get(name, 0) for name in Grant.Status.values}}
    return render(request, "recognition/rights_list.html", context | _paging(request, page))


@require_GET
@login_required
def right(request: HttpRequest, grant_id: int) -> HttpResponse:
    """Show one right with its rules and its history: what was known when."""
    grant, access = _own_grant(request, grant_id)
    today = timezone.localdate()
    same = own_rights(access).filter(procedure_id=grant.procedure_id, item=grant.item)
    history = list(same.order_by("-recorded_at", "-pk"))
    rows = _rows([grant, *history], on=today, with_rules=True, officer_of=access.laboratories_as(OFFICER))
    context = {"row": rows[0], "history": list(zip(history, rows[1:], strict=True))}
    return render(request, "recognition/right_detail.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def revoke(request: HttpRequest, grant_id: int) -> HttpResponse:
    """Let an officer take a right away from a past day on, with a reason."""
    grant, access = _own_grant(request, grant_id)
    registry.check_role(_user(request), OFFICER, on=timezone.localdate())
    today = timezone.localdate()
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            new = actions.revoke_grant(grant_id=grant_id, **form.cleaned_data, by=_user(request), at=timezone.now())
        except BadInput as error:
            _add_errors(form, error)
        else:
            messages.success(request, _("The right is revoked."))
            return redirect("recognition:right", grant_id=new)
    row = _rows([grant], on=today, officer_of=access.laboratories_as(OFFICER))[0]
    status = 422 if form.errors else 200
    return render(request, "recognition/right_revoke.html", {"row": row, "form": form}, status=status)


@require_http_methods(["GET", "POST"])
@login_required
def lift(request: HttpRequest, grant_id: int) -> HttpResponse:
    """Let an officer end a revocation today, with a reason; the right is then judged anew."""
    grant, access = _own_grant(request, grant_id)
    registry.check_role(_user(request), OFFICER, on=timezone.localdate())
    form = LiftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.lift_revocation(grant_id=grant_id, reason=reason, by=_user(request), at=timezone.now())
        messages.success(request, _("The revocation is lifted, and the right is judged anew."))
        return redirect("recognition:rights")
    row = _rows([grant], on=timezone.localdate(), officer_of=access.laboratories_as(OFFICER))[0]
    status = 422 if form.errors else 200
    return render(request, "recognition/right_lift.html", {"row": row, "form": form}, status=status)


def _register_query(form: RegisterForm, today: dt.date) -> RegisterQuery:
    if not form.is_valid():
        return RegisterQuery(on=today)
    data = form.cleaned_data
    return RegisterQuery(
        on=data["on"] or today,
        text=data["q"],
        laboratory_id=data["laboratory"],
        region=data["region"],
        sort=data["sort"] or "item",
    )


def _rows(
    grants: Iterable[Grant],
    *,
    on: dt.date,
    withheld_at: dt.datetime | None = None,
    with_rules: bool = False,
    officer_of: Iterable[int] = (),
) -> list[presenters.RightRow]:
    """Return display rows; at `withheld_at` it is asked which systems are out of control."""
    listed = list(grants)
    procedures = registry.procedures({grant.procedure_id for grant in listed}, on=on)
    facilities = registry.facilities({row.facility_id for row in procedures.values()}, on=on)
    states = iqc.states(list(procedures), at=withheld_at) if withheld_at and procedures else {}
    return presenters.right_rows(
        listed,
        procedures=procedures,
        facilities=facilities,
        withheld={key for key, state in states.items() if state.state == "out_of_control"},
        with_rules=with_rules,
        officer_of=set(officer_of),
    )


def _register_json(page: Page[Grant], rows: list[presenters.RightRow], *, on: dt.date) -> JsonResponse:
    body = {
        "on": on.isoformat(),
        "count": page.paginator.count,
        "page": page.number,
        "pages": page.paginator.num_pages,
        "rows": [row.as_json() for row in rows],
    }
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})


def _user(request: HttpRequest) -> User:
    """Return who is signed in; the page lets nobody else in."""
    if not isinstance(request.user, User):
        raise NotAllowed(_("Sign in first."))
    return request.user


def _own_facilities(request: HttpRequest, *, on: dt.date) -> frozenset[int]:
    """Return the facilities that a reader reaches in whatever role; none for one who is not signed in."""
    if not isinstance(request.user, User):
        return frozenset()
    access = registry.access_of(request.user, on=on)
    return access.facilities_as(*access.roles)


def _own_grant(request: HttpRequest, grant_id: int) -> tuple[Grant, registry.Access]:
    access = registry.check_role(_user(request), MANAGER, OFFICER, on=timezone.localdate())
    grant = own_rights(access).filter(pk=grant_id).first()
    if grant is None:
        raise NotFound(_("There is no such right in your laboratories."))
    return grant, access


def _add_errors(form: Form, error: BadInput) -> None:
    for finding in error.findings:
        form.add_error(finding.where if finding.where in form.fields else None, finding.message)


def _paging(request: HttpRequest, page: Page[Grant]) -> dict[str, object]:
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {"page_obj": page, "page_numbers": list(numbers)} | _links(request)


def _links(request: HttpRequest) -> dict[str, object]:
    """Return the query of the page without page, sort and format, for links that keep the rest."""
    kept = {key: value for key, value in request.GET.items() if key not in ("page", "format", "sort") and value}
    return {"kept": urlencode(kept), "sort": request.GET.get("sort") or "item"}
