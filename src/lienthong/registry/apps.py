from __future__ import annotations

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "lienthong.registry"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from lienthong.core.imports.spec import register
        from lienthong.registry.imports import IMPORTERS

        for importer in IMPORTERS:
            register(importer)
