"""Addresses of the FHIR interface."""

from __future__ import annotations

from django.urls import path

from lienthong.core.access.views import smart_document
from lienthong.exchange.bulk import views as bulk
from lienthong.exchange.fhir import pages, views
from lienthong.exchange.fhir.answers import takes

app_name = "fhir"
_smart_document = takes("GET", is_negotiated=False)(smart_document)
urlpatterns = [
    path("", views.root, name="root"),
    path("metadata", views.metadata, name="metadata"),
    path("openapi.json", pages.openapi, name="openapi"),
    path("openapi", pages.page, name="page"),
    path(".well-known/smart-configuration", _smart_document, name="smart-configuration"),
    path("Observation/$lastn", views.last_observations, name="last-observations"),
    path("Patient/$match", views.match_patient, name="match-patient"),
    path("$export", bulk.export, name="export"),
    path("Patient/$export", bulk.export_patients, name="export-patients"),
    path("exports/<uuid:key>", bulk.status, name="export-status"),
    path("exports/<uuid:key>/<str:name>", bulk.file, name="export-file"),
    path("<str:kind>", views.of_kind, name="kind"),
    path("<str:kind>/_search", views.search_by_form, name="search"),
    path("<str:kind>/<str:id_>", views.instance, name="instance"),
    path("<str:kind>/<str:id_>/_history", views.instance_history, name="history"),
    path("<str:kind>/<str:id_>/_history/<str:version>", views.version, name="version"),
    path("<path:path>", views.nothing, name="nothing"),
]
