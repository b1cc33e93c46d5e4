from __future__ import annotations

from django.urls import URLPattern

app_name = "iqc"
urlpatterns: list[URLPattern] = []
