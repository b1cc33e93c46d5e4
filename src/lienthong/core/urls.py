from __future__ import annotations

from django.urls import path

from lienthong.core import views
from lienthong.core.access import views as access
from lienthong.core.access.openapi import description as of_access
from lienthong.core.log import views as log
from lienthong.core.log.openapi import description as of_log
from lienthong.core.openapi.views import serving

app_name = "core"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("password/", views.ChangePassword.as_view(), name="password"),
    path("language/<str:code>/", views.language, name="language"),
    path("auth/token", access.token, name="token"),
    path("auth/introspect", access.introspect, name="introspect"),
    path("auth/revoke", access.revoke, name="revoke"),
    path("auth/openapi.json", serving(of_access), name="access-openapi"),
    path(".well-known/smart-configuration", access.smart_document, name="smart-configuration"),
    path("log/checkpoint", log.checkpoint, name="log-checkpoint"),
    path("log/cosigned", log.cosigned, name="log-cosigned"),
    path("log/key", log.key, name="log-key"),
    path("log/openapi.json", serving(of_log), name="log-openapi"),
    path("log/consistency/<int:first>/<int:second>", log.consistent, name="log-consistency"),
]
