"""Columns that several tables of the registry share, and checks on them."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.core.tabular import Column, Kind, Row
from lienthong.findings import Finding

NAMES = (
    Column("name_vi", gettext_lazy("Name in Vietnamese"), is_required=False),
    Column("name_zh", gettext_lazy("Name in Chinese"), is_required=False),
    Column("name_en", gettext_lazy("Name in English"), is_required=False),
)
NAME_FIELDS = tuple(column.key for column in NAMES)
VALID_FROM = Column("valid_from", gettext_lazy("Valid from"), kind=Kind.DAY)
VALID_FROM_OPTIONAL = Column("valid_from", gettext_lazy("Valid from"), kind=Kind.DAY, is_required=False)
VALID_TO = Column("valid_to", gettext_lazy("Valid until, that day not included"), kind=Kind.DAY, is_required=False)
LABORATORY = Column("laboratory", gettext_lazy("Code of the laboratory"), longest=40)


def check_named(row: Row) -> Iterator[Finding]:
    """Find a row that has a column of names and no name."""
    given = [key for key in NAME_FIELDS if row.has(key)]
    if not any(row.text(key) for key in given):
        yield row.finding(next(iter(given), "code"), "no-name", _("give a name in one of the three languages"))


def check_together(row: Row, *keys: str) -> Iterator[Finding]:
    """Find cells that are empty beside others without which they say nothing."""
    filled = [key for key in keys if row.values.get(key) is not None]
    if filled and len(filled) < len(keys):
        for key in keys:
            if key not in filled:
                yield row.finding(key, "empty", _("this cell must be filled where the cells that belong to it are"))
