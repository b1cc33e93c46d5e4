"""The plain way to read a result message: each element by its place, through `Segment`, nothing remembered.

It is slow and simple, and says what the fast reader must give.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from lienthong.interop.hl7v2 import (
    Address,
    Coded,
    EntityIdentifier,
    Identifier,
    Instant,
    Message,
    Observation,
    Organisation,
    Person,
    PersonName,
    Place,
    Quantity,
    Segment,
    Telecom,
    read_instant,
    unescape,
)

Tree = list[list[list[str]]]  # repetitions, components, subcomponents


def clean(segment: Segment, sent: str) -> str:
    text = unescape(sent, segment.delimiters, codec=segment.codec).strip()
    return "" if text == '""' else text


def tree(segment: Segment, number: int) -> Tree:
    own = segment.delimiters

    def pieces(sent: str, delimiter: str) -> list[str]:
        return sent.split(delimiter) if delimiter else [sent]

    return [
        [[clean(segment, piece) for piece in pieces(part, own.subcomponent)] for part in pieces(one, own.component)]
        for one in segment.repetitions(number)
    ]


def at(repetition: list[list[str]], component: int, subcomponent: int = 1) -> str:
    """The element at a place, blank where the message ends before it."""
    if component > len(repetition) or subcomponent > len(repetition[component - 1]):
        return ""
    return repetition[component - 1][subcomponent - 1]


def authority(repetition: list[list[str]], component: int) -> dict[str, str]:
    namespace, universal, kind = (at(repetition, component, place) for place in (1, 2, 3))
    return {
        "system": universal or namespace,
        "namespace": namespace if universal else "",
        "system_type": kind,
    }


def coded(one: list[list[str]]) -> Coded | None:
    parts = [at(one, place) for place in range(1, 13)]
    if not any(part for component in one for part in component[:1]):
        return None
    if not parts[1] and not parts[4]:
        parts[1] = parts[8]
    return Coded(*parts)


def identifier(one: list[list[str]]) -> Identifier | None:
    if not at(one, 1):
        return None
    return Identifier(
        value=at(one, 1),
        check_digit=at(one, 2),
        check_digit_scheme=at(one, 3),
        **authority(one, 4),
        type_code=at(one, 5),
        facility=at(one, 6),
        effective_on=at(one, 7),
        expires_on=at(one, 8),
    )


def entity(one: list[list[str]]) -> EntityIdentifier | None:
    return EntityIdentifier(*(at(one, place) for place in range(1, 5))) if at(one, 1) else None


def person(one: list[list[str]]) -> Person | None:
    if not any(at(one, place) for place in (1, 2, 3)):
        return None
    names = ("identifier", "family", "given", "middle", "suffix", "prefix", "degree")
    named = {name: at(one, place) for place, name in enumerate(names, start=1)}
    return Person(**named, **authority(one, 9), kind=at(one, 10), type_code=at(one, 13))


def organisation(one: list[list[str]]) -> Organisation | None:
    if not (at(one, 1) or at(one, 3) or at(one, 10)):
        return None
    return Organisation(
        name=at(one, 1),
        kind=at(one, 2),
        code=at(one, 10) or at(one, 3),
        **authority(one, 6),
        type_code=at(one, 7),
        facility=at(one, 8),
    )


def flat(kind: type, width: int) -> Callable[[list[list[str]]], Any]:
    def read(one: list[list[str]]) -> Any:
        parts = [at(one, place) for place in range(1, width + 1)]
        return kind(*parts) if any(parts) else None

    return read


name, address, telecom, place = flat(PersonName, 8), flat(Address, 10), flat(Telecom, 12), flat(Place, 9)


class Reading:
    """Reads the fields of one segment."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment

    def text(self, number: int) -> str:
        found = tree(self.segment, number)
        return at(found[0], 1) if found else ""

    def whole(self, number: int) -> str:
        found = self.segment.repetitions(number)
        return clean(self.segment, found[0]) if found else ""

    def one(self, number: int, read: Callable[[list[list[str]]], Any]) -> Any:
        found = tree(self.segment, number)
        return read(found[0]) if found else None

    def all(self, number: int, read: Callable[[list[list[str]]], Any]) -> tuple[Any, ...]:
        values = (read(one) for one in tree(self.segment, number))
        return tuple(value for value in values if value is not None)

    def time(self, number: int) -> Instant | None:
        return read_instant(self.text(number))


