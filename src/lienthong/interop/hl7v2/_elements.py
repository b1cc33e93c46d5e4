"""Elements of a segment in composite types: CWE, CX, EI, XCN, XPN, times. What can't be read is a finding."""

from __future__ import annotations

from dataclasses import dataclass

from lienthong.findings import Finding
from lienthong.interop.hl7v2._datatypes import Coded, Identifier, PersonName
from lienthong.interop.hl7v2._fields import Fields, coded_of, fields_of
from lienthong.interop.hl7v2._instant import Instant, read_instant
from lienthong.interop.hl7v2._message import Segment

NULL = '""'


@dataclass(frozen=True, slots=True)
class Elements:
    """A segment being read, its place (`OBR(2)`), and where its findings go. HL7's null (`""`) is read as blank."""

    segment: Segment
    where: str
    findings: list[Finding]

    @property
    def fields(self) -> Fields:
        """The reader of this message's data types."""
        return fields_of(self.segment.delimiters, self.segment.codec)

    @property
    def sent(self) -> list[str]:
        """The fields as sent, by their numbers."""
        return [self.segment.name, *self.segment.fields]

    def value(self, number: int, component: int = 1, *, repetition: int = 1, subcomponent: int = 1) -> str:
        text = self.segment.value(number, component, repetition=repetition, subcomponent=subcomponent).strip()
        return "" if text == NULL else text

    def is_null(self, number: int) -> bool:
        """Whether the sender asks to delete what it sent before."""
        return self.segment.sent(number).strip() == NULL

    def repetitions(self, number: int) -> range:
        return range(1, len(self.segment.repetitions(number)) + 1)

    def coded(self, number: int, repetition: int = 1) -> Coded | None:
        """Return a CE or CWE; None where it is blank."""
        parts = ["" if part == NULL else part.strip() for part in self.segment.components(number, repetition)]
        return coded_of(parts) if any(parts) else None

    def instant(self, number: int, component: int = 1) -> Instant | None:
        """Return a time; None where it is blank, and where it is none, which is told."""
        text = self.value(number, component)
        instant = read_instant(text) if text else None
        if text and instant is None:
            place = f"{self.where}-{number}"
            self.tell(number, "date", f"{place} is not a time; write YYYYMMDDHHMMSS with the offset as +0700.")
        return instant

    def identifiers(self, number: int) -> tuple[Identifier, ...]:
        """Return the CX that are valued."""
        return self.fields.identifiers(self.segment.sent(number))

    def names(self, number: int) -> tuple[PersonName, ...]:
        """Return the XPN that hold a family or a given name."""
        return tuple(one for one in self.fields.names(self.segment.sent(number)) if one.family or one.given)

    def person(self, number: int) -> str:
        """Return the name of an XCN, family before given, else its number."""
        name = " ".join(part for part in (self.value(number, 2), self.value(number, 3)) if part)
        return name or self.value(number, 1)

    def tell(self, number: int, code: str, message: str) -> None:
        """Report a finding about a field."""
        self.findings.append(Finding(f"{self.where}-{number}", code, message))
