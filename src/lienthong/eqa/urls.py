"""Addresses of EQA."""

from __future__ import annotations

from django.urls import URLPattern, path

from lienthong.eqa import views

app_name = "eqa"
urlpatterns: list[URLPattern] = [
    path("", views.rounds, name="rounds"),
    path("rounds.xlsx", views.rounds_file, name="rounds-file"),
    path("rounds/<int:round_id>/", views.round_, name="round"),
    path("rounds/<int:round_id>/results.xlsx", views.round_file, name="round-file"),
    path("rounds/<int:round_id>/import/", views.import_results, name="import-results"),
    path("rounds/<int:round_id>/<str:step>/", views.step, name="step"),
    path("mine/", views.mine, name="mine"),
    path("mine.xlsx", views.mine_file, name="mine-file"),
    path("import/plan/", views.import_plan, name="import-plan"),
    path("import/scores/", views.import_scores, name="import-scores"),
    path("templates/<str:kind>.xlsx", views.template, name="template"),
    path("certificates/", views.certificates, name="certificates"),
    path("certificates.xlsx", views.certificates_file, name="certificates-file"),
    path("certificates/new/", views.hand_in, name="hand-in"),
    path("certificates/<int:certificate_id>/", views.certificate, name="certificate"),
    path("certificates/<int:certificate_id>/document/", views.document, name="document"),
]
