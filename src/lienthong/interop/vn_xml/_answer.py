"""What the insurance gateway answers to an export, for vendors who send here in the same way.

`maKetQua`, `maGiaoDich`, `thoiGianTiepNhan` and `thongDiep` are the names that a vendor's public transcription of the
gateway's guide to Decision 4750 gives for its answer; `trangThai` and `maLoi` are those that vendors poll with. The
guide itself was not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lienthong.findings import Finding


class GatewayState(StrEnum):
    """How far a delivery is: received, being worked on, done, done in part, or not taken."""

    RECEIVED = "received"
    PROCESSING = "processing"
    DONE = "done"
    PARTLY = "partly"
    REFUSED = "refused"


_RESULTS = {GatewayState.REFUSED: "400"}
_WORDS = {
    GatewayState.RECEIVED: "Đã tiếp nhận",
    GatewayState.PROCESSING: "Đang xử lý",
    GatewayState.DONE: "Đã xử lý",
    GatewayState.PARTLY: "Đã xử lý một phần",
    GatewayState.REFUSED: "Không tiếp nhận",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a delivery: its transaction number, when it came (local time), its state, and its findings."""

    transaction: str
    received_at: datetime
    state: GatewayState
    findings: Sequence[Finding] = ()


def gateway_answer(answer: Answer) -> dict[str, object]:
    """Return the answer as the gateway shapes it.

    `maKetQua` is 200 or 400, `thoiGianTiepNhan` is yyyyMMddHHmmss, `maLoi` the code of the first finding, empty where
    there is none; `chiTiet` has them all with their places, and no patient's value.
    """
    first = answer.findings[0] if answer.findings else None
    return {
        "maKetQua": _RESULTS.get(answer.state, "200"),
        "maGiaoDich": answer.transaction,
        "trangThai": answer.state.value,
        "maLoi": first.code if first else "",
        "thoiGianTiepNhan": f"{answer.received_at:%Y%m%d%H%M%S}",
        "thongDiep": first.message if first else _WORDS[answer.state],
        "chiTiet": [{"viTri": one.where, "maLoi": one.code, "moTa": one.message} for one in answer.findings],
    }
