"""Checks by which the proof of one measuring system extends to another of its laboratory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.core.happenings import publish
from lienthong.core.imports.spec import Importer, Key, Part, RowCheck
from lienthong.core.tabular import Column, Kind, Row
from lienthong.findings import Finding
from lienthong.registry.imports.columns import VALID_FROM, VALID_TO
from lienthong.registry.models import ComparabilityCheck, Procedure

Belongs = Mapping[str, tuple[int, int]]


def check_pair(row: Row, belongs: Belongs) -> Iterator[Finding]:
    """Find a pair that is one system, or two of other laboratories or analytes."""
    enrolled, extended = row.text("enrolled"), row.text("extended")
    if enrolled == extended:
        yield row.finding("extended", "same-system", _("a system can't rest on itself"))
    elif enrolled in belongs and extended in belongs and belongs[enrolled] != belongs[extended]:
        message = _("both systems must measure the same analyte in the same laboratory")
        yield row.finding("extended", "other-laboratory-or-analyte", message)


def _prepare() -> RowCheck:
    rows = Procedure.objects.values_list("code", "laboratory_id", "analyte_id")
    belongs = {code: (laboratory, analyte) for code, laboratory, analyte in rows}
    return lambda row: check_pair(row, belongs)


def _followed(keys: Collection[Key], at: dt.datetime) -> None:
    changed = Procedure.objects.filter(code__in=[key[1] for key in keys]).order_by("id")
    publish("registry-changed", changed.values_list("id", flat=True), at=at)


COMPARABILITY = Importer(
    kind="comparability",
    title=gettext_lazy("Comparability checks"),
    about=gettext_lazy("Which system's proof extends to which other system of the laboratory, from when to when."),
    columns=(
        Column("enrolled", gettext_lazy("Code of the system that is enrolled in EQA"), longest=60),
        Column("extended", gettext_lazy("Code of the system that rests on it"), longest=60),
        Column("passed", gettext_lazy("Passed"), kind=Kind.YES_NO),
        Column("summary", gettext_lazy("What was compared and found"), longest=300),
        VALID_FROM,
        VALID_TO,
    ),
    period=Part(
        model=ComparabilityCheck,
        keys={"enrolled": "enrolled", "extended": "extended"},
        fields=("passed", "summary"),
        references={"enrolled": "code", "extended": "code"},
    ),
    within={"enrolled": "procedure", "extended": "procedure"},
    prepare=_prepare,
    followed=_followed,
)