def observation(segment: Segment, ordinal: int) -> Observation:
    """Read OBX; `parsed` and `values` are left out."""
    of = Reading(segment)
    return Observation(
        ordinal=ordinal,
        set_id=of.text(1),
        value_type=of.text(2),
        code=of.one(3, coded) or Coded(),
        sub_id=of.whole(4),
        unit=of.one(6, coded),
        reference_range=of.whole(7),
        interpretations=of.all(8, coded),
        probability=of.text(9),
        nature=tuple(code for one in tree(segment, 10) if (code := at(one, 1))),
        status=of.text(11).upper() or "F",
        range_effective_at=of.time(12),
        access_checks=of.text(13),
        observed_at=of.time(14),
        producer_id=of.one(15, coded),
        observers=of.all(16, person),
        method=of.one(17, coded),
        instruments=of.all(18, entity),
        analysed_at=of.time(19),
        sites=of.all(20, coded),
        instance_id=of.one(21, entity),
        mood=of.one(22, coded),
        performing_organisation=of.one(23, organisation),
        performing_address=next(iter(of.all(24, address)), None),
        medical_director=next(iter(of.all(25, person)), None),
        release_category=of.text(26),
        root_cause=of.one(27, coded),
        process_control=of.all(28, coded),
        kind=of.text(29),
    )


def identity(segment: Segment) -> dict[str, Any]:
    """Read PID as far as it is read from single places."""
    of = Reading(segment)
    found = of.all(3, identifier) or of.all(2, identifier) or of.all(4, identifier)
    national = of.text(19)
    if national and national not in [one.value for one in found]:
        found = (*found, Identifier(value=national, type_code="SS"))
    return {
        "identifiers": found,
        "names": of.all(5, name),
        "mothers_maiden_names": of.all(6, name),
        "birth": of.time(7),
        "aliases": of.all(9, name),
        "races": of.all(10, coded),
        "addresses": of.all(11, address),
        "phones": of.all(13, telecom),
        "business_phones": of.all(14, telecom),
        "language": of.one(15, coded),
        "marital_status": of.one(16, coded),
        "account": of.one(18, identifier),
        "ethnic_groups": of.all(22, coded),
        "birth_place": of.text(23),
        "nationality": of.one(28, coded),
        "died_at": of.time(29),
        "death_indicator": of.text(30),
        "identity_unknown_indicator": of.text(31),
        "updated_at": of.time(33),
    }


def visit(segment: Segment) -> dict[str, Any]:
    of = Reading(segment)
    return {
        "patient_class": of.text(2),
        "location": of.one(3, place),
        "admission_type": of.text(4),
        "attending": of.all(7, person),
        "referring": of.all(8, person),
        "consulting": of.all(9, person),
        "hospital_service": of.text(10),
        "admitting": of.all(17, person),
        "number": of.one(19, identifier),
        "discharge_disposition": of.text(36),
        "admitted_at": of.time(44),
        "discharged_at": of.time(45),
    }


def order(segment: Segment) -> dict[str, Any]:
    of = Reading(segment)
    return {
        "placer": of.one(2, entity),
        "filler": of.one(3, entity),
        "service": of.one(4, coded) or Coded(),
        "priority": of.text(5),
        "requested_at": of.time(6),
        "observed_at": of.time(7),
        "observed_until": of.time(8),
        "collectors": of.all(10, person),
        "action_code": of.text(11),
        "danger": of.one(12, coded),
        "clinical_information": of.whole(13),
        "requesters": of.all(16, person),
        "callback": of.all(17, telecom),
        "placer_field_1": of.whole(18),
        "filler_field_2": of.whole(21),
        "reported_at": of.time(22),
        "section": of.text(24),
        "result_status": of.text(25),
        "result_copies": of.all(28, person),
        "reasons": of.all(31, coded),
        "scheduled_at": of.time(36),
        "procedure": of.one(44, coded),
    }


def specimen(segment: Segment) -> dict[str, Any]:
    of = Reading(segment)
    pair = tree(segment, 2)[0] if tree(segment, 2) else []
    numbers = [entity([[piece] for piece in component]) for component in pair] + [None, None]
    return {
        "placer": numbers[0],
        "filler": numbers[1],
        "type": of.one(4, coded),
        "type_modifiers": of.all(5, coded),
        "additives": of.all(6, coded),
        "collection_method": of.one(7, coded),
        "source_site": of.one(8, coded),
        "site_modifiers": of.all(9, coded),
        "collection_site": of.one(10, coded),
        "roles": of.all(11, coded),
        "amount": of.one(12, quantity),
        "handling": of.all(15, coded),
        "collected_at": read_instant(of.text(17)),
        "collected_until": read_instant(at(tree(segment, 17)[0], 2)) if tree(segment, 17) else None,
        "received_at": of.time(18),
        "expires_at": of.time(19),
        "reject_reasons": of.all(21, coded),
        "conditions": of.all(24, coded),
        "container_type": of.one(27, coded),
        "accessions": of.all(30, identifier),
    }


def quantity(one: list[list[str]]) -> Quantity | None:
    unit = coded([[piece] for piece in one[1]]) if len(one) > 1 else None
    text = at(one, 1)
    number = Decimal(text) if re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", text, re.ASCII) else None
    return Quantity(text, number, unit) if text or unit else None


def segments_of(message: Message, wanted: str) -> Iterator[tuple[int, Segment]]:
    yield from enumerate((one for one in message.segments if one.name == wanted), start=1)
