from __future__ import annotations

from django.urls import path

from lienthong.core import views

app_name = "core"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("language/<str:code>/", views.language, name="language"),
]
