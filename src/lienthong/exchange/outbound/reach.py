"""That what goes out is read: each sending is an event in the audit log, with the relation that allows it."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from lienthong.core import audit
from lienthong.core.actions import system_user
from lienthong.exchange.outbound.channels import OutletFacts
from lienthong.registry import reads as registry

SENDER = "outbound"


def record_sending(
    outlet: OutletFacts, *, record_id: int, report_id: int, relation: str, at: dt.datetime, facility: str = ""
) -> None:
    """Write that a report is read in the name of an outlet's facility; call it before the report goes out.

    Who knows the code of the facility gives it.
    """
    place = facility or registry.facilities([outlet.facility_id], on=timezone.localdate(at))[outlet.facility_id].code
    audit.record_read(
        by=system_user(SENDER),
        at=at,
        patient_record_id=record_id,
        object_kind="report",
        object_key=report_id,
        facility=place,
        relation=relation,
    )
