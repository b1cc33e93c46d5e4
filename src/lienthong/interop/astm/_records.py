"""The records of an ASTM E1394 message: fields, repeats and components, without what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lienthong.findings import Finding
from lienthong.interop.astm._delimiters import STANDARD, Delimiters, delimiters_of, escape, unescape
from lienthong.interop.hl7v2 import find_codec

Components = tuple[str, ...]
Field = tuple[Components, ...]
EMPTY: Field = (("",),)


@dataclass(frozen=True, slots=True)
class Record:
    """One record. Fields are numbered as the standard numbers them: 1 is the type, the first sign of the record."""

    fields: tuple[Field, ...]

    @classmethod
    def of(cls, *fields: str | Components | Field) -> Record:
        """Make a record of texts, of components, or of repeats of components."""
        return cls(tuple(_field(one) for one in fields))

    @property
    def type(self) -> str:
        return self.value(1).strip().upper()[:1]

    def repeats(self, number: int) -> Field:
        """Return the repeats of a field, each as its components; an absent field is one empty repeat."""
        return self.fields[number - 1] if 1 <= number <= len(self.fields) else EMPTY

    def value(self, number: int, component: int = 1) -> str:
        """Return a component of the first repeat, without blanks around it."""
        components = self.repeats(number)[0]
        return components[component - 1].strip() if component <= len(components) else ""

    def text(self, number: int) -> str:
        """Return a whole field as a person reads it: components parted by blanks, repeats by semicolons."""
        parts = (" ".join(part for part in components if part).strip() for components in self.repeats(number))
        return "; ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Message:
    """The records of a message, the header first, and how it parts them."""

    records: tuple[Record, ...]
    delimiters: Delimiters = STANDARD
    codec: str = "utf-8"

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)


def parse(data: bytes, *, default_charset: str = "utf-8") -> tuple[Message | None, tuple[Finding, ...]]:
    """Part a message; None, with the reason, where its text or its header can't be read.

    An ASTM message does not name its character set: `default_charset` is that of the source.
    """
    codec = find_codec(default_charset)
    if codec is None:
        return None, (Finding("H", "charset-unknown", "The character set of the source is not known."),)
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        told = "The text is not in the character set of the source; correct it at the source or at the analyser."
        return None, (Finding("H", "charset", told),)
    lines = [line.lstrip("\n") for line in text.split("\r")]
    lines = [line for line in lines if line.strip()]
    if not lines or lines[0][:1] not in ("H", "h"):
        return None, (Finding("H", "header-missing", "An ASTM message must begin with a header record (H)."),)
    delimiters = delimiters_of(lines[0])
    if delimiters is None:
        told = "H-2 must name four different delimiters that are neither letters nor digits, such as |\\^&."
        return None, (Finding("H-2", "delimiters", told),)
    header = _read_header(lines[0], delimiters)
    return Message((header, *(_read(line, delimiters) for line in lines[1:])), delimiters, codec), ()


def write(message: Message) -> bytes:
    """Write a message as it is sent, each record ended by CR; delimiters within texts become escapes."""
    delimiters = message.delimiters
    header, *others = message.records
    written = [escape(header.value(1), delimiters) + delimiters.all]
    written[0] += "".join(delimiters.field + _write_field(field, delimiters) for field in header.fields[2:])
    written += [delimiters.field.join(_write_field(field, delimiters) for field in one.fields) for one in others]
    return "".join(f"{line}\r" for line in written).encode(message.codec)


def _field(given: str | Components | Field) -> Field:
    if isinstance(given, str):
        return ((given,),)
    if given and isinstance(given[0], str):
        return (tuple(str(one) for one in given),)
    return tuple(tuple(one) for one in given)


def _read_header(line: str, delimiters: Delimiters) -> Record:
    """Field 2 of the header is the delimiters themselves."""
    rest = line[5:].removeprefix(delimiters.field)
    further = _read(rest, delimiters).fields if line[5:] else ()
    return Record((((line[0],),), ((delimiters.all[1:],),), *further))


def _read(line: str, delimiters: Delimiters) -> Record:
    return Record(tuple(_read_field(text, delimiters) for text in line.split(delimiters.field)))


def _read_field(text: str, delimiters: Delimiters) -> Field:
    if not text:
        return EMPTY
    return tuple(
        tuple(unescape(part, delimiters) for part in repeat.split(delimiters.component))
        for repeat in text.split(delimiters.repeat)
    )


def _write_field(field: Iterable[Iterable[str]], delimiters: Delimiters) -> str:
    return delimiters.repeat.join(
        delimiters.component.join(escape(part, delimiters) for part in repeat) for repeat in field
    )
