"""HL7's data types as values (chapter 2A): coded elements, identifiers, names, addresses, places, quantities, files.

They are structs and not dataclasses because a message is made of hundreds of them. None can hold another that holds
it, so the garbage collector need not look at them (`gc=False`).
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from lienthong.interop.hl7v2._instant import Instant


class Coded(Struct, frozen=True, gc=False):
    """A coded element (CE, CWE, CNE): the code, its text and system, and the alternates the sender gave.

    `text` is CWE-9, the original text, where CWE-2 and CWE-5 are blank.
    """

    code: str = ""
    text: str = ""
    system: str = ""
    alt_code: str = ""
    alt_text: str = ""
    alt_system: str = ""
    system_version: str = ""
    alt_system_version: str = ""
    original_text: str = ""
    second_alt_code: str = ""
    second_alt_text: str = ""
    second_alt_system: str = ""

    @property
    def codes(self) -> tuple[tuple[str, str], ...]:
        """Each (system, code) that is valued, the sender's first choice first."""
        pairs = (
            (self.system, self.code),
            (self.alt_system, self.alt_code),
            (self.second_alt_system, self.second_alt_code),
        )
        return tuple(pair for pair in pairs if pair[1])

    @property
    def display(self) -> str:
        return self.text or self.alt_text or self.code or self.alt_code


class Identifier(Struct, frozen=True, gc=False):
    """An identifier (CX). `type_code` is of HL7 table 0203 (MR, NI …).

    `system` is the universal id of the assigning authority (CX-4.2), or its namespace where that is blank;
    `namespace` is set only beside a universal id. The same holds for the other types that name an authority.
    """

    value: str = ""
    system: str = ""
    type_code: str = ""
    namespace: str = ""
    system_type: str = ""
    check_digit: str = ""
    check_digit_scheme: str = ""
    facility: str = ""
    effective_on: str = ""
    expires_on: str = ""


class EntityIdentifier(Struct, frozen=True, gc=False):
    """The number of an order, a specimen, a container or a device (EI), and who gave it."""

    value: str = ""
    namespace: str = ""
    system: str = ""
    system_type: str = ""


class PersonName(Struct, frozen=True, gc=False):
    """A name (XPN); `kind` is of HL7 table 0200 (L legal, A alias …), `representation` of 0465 (A, I, P)."""

    family: str = ""
    given: str = ""
    middle: str = ""
    suffix: str = ""
    prefix: str = ""
    degree: str = ""
    kind: str = ""
    representation: str = ""

    @property
    def full_name(self) -> str:
        """Family, middle and given name, as Vietnamese and Chinese names run; ideographs without blanks between."""
        parts = [part for part in (self.family, self.middle, self.given) if part]
        return ("" if parts and all(part[0] >= "\u3400" for part in parts) else " ").join(parts)


class Person(Struct, frozen=True, gc=False):
    """A person of the staff (XCN): identifier and name."""

    identifier: str = ""
    family: str = ""
    given: str = ""
    middle: str = ""
    suffix: str = ""
    prefix: str = ""
    degree: str = ""
    system: str = ""
    namespace: str = ""
    system_type: str = ""
    kind: str = ""
    type_code: str = ""

    @property
    def display(self) -> str:
        """The name, family before given, else the number."""
        return " ".join(part for part in (self.family, self.given) if part) or self.identifier


class Address(Struct, frozen=True, gc=False):
    """An address (XAD); `kind` is of HL7 table 0190 (H home, B business …)."""

    street: str = ""
    other: str = ""
    city: str = ""
    province: str = ""
    postal_code: str = ""
    country: str = ""
    kind: str = ""
    geographic: str = ""
    county: str = ""
    census_tract: str = ""


class Telecom(Struct, frozen=True, gc=False):
    """A telephone or an electronic address (XTN); `use` is of HL7 table 0201, `equipment` of 0202."""

    number: str = ""
    use: str = ""
    equipment: str = ""
    address: str = ""
    country_code: str = ""
    area_code: str = ""
    local_number: str = ""
    extension: str = ""
    text: str = ""
    extension_prefix: str = ""
    speed_dial: str = ""
    unformatted: str = ""

    @property
    def display(self) -> str:
        """The number as one would dial it, or the electronic address."""
        parts = (f"+{self.country_code}" if self.country_code else "", self.area_code, self.local_number)
        return self.number or self.unformatted or self.address or " ".join(part for part in parts if part)


class Organisation(Struct, frozen=True, gc=False):
    """An organisation (XON): its code (XON-10, before version 2.7 XON-3) and name."""

    code: str = ""
    name: str = ""
    kind: str = ""
    system: str = ""
    namespace: str = ""
    system_type: str = ""
    type_code: str = ""
    facility: str = ""


class Place(Struct, frozen=True, gc=False):
    """A patient's place (PL)."""

    point_of_care: str = ""
    room: str = ""
    bed: str = ""
    facility: str = ""
    status: str = ""
    kind: str = ""
    building: str = ""
    floor: str = ""
    description: str = ""


class Quantity(Struct, frozen=True, gc=False):
    """A quantity and its unit (CQ); `text` is what was sent as the number."""

    text: str = ""
    number: Decimal | None = None
    unit: Coded | None = None


class Document(Struct, frozen=True, gc=False):
    """A file inside the message (ED); `data` is encoded as `encoding` says (HL7 table 0299: A, Hex, Base64)."""

    source: str = ""
    kind: str = ""
    subtype: str = ""
    encoding: str = ""
    data: str = ""


class Pointer(Struct, frozen=True, gc=False):
    """A file elsewhere (RP)."""

    pointer: str = ""
    application: str = ""
    kind: str = ""
    subtype: str = ""


class Period(Struct, frozen=True, gc=False):
    """A time from and to (DR); each end may be open."""

    begin: Instant | None = None
    end: Instant | None = None


class Comment(Struct, frozen=True, gc=False):
    """A comment (NTE): its text, a line for each repetition of NTE-3, who wrote it (NTE-2), its kind (NTE-4)."""

    text: str = ""
    source: str = ""
    kind: Coded | None = None
