from __future__ import annotations

from django.apps import AppConfig


class IqcConfig(AppConfig):
    name = "lienthong.iqc"
    label = "iqc"
    default_auto_field = "django.db.models.BigAutoField"
