"""Signing in and out, the own password, and the language of the pages."""

from __future__ import annotations

from http import HTTPStatus
from typing import cast
from unicodedata import normalize

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.password_validation import get_default_password_validators
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lienthong.core.access.refusals import count_refusal, seconds_to_wait
from lienthong.core.access.views import peer_of
from lienthong.core.actions import change_password, choose_language, note_refused_sign_in, note_session
from lienthong.core.models import User
from lienthong.core.passwords import LongEnough


class SignIn(LoginView):
    """Name and password; the session ends after ten hours or at sign-out. Who is refused too often waits.

    The audit log holds each sign-in and each refusal with the address it came from.
    """

    template_name = "core/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: object, **named: object) -> HttpResponse:
        address, name, at = *_claimed(request), timezone.now()
        if wait := seconds_to_wait(address, name, at=at):
            told = self.render_to_response(self.get_context_data(form=self.get_form_class()(request), wait=wait))
            told.status_code, told.headers["Retry-After"] = HTTPStatus.TOO_MANY_REQUESTS, str(wait)
            return told
        return super().post(request, *args, **named)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        note_session("sign-in", by=form.get_user(), address=peer_of(self.request), at=timezone.now())
        return super().form_valid(form)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        address, name = _claimed(self.request)
        count_refusal(address, name, at=timezone.now())
        note_refused_sign_in(name, address=peer_of(self.request), at=timezone.now())
        return super().form_invalid(form)


def _claimed(request: HttpRequest) -> tuple[str, str]:
    """Return whence and as whom someone signs in, counted apart from systems; the name as Django reads it."""
    return f"sign-in {peer_of(request)}", normalize("NFKC", request.POST.get("username", "")).strip()


class ChangePassword(PasswordChangeView):
    """Change the own password, which ends the other sessions. Who gives a wrong one too often waits, as at the door."""

    template_name = "core/password.html"
    success_url = reverse_lazy("home")

    def post(self, request: HttpRequest, *args: object, **named: object) -> HttpResponse:
        if wait := seconds_to_wait(*self._claimed(), at=timezone.now()):
            told = self.render_to_response(
                self.get_context_data(form=PasswordChangeForm(cast(User, request.user)), wait=wait)
            )
            told.status_code, told.headers["Retry-After"] = HTTPStatus.TOO_MANY_REQUESTS, str(wait)
            return told
        return super().post(request, *args, **named)

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        password, address = form.cleaned_data["new_password1"], peer_of(self.request)
        user = change_password(password=password, by=form.user, address=address, at=timezone.now())
        update_session_auth_hash(self.request, user)
        messages.success(self.request, _("Your password is changed."), extra_tags="good")
        return redirect(self.get_success_url())

    def form_invalid(self, form: PasswordChangeForm) -> HttpResponse:
        if "old_password" in form.errors:
            count_refusal(*self._claimed(), at=timezone.now())
        return self.render_to_response(self.get_context_data(form=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)

    def get_context_data(self, **more: object) -> dict[str, object]:
        lengths = [one.min_length for one in get_default_password_validators() if isinstance(one, LongEnough)]
        return super().get_context_data(least=max(lengths, default=1), **more)

    def _claimed(self) -> tuple[str, str]:
        """Return what a refusal is counted for: the same as a refusal to sign in by this name from this address."""
        return f"sign-in {peer_of(self.request)}", normalize("NFKC", self.request.user.get_username())


@require_http_methods(["GET", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ask once, then end the session: a link alone must not sign anyone out."""
    if request.method == "GET":
        return render(request, "core/sign_out.html")
    if request.user.is_authenticated:
        note_session("sign-out", by=request.user, address=peer_of(request), at=timezone.now())
    logout(request)
    return redirect("recognition:register")


@require_GET
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Show the page one came from in another language, and remember it."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    back = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    if request.user.is_authenticated:
        choose_language(code, by=request.user)
    response = redirect(back)
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=365 * 24 * 3600, samesite="Lax", httponly=True)
    return response
