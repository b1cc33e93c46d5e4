from __future__ import annotations

from django.apps import AppConfig


class EqaConfig(AppConfig):
    name = "lienthong.eqa"
    label = "eqa"
    default_auto_field = "django.db.models.BigAutoField"
