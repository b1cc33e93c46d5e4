"""The tree of regions: one row for a region and, where it has one, the region it belonged to from a day on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lienthong.core.imports.spec import Importer, Part, Periods
from lienthong.core.tabular import Column, Row
from lienthong.findings import Finding
from lienthong.registry.imports.columns import (
    NAME_FIELDS,
    NAMES,
    VALID_FROM_OPTIONAL,
    VALID_TO,
    check_named,
    check_together,
)
from lienthong.registry.models import Region, RegionParent


def check_region(row: Row) -> Iterator[Finding]:
    """Find a row without a name, with half a parent, or in a time zone that does not exist."""
    yield from check_named(row)
    yield from check_together(row, "parent", "valid_from")
    try:
        ZoneInfo(row.text("time_zone"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = _("this is not a time zone; write it as Asia/Ho_Chi_Minh or Asia/Shanghai")
        yield row.finding("time_zone", "unknown-time-zone", message)
    if row.values.get("parent") == row.values.get("code"):
        yield row.finding("parent", "own-parent", _("a region can't lie in itself"))


def check_tree(row: Row, parents: Periods) -> Iterator[Finding]:
    """Find a region that on its first day in its parent would lie, over others, in itself."""
    start, day = row.text("code"), row.day("valid_from")
    seen, above = {start}, row.text("parent")
    while day is not None and above:
        if above in seen:
            yield row.finding("parent", "circle", _("with this parent the region would lie in itself"))
            return
        seen.add(above)
        above = _parent_on(parents, above, day)


def _parent_on(parents: Periods, code: str, day: dt.date) -> str:
    held = parents.get((code,), ())
    found = (one for one in held if one.valid_from <= day and (one.valid_to is None or one.valid_to > day))
    return next((str(one.values["parent"]) for one in found), "")


REGIONS = Importer(
    kind="regions",
    title=gettext_lazy("Regions"),
    about=gettext_lazy("The tree of regions; a region that moved has one row for each region it lay in."),
    columns=(
        Column("code", gettext_lazy("Code"), longest=20),
        *NAMES,
        Column("time_zone", gettext_lazy("Time zone"), longest=60),
        Column("parent", gettext_lazy("Code of the region above"), is_required=False, longest=20),
        VALID_FROM_OPTIONAL,
        VALID_TO,
    ),
    entity=Part(model=Region, keys={"code": "code"}, fields=(*NAME_FIELDS, "time_zone")),
    period=Part(
        model=RegionParent, keys={"region": "code"}, fields=("parent",), references={"region": "code", "parent": "code"}
    ),
    within={"parent": "region"},
    place="region",
    is_of_region=True,
    prepare=lambda: check_region,
    check_periods=check_tree,
)
