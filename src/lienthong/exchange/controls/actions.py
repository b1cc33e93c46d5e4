"""What people decide on control materials: one proposes which lot and level a sender means, another confirms it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.errors import Conflict, NotFound
from lienthong.exchange import reviewing
from lienthong.exchange.controls.book import fits_material
from lienthong.exchange.models import ControlMapping, HeldControl, Source
from lienthong.exchange.permissions import check_mapper, day_of
from lienthong.iqc import reads as iqc
from lienthong.iqc.reads import ControlLotFacts
from lienthong.registry import reads as registry
from lienthong.results import actions as results


@transaction.atomic
def propose_control_mapping(
    *,
    source: str,
    material: str,
    lot: str = "",
    level: str = "",
    control_lot_id: int,
    valid_from: dt.date,
    by: User,
    at: dt.datetime,
) -> int:
    """Propose which control lot and level a sender means by a material, and by lot and level where it tells them.

    `*` in the material stands for any signs. Raise NotFound where the lot has no target on a system of the sender,
    Conflict where a proposal waits, NotAllowed.
    """
    sender = Source.objects.filter(code=source).first()
    if sender is None:
        raise NotFound(_("There is no such sender."))
    check_mapper(by, sender, at=at)
    if control_lot_id not in {one.id for one in lots_of(sender, on=day_of(at))}:
        raise NotFound(_("No system of the sender has a target for this control lot; enter its target first."))
    same = ControlMapping.objects.known_at(None).filter(source=sender, material=material, lot=lot, level=level)
    if same.proposed().select_for_update().exists():
        raise Conflict(_("A mapping of this control material is already proposed; confirm or decline it first."))
    mapping = ControlMapping.objects.create(
        source=sender,
        material=material,
        lot=lot,
        level=level,
        control_lot_id=control_lot_id,
        valid_from=valid_from,
        recorded_at=at,
        proposed_by=by,
        proposed_at=at,
    )
    _record("propose-control-mapping", mapping, by=by, at=at)
    return mapping.pk


@transaction.atomic
def confirm_control_mapping(mapping_id: int, *, by: User, at: dt.datetime) -> int:
    """Confirm another person's proposal, end what held before, and replay in order what waited for it.

    Return how many messages are replayed. Raise Conflict, NotFound, NotAllowed.
    """
    mapping = reviewing.proposal(ControlMapping, mapping_id, by=by, at=at)
    reviewing.confirm(mapping, by=by, at=at)
    _record("confirm-control-mapping", mapping, by=by, at=at)
    return results.replay(_messages_waiting_for(mapping), by=by, at=at)


@transaction.atomic
def decline_control_mapping(mapping_id: int, *, by: User, at: dt.datetime) -> None:
    """Decline a proposal, one's own as well; it stays on record. Raise Conflict, NotFound, NotAllowed."""
    mapping = reviewing.proposal(ControlMapping, mapping_id, by=by, at=at)
    reviewing.decline(mapping, at=at)
    _record("decline-control-mapping", mapping, by=by, at=at)


def lots_of(sender: Source, *, on: dt.date) -> list[ControlLotFacts]:
    """Return the control lots and levels that have a target on the systems of the sender's laboratory."""
    laboratory_id = sender.laboratory_id or registry.laboratory_of_facility(sender.facility_id)
    if laboratory_id is None:
        return []
    return iqc.control_lots(list(registry.procedures(laboratory_ids={laboratory_id}, on=on)))


def _messages_waiting_for(mapping: ControlMapping) -> list[int]:
    rows = HeldControl.objects.waiting().filter(source=mapping.source, lot=mapping.lot, level=mapping.level)
    found = rows.order_by("inbox_id").values_list("inbox_id", "material")
    return list(dict.fromkeys(key for key, material in found if fits_material(mapping.material, material)))


def _record(action: str, mapping: ControlMapping, *, by: User, at: dt.datetime) -> None:
    detail: dict[str, str | int | float | bool | None] = {
        "source": mapping.source.code,
        "material": mapping.material,
        "lot": mapping.lot,
        "level": mapping.level,
        "control_lot": mapping.control_lot_id,
        "valid_from": mapping.valid_from.isoformat(),
    }
    audit.record(action, by=by, at=at, object_kind="control-mapping", object_key=mapping.pk, detail=detail)
