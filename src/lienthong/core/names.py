"""Names in the three languages of the interface."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language


class Named(models.Model):
    """Something with a name in Vietnamese, Chinese and English; at least one is given."""

    name_vi = models.CharField(max_length=200, blank=True)
    name_zh = models.CharField(max_length=200, blank=True)
    name_en = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(name_vi="", name_zh="", name_en=""), name="%(app_label)s_%(class)s_named"
            )
        ]

    @property
    def name(self) -> str:
        """The name in the active language, else in the first language that has one."""
        return pick_name(vi=self.name_vi, zh=self.name_zh, en=self.name_en)


def pick_name(*, vi: str, zh: str, en: str) -> str:
    """Return the name in the active language, else the first that is not empty."""
    language = get_language() or "en"
    chosen = {"vi": vi, "zh-hans": zh, "en": en}.get(language, "")
    return chosen or vi or zh or en
