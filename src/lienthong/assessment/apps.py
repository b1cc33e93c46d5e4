from __future__ import annotations

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "lienthong.assessment"
    label = "assessment"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from lienthong.assessment.imports import IMPORTERS
        from lienthong.core.imports.spec import register

        for importer in IMPORTERS:
            register(importer)
