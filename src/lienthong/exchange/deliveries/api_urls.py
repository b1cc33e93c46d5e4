"""Addresses of the interface for systems."""

from __future__ import annotations

from django.urls import path

from lienthong.exchange.deliveries import api

app_name = "deliveries"
urlpatterns = [
    path("", api.page, name="page"),
    path("openapi.json", api.openapi, name="openapi"),
    path("deliveries", api.push, name="push"),
    path("deliveries/<str:number>", api.delivery, name="delivery"),
    path("<path:elsewhere>", api.nowhere, name="nowhere"),
]
