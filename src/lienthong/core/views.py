"""Signing in and out, and the language of the pages."""

from __future__ import annotations

from http import HTTPStatus
from unicodedata import normalize

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods

from lienthong.core.access.refusals import count_refusal, seconds_to_wait
from lienthong.core.access.views import peer_of
from lienthong.core.actions import choose_language, note_refused_sign_in, note_session


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
