"""From values of HL7's data types back to the text of fields, in the delimiters of one message."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from lienthong.interop.hl7v2._datatypes import (
    Address,
    Coded,
    EntityIdentifier,
    Identifier,
    Organisation,
    Person,
    PersonName,
    Place,
    Quantity,
    Telecom,
)
from lienthong.interop.hl7v2._delimiters import STANDARD, Delimiters, escape, transcode
from lienthong.interop.hl7v2._instant import Instant
from lienthong.interop.hl7v2._values import COMPOSITE_TYPES

Value: TypeAlias = (
    str | Coded | Identifier | EntityIdentifier | PersonName | Person | Address | Telecom | Organisation | Place
    | Quantity | Instant | None
)  # fmt: skip


class Composing:
    """Writes what `Fields` reads."""

    def __init__(self, delimiters: Delimiters) -> None:
        self.delimiters = delimiters

    def field(self, value: Value | tuple[Value, ...]) -> str:
        """Write a field: None and an empty tuple as blank, a tuple as repetitions."""
        if isinstance(value, tuple):
            return self.delimiters.repetition.join(map(self._one, value))
        return self._one(value)

    def value(self, value_type: str, value: str) -> str:
        """Write one repetition of OBX-5."""
        if value_type in COMPOSITE_TYPES:
            return transcode(value, source=STANDARD, target=self.delimiters)
        return self._text(value)

    def pair(self, placer: EntityIdentifier | None, filler: EntityIdentifier | None) -> str:
        """Write the numbers of both sides (EIP)."""
        return self.components([self._nested(_entity(one)) for one in (placer, filler)])

    def components(self, written: Iterable[str]) -> str:
        component = self.delimiters.component
        return component.join(written).rstrip(component)

    def named_persons(self, persons: Iterable[Person]) -> str:
        """Write NDL, each person in the subcomponents of its first component."""
        found = ([*_name_of(one), one.namespace, one.system, one.system_type] for one in persons)
        return self.delimiters.repetition.join(map(self._nested, found))

    def _one(self, value: Value) -> str:
        if value is None or isinstance(value, str):
            return self._text(value or "")
        if isinstance(value, Instant):
            return value.text
        return self.components(self._nested(one) if isinstance(one, list) else self._text(one) for one in _parts(value))

    def _nested(self, pieces: list[str]) -> str:
        while pieces and not pieces[-1]:
            pieces = pieces[:-1]
        if len(pieces) > 1 and not self.delimiters.subcomponent:
            raise ValueError("a component has subcomponents, but MSH-2 has no character that parts them")
        return self.delimiters.subcomponent.join(map(self._text, pieces))

    def _text(self, text: str) -> str:
        return escape(text, self.delimiters)


Part: TypeAlias = str | list[str]


def _parts(value: Value) -> list[Part]:
    """Return the components of a value; a list stands for subcomponents."""
    return _PARTS[type(value)](value)


def _strings(value: PersonName | Address | Telecom | Place) -> list[Part]:
    return [getattr(value, name) for name in value.__struct_fields__]


def _coded(one: Coded) -> list[Part]:
    return [
        *(one.code, one.text, one.system, one.alt_code, one.alt_text, one.alt_system),
        *(one.system_version, one.alt_system_version, one.original_text),
        *(one.second_alt_code, one.second_alt_text, one.second_alt_system),
    ]


def _identifier(one: Identifier) -> list[Part]:
    authority = _authority(one)
    return [
        *(one.value, one.check_digit, one.check_digit_scheme, authority, one.type_code),
        *(one.facility, one.effective_on, one.expires_on),
    ]


def _entity(one: EntityIdentifier | None) -> list[str]:
    return [one.value, one.namespace, one.system, one.system_type] if one else []


def _entity_parts(one: EntityIdentifier) -> list[Part]:
    return [*_entity(one)]


def _name_of(one: Person) -> list[str]:
    return [one.identifier, one.family, one.given, one.middle, one.suffix, one.prefix, one.degree]


def _person(one: Person) -> list[Part]:
    return [*_name_of(one), "", _authority(one), one.kind, "", "", one.type_code]


def _organisation(one: Organisation) -> list[Part]:
    return [one.name, one.kind, "", "", "", _authority(one), one.type_code, one.facility, "", one.code]


def _quantity(one: Quantity) -> list[Part]:
    unit = [part for part in _coded(one.unit) if isinstance(part, str)] if one.unit else []
    return [one.text, unit]


def _authority(one: Identifier | Person | Organisation) -> list[str]:
    """Write HD: a system stands alone where no namespace is beside it."""
    if one.namespace or one.system_type:
        return [one.namespace, one.system, one.system_type]
    return [one.system]


_PARTS: dict[type, Callable[..., list[Part]]] = {
    **dict.fromkeys((PersonName, Address, Telecom, Place), _strings),
    Coded: _coded,
    Identifier: _identifier,
    EntityIdentifier: _entity_parts,
    Person: _person,
    Organisation: _organisation,
    Quantity: _quantity,
}
