"""The tree of a message: segments, fields, repetitions, components, subcomponents.

A field is kept as it was sent, escape sequences included, and is taken apart when it is read; so writing a message
that was parsed returns every character of it.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from lienthong.findings import Finding
from lienthong.interop.hl7v2._charset import Decoded, declared_charsets, decode, encode, find_codec
from lienthong.interop.hl7v2._delimiters import STANDARD, Delimiters, read_delimiters, unescape

_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_PATH = re.compile(
    r"(?P<name>[A-Z][A-Z0-9]{2})(?:\((?P<occurrence>[1-9]\d*)\))?-(?P<field>[1-9]\d*)"
    r"(?:\[(?P<repetition>[1-9]\d*)\])?(?:\.(?P<component>[1-9]\d*))?(?:\.(?P<subcomponent>[1-9]\d*))?"
)


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment; `fields[0]` is field 1 (of MSH: the field separator itself), each as sent."""

    name: str
    fields: tuple[str, ...]
    delimiters: Delimiters = field(default=STANDARD, repr=False)
    codec: str = field(default="utf-8", repr=False, compare=False)

    def sent(self, number: int) -> str:
        """Return the field as sent, with its delimiters and escape sequences; empty where there is none."""
        return self.fields[number - 1] if 1 <= number <= len(self.fields) else ""

    def repetitions(self, number: int) -> tuple[str, ...]:
        """Return the field's repetitions as sent; none for an empty field."""
        text = self.sent(number)
        if not text:
            return ()
        return (text,) if self._is_verbatim(number) else tuple(_split(text, self.delimiters.repetition))

    def components(self, number: int, repetition: int = 1) -> tuple[str, ...]:
        """Return the components of one repetition as text; of a component with subcomponents, the first one."""
        repetitions = self.repetitions(number)
        if not 1 <= repetition <= len(repetitions):
            return ()
        if self._is_verbatim(number):
            return repetitions
        return tuple(self.text(_split(one, self.delimiters.subcomponent)[0]) for one in self._parts(number, repetition))

    def subcomponents(self, number: int, component: int, repetition: int = 1) -> tuple[str, ...]:
        """Return the subcomponents of one component as text."""
        parts = self._parts(number, repetition)
        if not 1 <= component <= len(parts):
            return ()
        return tuple(self.text(one) for one in _split(parts[component - 1], self.delimiters.subcomponent))

    def value(self, number: int, component: int = 1, *, repetition: int = 1, subcomponent: int = 1) -> str:
        """Return one value as text; empty where it is absent."""
        sent = self.sent(number)
        if not sent or self._is_verbatim(number):
            return sent if component == repetition == subcomponent == 1 else ""
        found = self.subcomponents(number, component, repetition)
        return found[subcomponent - 1] if 1 <= subcomponent <= len(found) else ""

    def text(self, sent: str) -> str:
        """Undo the escape sequences of a piece of this segment."""
        return unescape(sent, self.delimiters, codec=self.codec)

    def _parts(self, number: int, repetition: int) -> list[str]:
        repetitions = self.repetitions(number)
        if not 1 <= repetition <= len(repetitions):
            return []
        return _split(repetitions[repetition - 1], self.delimiters.component)

    def _is_verbatim(self, number: int) -> bool:
        return number <= 2 and self.name in ("MSH", "FHS", "BHS")


@dataclass(frozen=True, slots=True)
class Message:
    """A parsed message and the codec of its bytes."""

    segments: tuple[Segment, ...]
    delimiters: Delimiters = STANDARD
    codec: str = "utf-8"

    def get(self, path: str) -> str:
        """Return the value at `PID-3[2].4.1` (segment, field, repetition, component, subcomponent) as text.

        `OBX(3)-5` names the third OBX. What is left out is 1; what is absent is empty. A path of another form raises
        ValueError.
        """
        match = _PATH.fullmatch(path)
        if match is None:
            raise ValueError(f"path must look like PID-3, PID-3[1].4.2 or OBX(2)-5, but got {path!r}")
        number = {key: int(value or 1) for key, value in match.groupdict().items() if key != "name"}
        segments = self.all(match["name"])
        if number["occurrence"] > len(segments):
            return ""
        return segments[number["occurrence"] - 1].value(
            number["field"],
            number["component"],
            repetition=number["repetition"],
            subcomponent=number["subcomponent"],
        )

    def all(self, name: str) -> tuple[Segment, ...]:
        """Return the segments of that name."""
        return tuple(segment for segment in self.segments if segment.name == name)

    def __iter__(self) -> Iterator[Segment]:
        return iter(self.segments)


