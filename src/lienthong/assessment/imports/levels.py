"""Levels of facilities' laboratories as the authority published them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.assessment.models import PublishedLevel
from lienthong.core.happenings import publish
from lienthong.core.imports.spec import Importer, Key, Part
from lienthong.core.imports.store import keys_as_ids
from lienthong.core.tabular import Column, Kind, Row
from lienthong.findings import Finding


def check_level(row: Row) -> Iterator[Finding]:
    """Find a level that would hold before it was published."""
    published, start = row.day("published_on"), row.day("valid_from")
    if published and start and start < published:
        yield row.finding("valid_from", "before-publication", _("a level can't hold before it was published"))


def _followed(keys: Collection[Key], at: dt.datetime) -> None:
    facilities = sorted(keys_as_ids(PART, list(keys), "facility"))
    publish("assessment-changed", [f"facility:{key}" for key in facilities], at=at)


PART = Part(
    model=PublishedLevel,
    keys={"facility": "facility", "scheme": "scheme"},
    fields=("level", "decision", "published_on"),
    references={"facility": "code"},
)
LEVELS = Importer(
    kind="levels",
    title=gettext_lazy("Published levels"),
    about=gettext_lazy("The level of a facility's laboratories under a set of criteria, and the decision behind it."),
    columns=(
        Column("facility", gettext_lazy("Code of the facility"), longest=40),
        Column("scheme", gettext_lazy("Criteria"), longest=40),
        Column("level", gettext_lazy("Level"), kind=Kind.INTEGER, least=0, most=10),
        Column("decision", gettext_lazy("Number of the decision"), longest=100),
        Column("published_on", gettext_lazy("Published on"), kind=Kind.DAY),
        Column("valid_from", gettext_lazy("Valid from"), kind=Kind.DAY),
        Column("valid_to", gettext_lazy("Valid until, that day not included"), kind=Kind.DAY, is_required=False),
    ),
    period=PART,
    within={"facility": "facility"},
    is_of_region=True,
    prepare=lambda: check_level,
    followed=_followed,
)
