"""Every address of the web application; each app keeps its own."""

from __future__ import annotations

from django.urls import include, path

from lienthong.exchange.fhir.views import root as fhir_root
from lienthong.portal.views import home

urlpatterns = [
    path("", home, name="home"),
    path("", include("lienthong.core.urls")),
    path("registry/", include("lienthong.registry.urls")),
    path("iqc/", include("lienthong.iqc.urls")),
    path("eqa/", include("lienthong.eqa.urls")),
    path("fhir/", include("lienthong.exchange.fhir.urls")),
    path("fhir", fhir_root, name="fhir"),
    path("inbox/", include("lienthong.exchange.urls")),
    path("api/", include("lienthong.exchange.deliveries.api_urls")),
    path("people/", include("lienthong.results.urls")),
    path("", include("lienthong.recognition.urls")),
    path("", include("lienthong.portal.urls")),
]
