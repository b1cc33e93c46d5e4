"""From pieces to rows for the inbox: lane, label, and for HL7 v2 what a listener would look at before it answers."""

from __future__ import annotations

from dataclasses import replace

from lienthong.exchange.deliveries import hl7_files
from lienthong.exchange.deliveries.models import Delivery
from lienthong.exchange.deliveries.pieces import Piece
from lienthong.exchange.listening.kinds import NOT_TAKEN, is_taken
from lienthong.exchange.listening.quick_header import lane
from lienthong.interop import hl7v2
from lienthong.results.actions import Arrival

LABEL = "delivery "


def label_of(delivery: Delivery) -> str:
    """Return by what the messages of a delivery are known in the inbox."""
    return f"{LABEL}{delivery.number}"


def arrival_of(piece: Piece, place: int, delivery: Delivery) -> Arrival:
    """Return the row of a piece. The lane is that of the report, whichever way its versions come."""
    source = delivery.source
    arrival = Arrival(
        raw=piece.raw,
        received_at=delivery.received_at,
        source=source.code,
        sender=label_of(delivery),
        lane=f"{source.code}:{piece.number}",
        control_id=f"{delivery.number}/{place}",
        message_type=delivery.kind,
    )
    return _of_hl7(arrival, source.default_charset) if delivery.kind == hl7_files.MESSAGE_TYPE else arrival


def _of_hl7(arrival: Arrival, charset: str) -> Arrival:
    """Read MSH as a listener does; what it would refuse is kept as refused."""
    header = hl7v2.header(arrival.raw, default_charset=charset)
    decoded, findings = hl7v2.decode(arrival.raw, default=charset)
    if header is None or decoded is None:
        reason = findings[0].code if findings else "unreadable"
        return replace(arrival, state="rejected", reason=reason, findings=findings, lane="")
    kind = "^".join(part for part in (header.message_code, header.trigger_event) if part)
    read = replace(
        arrival,
        message_type=kind,
        control_id=header.control_id,
        lane=lane(arrival.source, arrival.raw, decoded.text, header),
    )
    if not is_taken(header):
        return replace(read, state="rejected", reason=NOT_TAKEN.code, findings=(NOT_TAKEN,))
    return read
