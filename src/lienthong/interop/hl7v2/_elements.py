"""Elements of a segment in composite types: CWE, CX, EI, XCN, XPN, XTN, times. What can't be read is a finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lienthong.findings import Finding
from lienthong.interop.hl7v2._instant import Instant, read_instant
from lienthong.interop.hl7v2._message import Segment
from lienthong.interop.hl7v2._oru_types import Coded, Identifier, coded_from
from lienthong.interop.hl7v2._patient_types import PersonName

NULL = '""'


@dataclass(frozen=True, slots=True)
class Elements:
    """A segment being read, its place (`OBR(2)`), and where its findings go. HL7's null (`""`) is read as blank."""

    segment: Segment
    where: str
    findings: list[Finding]

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
        parts = ["" if part == NULL else part for part in self.segment.components(number, repetition)]
        coded = coded_from(parts)
        return coded if coded != Coded() else None

    def instant(self, number: int, component: int = 1) -> Instant | None:
        """Return a time; None where it is blank, and where it is none, which is told."""
        text = self.value(number, component)
        instant = read_instant(text) if text else None
        if text and instant is None:
            place = f"{self.where}-{number}"
            self.tell(number, "date", f"{place} is not a time; write YYYYMMDDHHMMSS with the offset as +0700.")
        return instant

    def identifiers(self, number: int) -> tuple[Identifier, ...]:
        """Return the CX that are valued: number, assigning authority (its universal id, else its name), type."""
        return tuple(found for one in self.repetitions(number) if (found := self._identifier(number, one)))

    def names(self, number: int) -> tuple[PersonName, ...]:
        """Return the XPN that hold a family or a given name."""
        return tuple(self._names(number))

    def person(self, number: int) -> str:
        """Return the name of an XCN, family before given, else its number."""
        name = " ".join(part for part in (self.value(number, 2), self.value(number, 3)) if part)
        return name or self.value(number, 1)

    def telephones(self, number: int) -> tuple[str, ...]:
        """Return each XTN as one number, as formatted (XTN-1, XTN-12) or of its parts; mail addresses are none."""
        found = (self._telephone(number, one) for one in self.repetitions(number))
        return tuple(dict.fromkeys(one for one in found if one))

    def tell(self, number: int, code: str, message: str) -> None:
        """Report a finding about a field."""
        self.findings.append(Finding(f"{self.where}-{number}", code, message))

    def _identifier(self, number: int, repetition: int) -> Identifier | None:
        value = self.value(number, 1, repetition=repetition)
        if not value:
            return None
        namespace = self.value(number, 4, repetition=repetition)
        universal = self.value(number, 4, repetition=repetition, subcomponent=2)
        type_code = self.value(number, 5, repetition=repetition)
        return Identifier(value=value, system=universal or namespace, type_code=type_code)

    def _names(self, number: int) -> Iterator[PersonName]:
        for repetition in self.repetitions(number):
            parts = [self.value(number, component, repetition=repetition) for component in (1, 2, 3, 7, 8)]
            if parts[0] or parts[1]:
                yield PersonName(*parts)

    def _telephone(self, number: int, repetition: int) -> str:
        parts = [self.value(number, component, repetition=repetition) for component in (1, 12, 5, 6, 7)]
        return parts[0] or parts[1] or "".join(parts[2:])
