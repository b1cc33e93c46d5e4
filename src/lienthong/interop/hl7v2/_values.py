"""OBX-5 by the data type that OBX-2 names: each repetition as reported, and parsed beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from typing import TypeAlias

from lienthong.interop.hl7v2._datatypes import (
    Address,
    Coded,
    Document,
    EntityIdentifier,
    Identifier,
    Organisation,
    Period,
    Person,
    PersonName,
    Place,
    Pointer,
    Quantity,
    Telecom,
)
from lienthong.interop.hl7v2._delimiters import STANDARD, transcode
from lienthong.interop.hl7v2._fields import NULL, Fields, fields_of
from lienthong.interop.hl7v2._instant import Instant, TimeOfDay, read_time_of_day
from lienthong.interop.hl7v2._reading import Reading, read_value

Parsed: TypeAlias = (
    Reading | Coded | Instant | TimeOfDay | Period | Document | Pointer | Identifier | EntityIdentifier | PersonName
    | Person | Address | Telecom | Organisation | Place | Quantity | Decimal | str | None
)  # fmt: skip

COMPOSITE_TYPES = frozenset(
    {"CE", "CWE", "CNE", "CF", "SN", "NR", "ED", "RP", "EI", "HD", "CX", "XPN", "XAD", "XTN", "XCN", "XON", "PPN", "CP"}
    | {"CQ", "DR", "MA", "MO", "NA", "VR", "MF", "PL", "DLN", "JCC", "FC", "RI", "TQ", "SPS"}
)
CODED_TYPES = frozenset({"CE", "CWE", "CNE", "CF"})
NUMERIC_TYPES = frozenset({"NM", "SN", "NR"})


def values_of(value_type: str, sent: str, fields: Fields) -> tuple[str, ...]:
    """Return the valued repetitions of OBX-5: simple types as text, composite types in the notation of `^~\\&`."""
    repetitions = [one for one in fields.repetitions(sent) if one and one != NULL]
    if value_type not in COMPOSITE_TYPES:
        return tuple(text for text in map(fields.text, repetitions) if text.strip())
    own = fields.delimiters
    valued = (one for one in repetitions if one.strip(own.component))
    return tuple(transcode(one, source=own, target=STANDARD, codec=fields.codec) for one in valued)


def parse_values(value_type: str, values: Iterable[str], *, codec: str = "utf-8") -> tuple[Parsed, ...]:
    """Parse values as `values_of` returns them; one that its type does not allow is None, a text stays the text.

    Numeric types (NM, SN, NR) give a `Reading`; coded ones, identifiers, names and times the value of that type.
    """
    if value_type in NUMERIC_TYPES:
        return tuple(read_value(value_type, (value,)) for value in values)
    parse = _BY_TYPE.get(value_type)
    if parse is None:
        return tuple(values)
    return tuple(map(partial(parse, fields_of(STANDARD, codec)), values))


def _first_of(read: Callable[[Fields, str], tuple[Parsed, ...]]) -> Callable[[Fields, str], Parsed]:
    return lambda fields, value: next(iter(read(fields, value)), None)


def _simple_code(fields: Fields, value: str) -> Coded | None:
    return Coded(value.strip()) if value.strip() else None


def _instant(fields: Fields, value: str) -> Instant | None:
    return fields.instant(value)


def _time_of_day(fields: Fields, value: str) -> TimeOfDay | None:
    return read_time_of_day(fields.value(value))


def _document(fields: Fields, value: str) -> Document | None:
    parts = fields.parts(value)[:5]
    return Document(*parts) if any(parts) else None


def _pointer(fields: Fields, value: str) -> Pointer | None:
    parts = fields.parts(value)
    kinds = [*parts[2:4]]
    return Pointer(parts[0], parts[1] if len(parts) > 1 else "", *kinds) if any(parts) else None


_BY_TYPE: dict[str, Callable[[Fields, str], Parsed]] = {
    **dict.fromkeys(CODED_TYPES, Fields.coded),
    **dict.fromkeys(("IS", "ID"), _simple_code),
    **dict.fromkeys(("DT", "DTM", "TS"), _instant),
    "TM": _time_of_day,
    "DR": Fields.period,
    "ED": _document,
    "RP": _pointer,
    "CX": Fields.identifier,
    "EI": Fields.thing,
    "CQ": Fields.quantity,
    "PL": Fields.place,
    "XON": Fields.organisation,
    "XPN": _first_of(Fields.names),
    "XAD": _first_of(Fields.addresses),
    "XTN": _first_of(Fields.telecoms),
    **dict.fromkeys(("XCN", "PPN"), _first_of(Fields.persons)),
}
