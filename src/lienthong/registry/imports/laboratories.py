"""Laboratories of facilities, mobile ones too."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from lienthong.core.imports.spec import Importer, Part
from lienthong.core.tabular import Column, Kind
from lienthong.registry.imports.columns import NAME_FIELDS, NAMES, check_named
from lienthong.registry.models import Laboratory

LABORATORIES = Importer(
    kind="laboratories",
    title=gettext_lazy("Laboratories"),
    about=gettext_lazy("Laboratories of facilities; a mobile one keeps its code wherever it stands."),
    columns=(
        Column("code", gettext_lazy("Code"), longest=40),
        *NAMES,
        Column("facility", gettext_lazy("Code of the facility"), longest=40),
        Column("is_mobile", gettext_lazy("Mobile"), kind=Kind.YES_NO, is_required=False),
    ),
    entity=Part(
        model=Laboratory,
        keys={"code": "code"},
        fields=(*NAME_FIELDS, "facility", "is_mobile"),
        references={"facility": "code"},
        fixed={"facility": gettext_lazy("a laboratory stays with its facility; give the new one a code of its own")},
        defaults={"is_mobile": False},
    ),
    within={"facility": "facility"},
    place="laboratory",
    prepare=lambda: check_named,
)
