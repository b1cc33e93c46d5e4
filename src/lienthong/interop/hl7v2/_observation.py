"""One observation: OBX (HL7 chapter 7.4.2).

This is where a message's time goes, so it is written to be fast: fields that are blank are not read, and what was
remembered is taken from the memory without a call. Numbers are not remembered: there are so many that to look one up
in a large memory takes longer than to read it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec import Struct

from lienthong.findings import Finding
from lienthong.interop.hl7v2._datatypes import (
    Address,
    Coded,
    Comment,
    EntityIdentifier,
    Organisation,
    Person,
)
from lienthong.interop.hl7v2._fields import Fields, remember
from lienthong.interop.hl7v2._instant import Instant
from lienthong.interop.hl7v2._patient import instant_at
from lienthong.interop.hl7v2._reading import NOTHING, Outcome, Reading, is_placeholder, read_value
from lienthong.interop.hl7v2._values import CODED_TYPES, Parsed, parse_values, values_of

STATUSES = frozenset("CDFIOPRSUWXBNAV")  # HL7 table 0085
_NAMELESS = Coded()
_WIDTH = 20  # OBX-0 to OBX-19; what stands behind is rare
_BLANKS = [""] * 30
_SAME = {status: status for status in STATUSES}


class Observation(Struct, frozen=True, gc=False):
    """OBX. `values` are the repetitions of OBX-5: simple types as text, composite types (CWE, SN …) as sent, in the
    notation of `^~\\&`; `parsed` has the same, parsed, one for one. `ordinal` counts the message's OBX from 1.
    """

    code: Coded
    set_id: str = ""
    value_type: str = ""
    sub_id: str = ""
    values: tuple[str, ...] = ()
    parsed: tuple[Parsed, ...] = ()
    unit: Coded | None = None
    reference_range: str = ""
    interpretations: tuple[Coded, ...] = ()
    status: str = "F"
    observed_at: Instant | None = None
    observers: tuple[Person, ...] = ()
    method: Coded | None = None
    instruments: tuple[EntityIdentifier, ...] = ()
    analysed_at: Instant | None = None
    ordinal: int = 0
    comments: tuple[Comment, ...] = ()
    producer_id: Coded | None = None
    probability: str = ""
    nature: tuple[str, ...] = ()
    range_effective_at: Instant | None = None
    access_checks: str = ""
    sites: tuple[Coded, ...] = ()
    instance_id: EntityIdentifier | None = None
    mood: Coded | None = None
    performing_organisation: Organisation | None = None
    performing_address: Address | None = None
    medical_director: Person | None = None
    release_category: str = ""
    root_cause: Coded | None = None
    process_control: tuple[Coded, ...] = ()
    kind: str = ""
    segment: str = "OBX"

    @property
    def position(self) -> str:
        """Name the segment, as in `OBX(3)`; the record of another notation where `segment` says so."""
        return f"{self.segment}({self.ordinal})" if self.ordinal else ""

    @property
    def reading(self) -> Reading:
        """What the value says: comparator, number, titre, interval, outcome."""
        if len(self.parsed) == 1 and isinstance(self.parsed[0], Reading):
            return self.parsed[0]
        return read_value(self.value_type, self.values)

    @property
    def comparator(self) -> str:
        return self.reading.comparator

    @property
    def number(self) -> Decimal | None:
        return self.reading.number

    @property
    def outcome(self) -> Outcome | None:
        return self.reading.outcome

    @property
    def coded(self) -> tuple[Coded, ...]:
        """The values of a coded type; none for other types."""
        if self.value_type not in CODED_TYPES:
            return ()
        parsed = self.parsed or parse_values(self.value_type, self.values)
        return tuple(one for one in parsed if isinstance(one, Coded))

    @property
    def text(self) -> str:
        """The value as a person reads it."""
        if coded := self.coded:
            return "; ".join(one.display for one in coded)
        if self.value_type in ("SN", "NR"):
            separator = "–" if self.value_type == "NR" else ""
            return "; ".join(value.replace("^", separator) for value in self.values)
        return "\n".join(self.values)

    @property
    def flags(self) -> tuple[str, ...]:
        """The codes of OBX-8 (HL7 table 0078: N, H, LL, A …)."""
        return tuple(one.code for one in self.interpretations if one.code)

    @property
    def equipment(self) -> tuple[str, ...]:
        """What OBX-18 names as instruments; OBX-17 names the method, before v2.5 as well, and tells no analyser."""
        return tuple(one.value for one in self.instruments if one.value)

    @property
    def producer(self) -> Organisation | None:
        """Who made the result: OBX-23, or OBX-15 where that is blank."""
        if self.performing_organisation:
            return self.performing_organisation
        made_by = self.producer_id
        return Organisation(made_by.code, made_by.text) if made_by and (made_by.code or made_by.text) else None

    @property
    def notes(self) -> tuple[str, ...]:
        """The texts of the comments."""
        return tuple(comment.text for comment in self.comments)


class ObservationReader:
    """Reads the OBX of one message and tells what is wrong with them."""

    __slots__ = ("count", "fields", "findings")

    def __init__(self, fields: Fields, findings: list[Finding]) -> None:
        self.fields, self.findings, self.count = fields, findings, 0

    def read(self, sent: list[str]) -> Observation:
        """Read OBX from its fields as sent."""
        self.count += 1
        fields = self.fields
        codes, instants = fields.codes, fields.instants
        more: tuple[Any, ...] = ()
        if len(sent) != _WIDTH:
            more = self._more(sent) if len(sent) > _WIDTH else ()
            sent = (sent + _BLANKS)[:_WIDTH]
        (
            _, set_id, kind, code, sub_id, value, unit, limits, flags, _,
            _, status, _, _, at, _, by, method, device, end,
        ) = sent  # fmt: skip
        known = fields.values.get(kind)
        values: tuple[str, ...]
        parsed: tuple[Parsed, ...]
        if kind == "NM" and value.isascii() and value.replace(".", "", 1).isdecimal():
            values, parsed = (value,), (Reading("", Decimal(value)),)
        else:
            values, parsed = (known and known.get(value)) or self._value(kind, value)
        common = (
            codes.get(code) or self._name(code),
            fields.texts.get(set_id) or fields.value(set_id),
            kind if known is not None else fields.value(kind),
            fields.whole(sub_id) if sub_id else "",
            values,
            parsed,
            (codes.get(unit) or fields.coded(unit)) if unit else None,
            (fields.wholes.get(limits) or fields.whole(limits)) if limits else "",
            (fields.code_lists.get(flags) or fields.codeds(flags)) if flags else (),
            _SAME.get(status) or self._status(status),
            (instants.get(at) or self._instant(sent, 14)) if at else None,
            (fields.people.get(by) or fields.persons(by)) if by else (),
            (codes.get(method) or fields.coded(method)) if method else None,
            (fields.things.get(device) or fields.things_named(device)) if device else (),
            (instants.get(end) or self._instant(sent, 19)) if end else None,
            self.count,
        )
        if more or sent[9] or sent[10] or sent[12] or sent[13] or sent[15]:
            return Observation(*common, (), *self._rare(sent), *more)
        return Observation(*common)

    def _name(self, sent: str) -> Coded:
        code = self.fields.coded(sent)
        if code is None:
            place = self._place(3)
            self.findings.append(Finding(place, "required", f"{place} must name what was observed, but is blank."))
        return code or _NAMELESS

    def _value(self, sent_type: str, sent: str) -> tuple[tuple[str, ...], tuple[Parsed, ...]]:
        if not sent:
            return (), ()
        value_type = self.fields.value(sent_type)
        values = values_of(value_type, sent, self.fields)
        parsed = parse_values(value_type, values, codec=self.fields.codec)
        told = self._told(value_type, values, parsed)
        if told:
            self.findings.append(told)
        elif value_type in self.fields.values:
            remember(self.fields.values[value_type], sent, (values, parsed))
        return values, parsed

    def _told(self, value_type: str, values: tuple[str, ...], parsed: tuple[Parsed, ...]) -> Finding | None:
        if value_type not in ("NM", "SN") or not values:
            return None
        place = self._place(5)
        if len(values) > 1:
            return Finding(place, "several-values", f"{place} holds several values; none was taken as the number.")
        if is_placeholder(values[0]):
            return Finding(place, "no-value", f"{place} holds a placeholder; the result has no value.")
        if parsed[0] == NOTHING:
            told = f"{place} is not a number with a decimal point; it was kept as text."
            return Finding(place, "number", told)
        return None

    def _status(self, sent: str) -> str:
        status = self.fields.value(sent).upper()
        place = self._place(11)
        if not status:
            told = f"{place} is blank; the result was taken as final."
            self.findings.append(Finding(place, "status-assumed", told))
            return "F"
        if status not in STATUSES:
            told = f"{place} is not of HL7 table 0085 (F, C, P, W, X …)."
            self.findings.append(Finding(place, "status", told))
        return status

    def _instant(self, sent: list[str], number: int) -> Instant | None:
        return instant_at(sent, number, self.fields, f"OBX({self.count})", self.findings)

    def _place(self, number: int) -> str:
        return f"OBX({self.count})-{number}"

    def _rare(self, sent: list[str]) -> tuple[Any, ...]:
        """OBX-15, 9, 10, 12 and 13, in the order of the struct."""
        fields = self.fields
        return (
            fields.coded(sent[15]),
            fields.value(sent[9]),
            tuple(code for code in map(fields.value, fields.repetitions(sent[10])) if code),
            self._instant(sent, 12),
            fields.value(sent[13]),
        )

    def _more(self, sent: list[str]) -> tuple[Any, ...]:
        """OBX-20 to OBX-29."""
        if not any(sent[_WIDTH:]):
            return ()
        fields, sent = self.fields, sent + _BLANKS
        return (
            fields.codeds(sent[20]),
            fields.thing(sent[21]),
            fields.coded(sent[22]),
            fields.organisation(sent[23]),
            next(iter(fields.addresses(sent[24])), None),
            next(iter(fields.persons(sent[25])), None),
            fields.value(sent[26]),
            fields.coded(sent[27]),
            fields.codeds(sent[28]),
            fields.value(sent[29]),
        )