def parse(data: bytes, *, default_charset: str = "utf-8") -> tuple[Message | None, tuple[Finding, ...]]:
    """Parse one message, whichever of CR, LF and CR LF parts its segments.

    `default_charset` is the source's, for messages with a blank MSH-18. None comes back where nothing can be read; a
    line that is no segment gives a finding and is left out.
    """
    decoded, findings = decode(data, default=default_charset)
    return read_message(decoded) if decoded else (None, findings)


class Opened(NamedTuple):
    """The lines of a message, blank ones left out, the first of them MSH, and how they are written."""

    lines: list[str]
    delimiters: Delimiters
    codec: str


def open_message(decoded: Decoded) -> tuple[Opened | None, tuple[Finding, ...]]:
    """Part the text of a message into lines; None where it does not begin with a usable MSH."""
    text = decoded.text.lstrip("\ufeff\r\n \t")
    if not text.startswith("MSH"):
        return None, (Finding("MSH", "header-missing", "A message must begin with the segment MSH."),)
    delimiters = read_delimiters(text)
    if delimiters is None:
        return None, (_bad_delimiters(),)
    return Opened(list(_lines(text, delimiters)), delimiters, decoded.codec), ()


def read_message(decoded: Decoded) -> tuple[Message | None, tuple[Finding, ...]]:
    """Parse the text of one message."""
    opened, findings = open_message(decoded)
    if opened is None:
        return None, findings
    segments, findings = _read_segments(opened)
    return Message(segments, opened.delimiters, opened.codec), findings


def write(message: Message) -> bytes:
    """Write the message with CR after each segment, in the codec it was read with.

    A byte order mark is written only where MSH-18 names another character set than the mark of UTF-8 told.
    """
    data = encode("".join(_write_segment(segment) + "\r" for segment in message.segments), message.codec)
    declared = declared_charsets(data)[:1] if message.codec == "utf-8" else ()
    return BOM_UTF8 + data if any(declared) and find_codec(declared[0]) != "utf-8" else data


def _split(text: str, delimiter: str) -> list[str]:
    return text.split(delimiter) if delimiter else [text]


def is_segment_name(name: str) -> bool:
    """Whether a line that begins so is a segment behind MSH."""
    return name != "MSH" and _NAME.fullmatch(name) is not None


def is_blank(line: str) -> bool:
    return not line.strip(" \t\0\x1a")


def _read_segments(opened: Opened) -> tuple[tuple[Segment, ...], tuple[Finding, ...]]:
    segments: list[Segment] = []
    findings: list[Finding] = []
    for number, line in enumerate(opened.lines, start=1):
        segment = _read_segment(line, opened.delimiters, opened.codec)
        if segment is None or (number > 1 and segment.name == "MSH"):
            findings.append(wrong_segment(number))
        else:
            segments.append(segment)
    return tuple(segments), tuple(findings)


def _lines(text: str, delimiters: Delimiters) -> Iterable[str]:
    """In a message parted by CR, an LF that no segment follows is text of a field."""
    separator = r"\r\n?|\n"
    if "\r" in text:
        separator = rf"\r\n?|\n(?=[A-Z][A-Z0-9]{{2}}(?:{re.escape(delimiters.field)}|[\r\n]|\Z))"
    lines = (line.strip("\n") for line in re.split(separator, text))
    return (line for line in lines if not is_blank(line))


def _read_segment(line: str, delimiters: Delimiters, codec: str) -> Segment | None:
    name, *fields = line.split(delimiters.field)
    if not _NAME.fullmatch(name.strip()):
        return None
    if name == "MSH":
        fields = [delimiters.field, *fields]
    return Segment(name.strip(), tuple(fields), delimiters, codec)


def _write_segment(segment: Segment) -> str:
    fields = segment.fields[1:] if segment.name == "MSH" else segment.fields
    return segment.delimiters.field.join((segment.name, *fields))


def _bad_delimiters() -> Finding:
    return Finding(
        "MSH-2",
        "delimiters",
        "MSH-1 and MSH-2 must hold the field separator and one to five different signs, as in |^~\\&.",
    )


def wrong_segment(number: int) -> Finding:
    return Finding(
        f"line {number}",
        "segment-name",
        f"Line {number} is not a segment: it must begin with three letters or digits and the field separator, "
        "and MSH may stand only once.",
    )
