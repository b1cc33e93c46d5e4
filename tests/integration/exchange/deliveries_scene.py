"""Deliveries in the field's own notation: a form as CSV, a push in JSON, and a worker that takes both in."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.utils import timezone

from lienthong.core.actions import system_user
from lienthong.exchange.deliveries.actions import Parcel, Receipt, receive_delivery
from lienthong.exchange.deliveries.queue import work_deliveries
from lienthong.exchange.processing.worker import Processed, process_waiting

HEADER = (
    "patient_number,name,birth_date,sex,report_number,code,test,value,unit,range,"
    "collected_at,measured_at,released_at,status"
)
ROW_1 = (
    "P1,Nguyễn Thị Đào,17/05/1980,nữ,R1,GLU,Glucose,5.60,mmol/L,3.9-6.4,"
    "20/11/2026 07:00,20/11/2026 08:00,20/11/2026 09:00,"
)
ROW_2 = ROW_1.replace("GLU,Glucose,5.60", "HBSAG,HBsAg,negative").replace("mmol/L,3.9-6.4", ",")
ROW_3 = ROW_1.replace("P1,Nguyễn Thị Đào", "P2,Trần Văn Hùng").replace(",R1,", ",R2,").replace("nữ", "nam")
FORM = "\n".join((HEADER, ROW_1, ROW_2, ROW_3)).encode()


def report(**changes: object) -> dict[str, object]:
    """A report of glucose as a system pushes it."""
    usual = {
        "number": "J1",
        "patient": {"number": "P1", "name": "Nguyễn Thị Đào", "birth_date": "1980-05-17", "sex": "F"},
        "collected_at": "2026-11-20T07:00:00",
        "released_at": "2026-11-20T09:00:00+07:00",
        "results": [{"code": "GLU", "value": "5.60", "unit": "mmol/L", "measured_at": "2026-11-20T08:00:00"}],
    }
    return usual | changes


def push(*reports: Mapping[str, object]) -> bytes:
    return json.dumps({"reports": reports or [report()]}).encode()


def deliver(data: bytes, *, source: str = "SX", **more: object) -> Receipt:
    parcel = Parcel(data=data, entrance="push", client="HIS-SX", **more)  # type: ignore[arg-type]  # as named
    return receive_delivery(parcel, source=source, by=system_user("push"), at=timezone.now())


def take_in(data: bytes, **more: object) -> Processed:
    """Deliver, part, and let a worker store what it holds."""
    deliver(data, **more)  # type: ignore[arg-type]  # as named
    work_deliveries(timezone.now())
    return process_waiting(timezone.now())
