"""What the pages of control materials load: what waits, and mappings that a user may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Max, Min
from django.utils.translation import gettext as _

from lienthong.errors import NotFound
from lienthong.exchange.models import ControlMapping, HeldControl, Source


@dataclass(frozen=True, slots=True)
class WaitingMaterial:
    """A control material of a sender whose lot and level are not known, and how many messages wait for it."""

    source: Source
    material: str
    lot: str
    level: str
    name: str
    messages: int
    first_asked_on: dt.date
    since: dt.datetime


def waiting_materials(visible: Mapping[str, Source]) -> list[WaitingMaterial]:
    """Return the control materials of visible senders that wait, most messages first."""
    by_id = {one.pk: one for one in visible.values()}
    rows = HeldControl.objects.waiting().filter(source__in=list(by_id))
    counted = rows.values("source_id", "material", "lot", "level").annotate(
        messages=Count("inbox_id", distinct=True), called=Max("name"), first=Min("asked_on"), since=Min("held_at")
    )
    return [
        WaitingMaterial(
            source=by_id[row["source_id"]],
            material=row["material"],
            lot=row["lot"],
            level=row["level"],
            name=row["called"],
            messages=row["messages"],
            first_asked_on=row["first"],
            since=row["since"],
        )
        for row in counted.order_by("-messages", "source__code", "material", "lot", "level")
    ]


def waiting_material(
    visible: Mapping[str, Source], *, source: str, material: str, lot: str, level: str
) -> WaitingMaterial:
    """Return one that waits; raise NotFound where there is none that the user may see."""
    asked = (source, material, lot, level)
    for one in waiting_materials({key: row for key, row in visible.items() if key == source}):
        if (one.source.code, one.material, one.lot, one.level) == asked:
            return one
    raise NotFound(_("No control of this sender waits for this material; it may be mapped already."))


def control_mappings(visible: Iterable[Source]) -> list[ControlMapping]:
    """Return what is proposed or was confirmed for visible senders, as known now."""
    rows = ControlMapping.objects.known_at(None).filter(source__in=list(visible))
    related = rows.select_related("source__facility", "control_lot", "proposed_by", "confirmed_by")
    return list(related.order_by("source__code", "material", "lot", "level", "valid_from"))
