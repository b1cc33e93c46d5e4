"""Addresses of the pages on which people are told apart."""

from __future__ import annotations

from django.urls import URLPattern, path

from lienthong.results import views

app_name = "results"
urlpatterns: list[URLPattern] = [
    path("cases/", views.cases, name="cases"),
    path("cases.xlsx", views.cases_file, name="cases-file"),
    path("cases/<int:case_id>/", views.case, name="case"),
    path("records/<int:record_id>/", views.person, name="person"),
    path("records/<int:record_id>/links.xlsx", views.person_file, name="person-file"),
    path("records/<int:record_id>/part/", views.part, name="part"),
    path("records/<int:record_id>/numbers/<int:number_id>/undo/", views.undo_number, name="undo-number"),
    path("records/<int:record_id>/merges/<int:merge_id>/undo/", views.undo, name="undo"),
]
