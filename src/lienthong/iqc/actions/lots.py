"""Correcting what was recorded of a control lot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lienthong.core import audit
from lienthong.core.models import User
from lienthong.errors import BadInput, NotFound
from lienthong.findings import Finding
from lienthong.iqc.models import ControlLot
from lienthong.iqc.permissions import check_lot
from lienthong.iqc.systems import systems
from lienthong.iqc.targets import TargetFacts, laboratories_of_lots, targets_of


@transaction.atomic
def correct_lot_expiry(
    procedure_id: int, lot_id: int, expires_on: dt.date, reason: str, *, by: User, at: dt.datetime
) -> None:
    """Correct the day on which a lot expires that a measuring system uses; it is the same for all who use the lot.

    Values that are recorded already stay as they are. Raise BadInput without a reason or for a day that can't be,
    NotFound, NotAllowed where others use it whose quality control one doesn't read.
    """
    system = systems([procedure_id], on=timezone.localdate(at)).get(procedure_id)
    targets = [one for one in targets_of([procedure_id])[procedure_id] if one.lot_id == lot_id]
    if system is None or not targets:
        raise NotFound(_("The measuring system has no target for this control lot."))
    check_lot(by, laboratories_of_lots([lot_id])[lot_id], at=at)
    lot = ControlLot.objects.select_for_update().get(pk=lot_id)
    if findings := list(_faults(lot, targets, expires_on, reason)):
        raise BadInput(findings)
    before, lot.expires_on = lot.expires_on, expires_on
    lot.save(update_fields=["expires_on"])
    audit.record(
        "correct-control-lot-expiry",
        by=by,
        at=at,
        object_kind="control_lot",
        object_key=str(lot),
        facility=system.facility.code,
        detail={
            "before": before.isoformat() if before else None,
            "after": expires_on.isoformat(),
            "reason": reason.strip()[:300],
            "system": system.procedure.code,
        },
    )


def _faults(lot: ControlLot, targets: list[TargetFacts], expires_on: dt.date, reason: str) -> Iterator[Finding]:
    if expires_on == lot.expires_on:
        yield Finding("expires_on", "unchanged", _("This day is recorded already; give the one on the package."))
    if expires_on <= min(target.valid_from for target in targets):
        yield Finding("expires_on", "expired-lot", _("The lot would expire before its target begins; check the day."))
    if not reason.strip():
        yield Finding("reason", "empty", _("Say how you know, for example where the right day is printed."))
