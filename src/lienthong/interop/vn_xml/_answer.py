"""What the insurance gateway answers to an export, for vendors who send here in the same way.

`maKetQua`, `maGiaoDich`, `thoiGianTiepNhan` and `thongDiep` are the names that a vendor's public transcription of the
gateway's guide to Decision 4750 gives for its answer; `trangThai` and `maLoi` are those that vendors poll with. The
guide itself was not read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from lienthong.findings import Finding

GatewayState = Literal["received", "processing", "done", "partly", "refused"]

_WORDS: dict[GatewayState, str] = {
    "received": "Đã tiếp nhận",
    "processing": "Đang xử lý",
    "done": "Đã xử lý",
    "partly": "Đã xử lý một phần",
    "refused": "Không tiếp nhận",
}


class GatewayFinding(Struct, frozen=True):
    """What is wrong, and where; no value is repeated."""

    where: str = field(name="viTri")
    code: str = field(name="maLoi")
    message: str = field(name="moTa")


class GatewayAnswer(Struct, frozen=True):
    """How far a delivery is: `maLoi` and `thongDiep` are of the first finding, `chiTiet` has them all."""

    result: Literal["200", "400"] = field(name="maKetQua")
    transaction: str = field(name="maGiaoDich")
    state: GatewayState = field(name="trangThai")
    code: str = field(name="maLoi")
    received_at: str = field(name="thoiGianTiepNhan")
    message: str = field(name="thongDiep")
    details: tuple[GatewayFinding, ...] = field(name="chiTiet")


def gateway_answer(
    transaction: str, state: GatewayState, *, received_at: datetime, findings: Iterable[Finding] = ()
) -> GatewayAnswer:
    """Return the answer as the gateway shapes it: 200, or 400 where nothing was taken; the time as yyyyMMddHHmmss.

    `received_at` is in the facility's own time.
    """
    details = tuple(GatewayFinding(one.where, one.code, one.message) for one in findings)
    code, message = (details[0].code, details[0].message) if details else ("", _WORDS[state])
    result: Literal["200", "400"] = "400" if state == "refused" else "200"
    return GatewayAnswer(result, transaction, state, code, f"{received_at:%Y%m%d%H%M%S}", message, details)
