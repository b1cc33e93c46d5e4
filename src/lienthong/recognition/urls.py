from __future__ import annotations

from django.urls import path

from lienthong.recognition import views

app_name = "recognition"
urlpatterns = [
    path("register/", views.register, name="register"),
    path("rules/", views.rules, name="rules"),
    path("rights/", views.rights, name="rights"),
    path("rights/<int:grant_id>/", views.right, name="right"),
    path("rights/<int:grant_id>/revoke/", views.revoke, name="revoke"),
    path("rights/<int:grant_id>/lift/", views.lift, name="lift"),
]
