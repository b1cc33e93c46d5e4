"""A report in JSON as people see it: the patient and what may name him or her is hidden until it is asked for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import msgspec

from lienthong.exchange.deliveries.report_reading import RESULT
from lienthong.exchange.raw_line import Line
from lienthong.findings import Finding

HIDDEN = frozenset({"patient", "comment", "text", "requester", "title", "data"})
LONGEST = 400
_PLACE = re.compile(rf"{RESULT}\((?P<number>\d+)\)(?:-(?P<field>\d+))?")
_FIELDS = {"3": "code", "5": "value", "6": "unit", "7": "range", "11": "status", "19": "measured_at"}
_NUMBER = re.compile(r"[<>]?=?\s*+[+-]?\d*+\.?\d*+")  # never tried twice: a value may have megabytes


def is_report(data: bytes) -> bool:
    """Whether bytes begin as a pushed report does."""
    return data[:1] == b"{"


def lay_out_report(
    data: bytes, findings: Collection[Finding], *, with_patient: bool, codes: Collection[str]
) -> tuple[Line, ...] | None:
    """Lay out a report field by field; None where it is no JSON."""
    try:
        report = msgspec.json.decode(data)
    except msgspec.DecodeError:
        return None
    faulty = {
        (int(match["number"]) - 1, _FIELDS.get(match["field"] or "", ""))
        for one in findings
        if (match := _PLACE.fullmatch(one.where))
    }
    return tuple(_lines(report, faulty, with_patient, codes)) if isinstance(report, dict) else None


def _lines(
    report: dict[str, object], faulty: set[tuple[int, str]], with_patient: bool, codes: Collection[str]
) -> Iterator[Line]:
    for name, value in report.items():
        if name == "results" and isinstance(value, list):
            for index, one in enumerate(value):
                yield ((f"{name}[{index}]", False, False),)
                for key, each in one.items() if isinstance(one, dict) else ():
                    is_named = (index, key) in faulty or (key == "code" and each in codes)
                    is_hidden = key in HIDDEN or (key == "value" and not _NUMBER.fullmatch(str(each)))
                    yield _field(f"  {key}", each, is_named, is_hidden and not with_patient)
        elif name == "document" and isinstance(value, dict):
            yield (("document (PDF)", False, False),)
        elif isinstance(value, dict) and with_patient:
            yield ((name, False, False),)
            for key, each in value.items():
                yield _field(f"  {key}", each, False, False)
        else:
            yield _field(name, value, False, name in HIDDEN and not with_patient)


def _field(name: str, value: object, is_faulty: bool, is_hidden: bool) -> Line:
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return ((f"{name}: ", False, False), ("" if is_hidden else shown, is_faulty, is_hidden))
