"""Who works in a laboratory from when to when, with which qualification."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from lienthong.core.imports.spec import Importer, Part
from lienthong.core.tabular import Column, Kind
from lienthong.registry.imports.columns import LABORATORY, VALID_FROM, VALID_TO
from lienthong.registry.models import StaffMember

STAFF = Importer(
    kind="staff",
    title=gettext_lazy("Staff"),
    about=gettext_lazy("Posts in laboratories; a new qualification is a new row from its day on."),
    columns=(
        LABORATORY,
        Column("number", gettext_lazy("Staff number"), longest=40),
        Column("full_name", gettext_lazy("Full name")),
        Column("qualification", gettext_lazy("Qualification")),
        Column("may_release", gettext_lazy("May release results"), kind=Kind.YES_NO, is_required=False),
        Column("user", gettext_lazy("User name in this system"), is_required=False, longest=150, aliases=("username",)),
        VALID_FROM,
        VALID_TO,
    ),
    period=Part(
        model=StaffMember,
        keys={"laboratory": "laboratory", "number": "number"},
        fields=("full_name", "qualification", "may_release", "user"),
        references={"laboratory": "code", "user": "username"},
        defaults={"may_release": False},
    ),
    within={"laboratory": "laboratory"},
)
