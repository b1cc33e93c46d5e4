"""An analyser's message as people see it: the patient's records and remarks are hidden until they are asked for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from lienthong.exchange.raw_line import Line
from lienthong.findings import Finding
from lienthong.interop import astm

# Records that never name a patient, and the fields of others that may hold what was written of one.
SHOWN = frozenset("HORQL")
FREE_TEXT = {"R": frozenset({4})}
LONGEST_FIELD = 400
_NUMBER = re.compile(r"[<>]?=?\s*+[+-]?\d*+\.?\d*+")  # never tried twice: a field may have megabytes
_PLACE = re.compile(r"(?P<record>[A-Z](?:\(\d+\))?)-(?P<field>\d+)")


def is_astm(data: bytes) -> bool:
    """Whether bytes begin as an ASTM message does."""
    return data[:1] in (b"H", b"h") and astm.parse(data, default_charset="8859/1")[0] is not None


def lay_out(
    data: bytes, findings: Collection[Finding], *, default_charset: str, with_patient: bool, codes: Collection[str]
) -> tuple[Line, ...]:
    """Lay out a message record by record; where its text can't be read, each byte stands for itself."""
    message, _ = astm.parse(data, default_charset=default_charset)
    if message is None:
        message, _ = astm.parse(data, default_charset="8859/1")
    if message is None:
        return ()
    faulty = {match.groups() for one in findings if (match := _PLACE.match(one.where))}
    lines = astm.write(message).decode(message.codec).split("\r")
    named = zip(_names(message), lines, strict=False)
    return tuple(
        tuple(_pieces(line, name, message.delimiters.field, faulty, codes, with_patient)) for name, line in named
    )


def _names(message: astm.Message) -> Iterator[str]:
    counts: dict[str, int] = {}
    for record in message:
        counts[record.type] = counts.get(record.type, 0) + 1
        yield record.type if record.type in "HL" else f"{record.type}({counts[record.type]})"


def _pieces(
    line: str, name: str, separator: str, faulty: set[tuple[str, ...]], codes: Collection[str], with_patient: bool
) -> Iterator[tuple[str, bool, bool]]:
    kind = name[:1]
    if not with_patient and kind not in SHOWN:
        yield line[:1] + separator, False, False
        yield "", False, True
        return
    for number, text in enumerate(line.split(separator), start=1):
        if number > 1:
            yield separator, False, False
        if not with_patient and number in FREE_TEXT.get(kind, ()) and not _NUMBER.fullmatch(text):
            yield "", False, True
        elif text:
            shown = text if len(text) <= LONGEST_FIELD else f"{text[:LONGEST_FIELD]}…"
            is_code = kind == "R" and number == 3 and any(code in text.split("^") for code in codes)
            yield shown, (name, str(number)) in faulty or is_code, False
