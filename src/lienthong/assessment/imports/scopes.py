"""Lines of ISO 15189 scopes: which analyte of which laboratory a certificate covers, and for how long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.utils.translation import gettext_lazy

from lienthong.assessment.models import AccreditedScope
from lienthong.core.happenings import publish
from lienthong.core.imports.spec import Importer, Key, Part
from lienthong.core.imports.store import keys_as_ids
from lienthong.core.tabular import Column, Kind


def _followed(keys: Collection[Key], at: dt.datetime) -> None:
    laboratories = sorted(keys_as_ids(PART, list(keys), "laboratory"))
    publish("assessment-changed", [f"laboratory:{key}" for key in laboratories], at=at)


PART = Part(
    model=AccreditedScope,
    keys={"laboratory": "laboratory", "analyte": "analyte", "certificate": "certificate"},
    fields=("body",),
    references={"laboratory": "code", "analyte": "key"},
)
SCOPES = Importer(
    kind="scopes",
    title=gettext_lazy("ISO 15189 scopes"),
    about=gettext_lazy("One row for each analyte that a certificate covers."),
    columns=(
        Column("laboratory", gettext_lazy("Code of the laboratory"), longest=40),
        Column("analyte", gettext_lazy("Key of the analyte"), longest=20),
        Column("certificate", gettext_lazy("Certificate"), longest=60),
        Column("body", gettext_lazy("Accreditation body"), longest=100),
        Column("valid_from", gettext_lazy("Valid from"), kind=Kind.DAY),
        Column("valid_to", gettext_lazy("Valid until, that day not included"), kind=Kind.DAY, is_required=False),
    ),
    period=PART,
    within={"laboratory": "laboratory"},
    is_of_region=True,
    followed=_followed,
)
