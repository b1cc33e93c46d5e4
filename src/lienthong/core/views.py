"""Signing in and out, and the language of the pages."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods

from lienthong.core.actions import choose_language


class SignIn(LoginView):
    """Name and password; the session ends after ten hours or at sign-out."""

    template_name = "core/sign_in.html"
    redirect_authenticated_user = True


@require_http_methods(["GET", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ask once, then end the session: a link alone must not sign anyone out."""
    if request.method == "GET":
        return render(request, "core/sign_out.html")
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
