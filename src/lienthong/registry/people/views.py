"""Pages of administrators: people with their roles, giving and ending a role, adding people, closing an account."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lienthong.core.export import excel_response
from lienthong.core.models import User
from lienthong.errors import Conflict, NotAllowed, NotFound
from lienthong.registry import actions, permissions
from lienthong.registry.access import Access, Role, check_role
from lienthong.registry.people import lookups, presenters
from lienthong.registry.people.forms import NewPersonForm, PeopleForm, RoleForm, WhyForm
from lienthong.registry.people.wording import NOBODY

PER_PAGE = 50


@require_GET
@login_required
def people(request: HttpRequest) -> HttpResponse:
    """List those who have a role in the administrator's places, or had one."""
    on, access = timezone.localdate(), _access(request)
    form = PeopleForm(request.GET)
    wanted = form.wanted()
    found = lookups.people(access, wanted, on=on)
    if request.GET.get("format") == "xlsx":
        lines = [line for row in _rows(access, list(found)) for line in row.cells()]
        return excel_response("people", presenters.header(), lines)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "standing": wanted.standing,
        "nobody": NOBODY[wanted.standing],
        "page_obj": page,
        "rows": _rows(access, list(page.object_list)),
        "kept": _kept(request),
    }
    return render(request, "registry/person_list.html", context)


@require_GET
@login_required
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show somebody's roles in the administrator's places, and whether the account is open."""
    on, access = timezone.localdate(), _access(request)
    found = _person(access, user_id)
    context = {
        "row": _rows(access, [found])[0],
        "is_open": found.is_active,
        "refusal": permissions.why_not_dismiss(found, by=_user(request), on=on),
    }
    return render(request, "registry/person_detail.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def add(request: HttpRequest) -> HttpResponse:
    """Make an account with a first role; the first password is shown once, in this answer."""
    _access(request)
    form = NewPersonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("username", "full_name", "role")}
        said |= {"language": get_language() or "vi"}
        try:
            added, password = actions.add_person(**said, **form.place(), by=_user(request), at=timezone.now())
        except Conflict as refused:
            form.add_error("username", str(refused))
        except (NotFound, NotAllowed) as refused:
            form.add_error("code", str(refused))
        else:
            return render(request, "registry/person_added.html", {"person": added, "password": password})
    return render(request, "registry/person_add.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def appoint(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give somebody who is known in the administrator's places one more role there."""
    found = _person(_access(request), user_id)
    form = RoleForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        role, by = form.cleaned_data["role"], _user(request)
        try:
            actions.bind_role(user=found, role=role, by=by, at=timezone.now(), **form.place())
        except (Conflict, NotFound, NotAllowed) as refused:
            form.add_error("code", str(refused))
        else:
            messages.success(request, _("The role is given."), extra_tags="good")
            return redirect("registry:person", user_id)
    context = {"person": found, "form": form}
    return render(request, "registry/person_appoint.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def end_role(request: HttpRequest, user_id: int, binding_id: int) -> HttpResponse:
    """End one role of somebody, with a reason."""
    now, access, by = timezone.now(), _access(request), _user(request)
    found = _person(access, user_id)
    held = lookups.roles_of(access, [user_id], on=timezone.localdate(now))
    binding = next((one for one in held if one.pk == binding_id), None)
    if binding is None:
        raise NotFound(_("There is no such role any more."))
    permissions.check_stays_administrator(by, [binding], on=timezone.localdate(now))
    form = WhyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        place = {binding.kind: binding.place.code}
        actions.end_role(user=found, role=binding.role, why=form.cleaned_data["why"], by=by, at=now, **place)
        messages.success(request, _("The role is ended."), extra_tags="good")
        return redirect("registry:person", user_id)
    context = {"person": found, "role": presenters.role_line(binding), "form": form}
    return render(request, "registry/person_end_role.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def close_account(request: HttpRequest, user_id: int) -> HttpResponse:
    """End all roles of somebody and close the account, with a reason."""
    now, access, by = timezone.now(), _access(request), _user(request)
    found = _person(access, user_id)
    permissions.check_may_dismiss(found, by=by, on=timezone.localdate(now))
    form = WhyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        actions.dismiss(found, why=form.cleaned_data["why"], by=by, at=now)
        messages.success(request, _("The account is closed."), extra_tags="good")
        return redirect("registry:person", user_id)
    context = {"person": found, "row": _rows(access, [found])[0], "form": form}
    return render(request, "registry/person_close.html", context, status=422 if form.errors else 200)


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _access(request: HttpRequest) -> Access:
    return check_role(_user(request), Role.ADMINISTRATOR, on=timezone.localdate())


def _person(access: Access, user_id: int) -> User:
    found = lookups.person(access, user_id)
    if found is None:
        raise NotFound(_("There is no such person in your places."))
    return found


def _rows(access: Access, users: list[User]) -> list[presenters.PersonRow]:
    roles = lookups.roles_of(access, [one.pk for one in users], on=timezone.localdate())
    return presenters.person_rows(users, roles)


def _kept(request: HttpRequest) -> str:
    """Return the filters of the address without page and format."""
    kept = request.GET.copy()
    for name in ("page", "format"):
        kept.pop(name, None)
    return kept.urlencode()
