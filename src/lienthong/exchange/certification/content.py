"""Whether a message arrived as it was published: what matters of it, field by field. Places are told, never values."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from lienthong.exchange.processing.measured import unit_text
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import Instant, OruMessage

Fact = tuple[str, object]


def differences(sent: bytes, arrived: bytes, *, default_charset: str, zone: ZoneInfo) -> list[str]:
    """Return the places at which two messages say something else; of bytes that can't be read, where they part."""
    first, second = (list(_facts(data, default_charset, zone)) for data in (sent, arrived))
    known = dict(second)
    missing = [place for place, value in first if known.get(place, "") != value]
    more = [place for place, _value in second if place not in dict(first)]
    return list(dict.fromkeys([*missing, *more]))


def _facts(data: bytes, default_charset: str, zone: ZoneInfo) -> Iterator[Fact]:
    message, _ = hl7v2.parse(data, default_charset=default_charset)
    oru = hl7v2.read_oru(message)[0] if message else None
    if oru is None:
        yield "MSH", "unreadable" if message is None else message.segments[0].name
        return
    yield from _of_oru(oru, zone)


def _of_oru(oru: OruMessage, zone: ZoneInfo) -> Iterator[Fact]:
    for patient in oru.patients:
        who = patient.patient
        if who is not None:
            yield "PID-3", tuple((one.value, one.type_code) for one in who.identifiers)
            yield "PID-5", who.full_name
            yield "PID-7", who.birth_date
            yield "PID-8", who.sex
        for order in patient.orders:
            yield f"{order.position}-3", order.filler_order_number or order.placer_order_number
            yield f"{order.position}-7", _moment(order.collected_at, zone)
            yield f"{order.position} SPM-11", order.is_quality_control
            for one in order.observations:
                yield f"{one.position}-3", one.code.codes
                yield f"{one.position}-4", one.sub_id
                yield f"{one.position}-5", one.values
                yield f"{one.position}-6", unit_text(one)
                yield f"{one.position}-7", one.reference_range
                yield f"{one.position}-11", one.status


def _moment(instant: Instant | None, zone: ZoneInfo) -> object:
    """Compare instants to the minute: systems drop seconds and write the offset in their own way."""
    at = instant.at(zone) if instant else None
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"[: 16 if instant and instant.has_time else 10] if at else ""
