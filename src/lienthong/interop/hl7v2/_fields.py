"""From the text of a field to values of HL7's data types, for one set of delimiters and one codec.

A laboratory sends the same codes, units, names of instruments and times in field after field, so what was read is
remembered by its text; `BOUND` and `LONGEST` keep a hostile sender from filling the memory. What is read is the same
with and without.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeVar

from lienthong.interop.hl7v2._datatypes import (
    Address,
    Coded,
    EntityIdentifier,
    Identifier,
    Organisation,
    Period,
    Person,
    PersonName,
    Place,
    Quantity,
    Telecom,
)
from lienthong.interop.hl7v2._delimiters import Delimiters, unescaping
from lienthong.interop.hl7v2._instant import Instant, read_instant
from lienthong.interop.hl7v2._reading import plain_number

BOUND = 8_192  # texts remembered of one data type
LONGEST = 128  # characters of a text that is worth remembering
NULL = '""'  # HL7's null is read as blank
_BLANKS = [""] * 5
_ABSENT = "\r"  # stands for a delimiter that a message does not have, since no field holds it
REPEATED_TYPES = ("NM", "SN", "CWE", "CE", "CNE", "IS", "ID")  # of OBX-2: their values come again

_T = TypeVar("_T")
_Flat = TypeVar("_Flat", PersonName, Address, Telecom, Place)


def remember(memory: dict[str, _T], text: str, value: _T) -> _T:
    """Keep what a text was read as; a memory that is full begins anew."""
    if len(text) <= LONGEST:
        if len(memory) >= BOUND:
            memory.clear()
        memory[text] = value
    return value


class Fields:
    """Reads fields that are written with some delimiters. Blank gives None, an empty text or an empty tuple.

    `value` and `whole` and what is named in the singular read the first repetition, the others all of them.
    """

    __slots__ = (
        *("code_lists", "codec", "codes", "delimiters", "instants", "people", "places", "texts", "things", "values"),
        *("comments", "kinds", "protocols", "wholes"),
        *("_authorities", "_component", "_escape", "_repetition", "_subcomponent", "_unescape"),
    )

    def __init__(self, delimiters: Delimiters, codec: str) -> None:
        self.delimiters, self.codec = delimiters, codec
        self.codes: dict[str, Coded | None] = {}
        self.instants: dict[str, Instant] = {}
        self.comments: dict[str, str] = {}
        self.code_lists: dict[str, tuple[Coded, ...]] = {}
        self.people: dict[str, tuple[Person, ...]] = {}
        self.places: dict[str, Place | None] = {}
        self.texts: dict[str, str] = {}
        self.things: dict[str, tuple[EntityIdentifier, ...]] = {}
        self.wholes: dict[str, str] = {}
        self.kinds: dict[str, tuple[str, ...]] = {}  # of MSH-9
        self.protocols: dict[str, tuple[str, ...]] = {}  # of the end of MSH
        # Of OBX-5, by OBX-2: the values, and what they were parsed to.
        self.values: dict[str, dict[str, tuple[tuple[str, ...], tuple[Any, ...]]]] = {one: {} for one in REPEATED_TYPES}
        self._authorities: dict[str, tuple[str, str, str]] = {}
        self._component, self._repetition = delimiters.component, delimiters.repetition or _ABSENT
        self._escape, self._subcomponent = delimiters.escape or _ABSENT, delimiters.subcomponent or _ABSENT
        self._unescape = unescaping(delimiters, codec)

    def value(self, sent: str) -> str:
        """Read the first component as text."""
        found = self.texts.get(sent)
        if found is None:
            found = remember(self.texts, sent, self._first(self.first_sent(sent).split(self._component, 1)[0]))
        return found

    def as_text(self, sent: str) -> str:
        """Read the first component as text that is sent back: its blanks stay, and a null too."""
        if sent.isalnum():  # no delimiter is a letter or a digit
            return sent
        first = self.first_sent(sent).split(self._component, 1)[0]
        return self.text(first.split(self._subcomponent, 1)[0])

    def whole(self, sent: str) -> str:
        """Read a repetition as one text, whatever delimiters a careless sender left in it."""
        found = self.wholes.get(sent)
        if found is None:
            found = remember(self.wholes, sent, self._clean(self.first_sent(sent)))
        return found

    def text(self, sent: str) -> str:
        """Undo the escape sequences; blanks stay."""
        return self._unescape(sent) if self._escape in sent else sent

    def comment(self, sent: str) -> str:
        """Read the repetitions of a text as its lines; laboratories write the same comments again and again."""
        found = self.comments.get(sent)
        if found is None:
            lines = [self.text(one) for one in self.repetitions(sent) if one != NULL]
            found = remember(self.comments, sent, "\n".join(lines))
        return found

    def first_sent(self, sent: str) -> str:
        """Return the first repetition as sent."""
        return sent.split(self._repetition, 1)[0] if self._repetition in sent else sent

    def repetitions(self, sent: str) -> list[str]:
        return sent.split(self._repetition) if sent else []

    def components_sent(self, sent: str) -> list[str]:
        """Return the components of the first repetition as sent."""
        return self.first_sent(sent).split(self._component)

    def parts(self, repetition: str) -> list[str]:
        """Read the components of a repetition; of one with subcomponents, the first."""
        if self._is_plain(repetition):
            return [*map(str.strip, repetition.split(self._component))]
        return [self._first(part) for part in repetition.split(self._component)]

    def subcomponents(self, component: str) -> list[str]:
        return [self._clean(piece) for piece in component.split(self._subcomponent)]

    def coded(self, sent: str) -> Coded | None:
        if sent in self.codes:
            return self.codes[sent]
        return remember(self.codes, sent, coded_of(self.parts(self.first_sent(sent))))

    def codeds(self, sent: str) -> tuple[Coded, ...]:
        found = self.code_lists.get(sent)
        if found is None:
            found = remember(self.code_lists, sent, _valued([*map(self.coded, self.repetitions(sent))]))
        return found

    def instant(self, sent: str) -> Instant | None:
        """Read a time; None where it is none."""
        found = self.instants.get(sent)
        if found is None:
            found = read_instant(sent) or read_instant(self._first(self.components_sent(sent)[0]))
            if found is not None:
                remember(self.instants, sent, found)
        return found

    def identifiers(self, sent: str) -> tuple[Identifier, ...]:
        return _valued([*map(self._identifier, self.repetitions(sent))]) if sent else ()

    def identifier(self, sent: str) -> Identifier | None:
        return self._identifier(self.first_sent(sent))

    def things_named(self, sent: str) -> tuple[EntityIdentifier, ...]:
        found = self.things.get(sent)
        if found is None:
            found = remember(self.things, sent, _valued([*map(self.thing, self.repetitions(sent))]))
        return found

    def thing(self, sent: str) -> EntityIdentifier | None:
        if sent.isalnum():  # no delimiter is a letter or a digit
            return EntityIdentifier(sent)
        return entity_of(self.parts(self.first_sent(sent))) if sent else None

    def pair_of_things(self, sent: str) -> tuple[EntityIdentifier | None, EntityIdentifier | None]:
        """Read placer's and filler's number of one thing (EIP)."""
        pair = [entity_of(self.subcomponents(part)) for part in self.first_sent(sent).split(self._component)]
        return pair[0], pair[1] if len(pair) > 1 else None

    def names(self, sent: str) -> tuple[PersonName, ...]:
        return self._flat(PersonName, 8, sent)

    def addresses(self, sent: str) -> tuple[Address, ...]:
        return self._flat(Address, 10, sent)

    def telecoms(self, sent: str) -> tuple[Telecom, ...]:
        return self._flat(Telecom, 12, sent)

    def place(self, sent: str) -> Place | None:
        if sent in self.places:
            return self.places[sent]
        return remember(self.places, sent, next(iter(self._flat(Place, 9, self.first_sent(sent))), None))

    def persons(self, sent: str) -> tuple[Person, ...]:
        found = self.people.get(sent)
        if found is None:
            if self._is_one(sent) and len(parts := sent.split(self._component)) < 8:
                found = (Person(*map(str.strip, parts)),) if any(map(str.strip, parts[:3])) else ()
            else:
                found = _valued([*map(self._person, self.repetitions(sent))])
            remember(self.people, sent, found)
        return found

    def named_persons(self, sent: str) -> tuple[Person, ...]:
        """Read NDL: the person is in the subcomponents of the first component (CNN)."""
        names = (self.subcomponents(one.split(self._component)[0]) for one in self.repetitions(sent))
        return tuple(Person(*(*_padded(name, 7), *_authority(name[8:11]))) for name in names if any(name[:3]))

    def organisation(self, sent: str) -> Organisation | None:
        return self._organisation(self.first_sent(sent))

    def quantity(self, sent: str) -> Quantity | None:
        number, *unit = self.first_sent(sent).split(self._component)[:2]
        text = self._first(number)
        unit_code = coded_of(self.subcomponents(unit[0])) if unit else None
        return Quantity(text, plain_number(text), unit_code) if text or unit_code else None

    def period(self, sent: str) -> Period:
        begin, end = _padded(self.parts(self.first_sent(sent)), 2)
        return Period(self.instant(begin) if begin else None, self.instant(end) if end else None)

    def _is_plain(self, repetition: str) -> bool:
        """Whether a repetition holds components that are text as they stand."""
        return not ('"' in repetition or self._escape in repetition or self._subcomponent in repetition)

    def _is_one(self, sent: str) -> bool:
        """Whether a field is one repetition of components that are text as they stand."""
        if self._repetition in sent or '"' in sent:
            return False
        return not (self._escape in sent or self._subcomponent in sent)

    def _first(self, component: str) -> str:
        return self._clean(component.split(self._subcomponent, 1)[0])

    def _clean(self, piece: str) -> str:
        if self._escape in piece:
            piece = self._unescape(piece)
        piece = piece.strip()
        return "" if piece == NULL else piece

    def _flat(self, kind: type[_Flat], width: int, sent: str) -> tuple[_Flat, ...]:
        if not sent:
            return ()
        if self._is_one(sent):
            parts = [*map(str.strip, sent.split(self._component, width)[:width])]
            return (kind(*parts),) if any(parts) else ()
        found = [self.parts(repetition)[:width] for repetition in self.repetitions(sent)]
        return tuple([kind(*parts) for parts in found if any(parts)])

    def _identifier(self, repetition: str) -> Identifier | None:
        value, check_digit, scheme, authority, kind, *more = repetition.split(self._component) + _BLANKS
        value = value if value.isalnum() else self._first(value)
        if not value:
            return None
        system, namespace, system_type = self._authorities.get(authority) or self._authority(authority)
        kind = kind if kind.isalnum() else self._first(kind)
        if not (check_digit or scheme or any(more)):
            return Identifier(value, system, kind, namespace, system_type)
        check_digit, scheme, *more = [self._first(part) for part in (check_digit, scheme, *more[:3])]
        return Identifier(value, system, kind, namespace, system_type, check_digit, scheme, *more)

    def _person(self, repetition: str) -> Person | None:
        parts = self.parts(repetition)
        if not any(parts[:3]):
            return None
        if len(parts) < 8:
            return Person(*parts)
        parts += [""] * (13 - len(parts))
        sent = repetition.split(self._component)
        authority = self._authority(sent[8]) if len(sent) > 8 else ("", "", "")
        return Person(*(*parts[:7], *authority, parts[9], parts[12]))

    def _organisation(self, repetition: str) -> Organisation | None:
        sent = repetition.split(self._component)
        name, kind, number, _, _, _, type_code, facility, _, code = _padded(self.parts(repetition), 10)
        if not (name or code or number):
            return None
        authority = self._authority(sent[5]) if len(sent) > 5 else ("", "", "")
        return Organisation(code or number, name, kind, *authority, type_code, facility)

    def _authority(self, component: str) -> tuple[str, str, str]:
        found = self._authorities.get(component)
        if found is None:
            found = remember(self._authorities, component, _authority(self.subcomponents(component)))
        return found


@lru_cache(maxsize=4)
def fields_of(delimiters: Delimiters, codec: str) -> Fields:
    """Return the reader of fields for these delimiters; those that were used last keep what they remember."""
    return Fields(delimiters, codec)


def coded_of(parts: list[str]) -> Coded | None:
    """Make a coded element of its components; the original text (CWE-9) stands in where no text is given."""
    if not any(parts):
        return None
    if len(parts) > 8 and parts[8] and not (parts[1] or parts[4]):
        parts = [parts[0], parts[8], *parts[2:]]
    return Coded(*parts[:12])


def entity_of(parts: list[str]) -> EntityIdentifier | None:
    return EntityIdentifier(*parts[:4]) if parts[0] else None


def _authority(parts: list[str]) -> tuple[str, str, str]:
    """Return (system, namespace, type of the universal id) of an assigning authority (HD)."""
    namespace, universal, kind = _padded(parts, 3)
    return (universal, namespace, kind) if universal else (namespace, "", kind)


def _padded(parts: list[str], width: int) -> list[str]:
    return (parts + [""] * width)[:width]


def _valued(found: list[_T | None]) -> tuple[_T, ...]:
    return tuple(filter(None, found))
