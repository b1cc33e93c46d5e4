"""The kind of delivery that people fill in: a workbook or a CSV, one row a result or a report in words.

Rows of one report number make up one report, wherever they stand. A file is read row by row; what is kept of it until
its end are the reports, not its cells.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from lienthong.core.retold import retold as _
from lienthong.core.tabular import WHOLE_FILE, Row, stream_table
from lienthong.exchange.deliveries.form_columns import COLUMNS
from lienthong.exchange.deliveries.pieces import Piece, Split
from lienthong.exchange.deliveries.report_form import PatientForm, ReportForm, ResultForm, encode_report
from lienthong.exchange.deliveries.report_reading import decimal_comma, parse
from lienthong.findings import Finding
from lienthong.interop import cells, hl7v2
from lienthong.interop.cells import CellFault, fold
from lienthong.normal_forms import normalize

__all__ = ["MESSAGE_TYPE", "is_of_kind", "parse", "recoded", "split"]

MESSAGE_TYPE = "FORM"
WORKBOOKS = (b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"))
OTHER_KINDS = (b"{", b"[", b"<", b"MSH", b"FHS", b"BHS", b"%PDF")
HEADER_BYTES = 20_000
ENOUGH_TITLES = 2
MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
LIKELY = ("utf-8", "gb18030", "cp1258")
_YEAR = re.compile(r"\d{4}")
_INTERVAL = re.compile(r"[<>=≤≥\s]*\d+(?:,\d+)?(?:\s*[-–~]\s*\d+(?:,\d+)?)?\s*")
OF_PATIENT = ("national_number", "insurance_card", "name", "sex")
OF_REPORT = ("order_number", "service", "requester", "status", "collected_at", "received_at", "released_at", "specimen")


class _AtFacility(dt.tzinfo):
    """The zone of a time that names none: it is known only where the sender is."""

    def utcoffset(self, moment: dt.datetime | None) -> None:
        return None

    def dst(self, moment: dt.datetime | None) -> None:
        return None

    def tzname(self, moment: dt.datetime | None) -> None:
        return None


AT_FACILITY = _AtFacility()


@dataclass(slots=True)
class _Open:
    """A report whose rows are still being gathered, and at which row each of its fields was first told."""

    report: ReportForm
    rows: list[int] = field(default_factory=list)
    told: dict[str, tuple[object, int]] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    is_bad: bool = False


def is_of_kind(data: bytes) -> bool:
    """Whether the bytes are a workbook, or text whose first lines name columns of the forms."""
    if data.startswith(WORKBOOKS):
        return True
    head = data[:HEADER_BYTES]
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(OTHER_KINDS):
        return False
    return any(_has_header(_head_text(head, codec)) for codec in LIKELY)


def recoded(data: bytes, charset: str) -> tuple[bytes, tuple[Finding, ...]]:
    """Return a CSV that is not UTF-8 or UTF-16 as UTF-8, read in the sender's registered character set.

    No character set is guessed: GB18030 reads nearly any bytes, and gives other names.
    """
    if data.startswith((*WORKBOOKS, *(mark for mark, _codec in MARKS))) or _is_utf8(data):
        return data, ()
    codec = hl7v2.find_codec(charset) or "utf-8"
    try:
        return normalize("NFC", data.decode(codec)).encode(), ()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = _("the text is neither UTF-8 nor in the character set of the sender; save it as “CSV UTF-8” or .xlsx")
        return data, (Finding(f"A{line}", "encoding", message),)


def split(data: bytes) -> Split:
    """Gather the rows of a table into reports; a report of which a row has a fault is told and left out."""
    opened: dict[str, _Open] = {}
    findings: list[Finding] = []
    nameless: list[int] = []
    for one in stream_table(data, "", COLUMNS, zone=AT_FACILITY):
        if isinstance(one, Finding):
            findings.append(one)
            if one.code in WHOLE_FILE:
                return Split((), tuple(findings))
        elif one.values.get("report_number"):
            _take(one, opened, findings)
        else:
            findings += one.faults
            nameless.append(one.number)
    good = [(number, one) for number, one in opened.items() if not (one.is_bad or _touches(one, nameless))]
    if not opened and not findings:
        findings.append(Finding("A1", "no-rows", _("the file has no rows below its header")))
    return Split(tuple(_piece(number, one) for number, one in good), tuple(findings))


def _touches(report: _Open, nameless: list[int]) -> bool:
    """Whether a row whose report can't be known stands among the rows of a report, or next to them: it may be of it."""
    return any(report.rows[0] - 1 <= row <= report.rows[-1] + 1 for row in nameless)


def _take(row: Row, opened: dict[str, _Open], findings: list[Finding]) -> None:
    number = row.text("report_number")
    first = opened.get(number)
    if first is None:
        patient = PatientForm(number=row.text("patient_number"))
        first = opened[number] = _Open(ReportForm(number=number, patient=patient))
    first.rows.append(row.number)
    faults = list(row.faults) or [*_fields(row, first), *_content(row, first)]
    first.is_bad |= bool(faults)
    findings += faults


def _fields(row: Row, one: _Open) -> list[Finding]:
    """Take over what the row says of patient and report; two rows of a report must not say two things."""
    faults = []
    birth, fault = _birth_date(row)
    if fault:
        faults.append(fault)
    said: dict[str, object] = {"patient_number": row.text("patient_number"), "birth_date": birth}
    said |= {key: row.values.get(key) for key in (*OF_PATIENT, *OF_REPORT)}
    for key, value in said.items():
        if value in (None, ""):
            continue
        known, at = one.told.setdefault(key, (value, row.number))
        if known != value:
            message = _("row %(row)s says something else of this report; keep one of them")
            faults.append(row.finding(key, "contradiction", message % {"row": at}))
        elif at == row.number:
            _set(one.report, key, value)
    return faults


def _set(report: ReportForm, key: str, value: object) -> None:
    if key in ("patient_number", "birth_date", *OF_PATIENT):
        setattr(report.patient, "number" if key == "patient_number" else key, value)
    else:
        setattr(report, key, value)


def _content(row: Row, one: _Open) -> list[Finding]:
    """Take over the result of a row, and its words."""
    words = [text for text in (row.text("text"), row.text("conclusion")) if text]
    if words:
        one.report.text = "\n".join([one.report.text, *words]).strip()
    code = row.text("code")
    if not code:
        if row.text("value"):
            return [row.finding("code", "empty", _("a value needs the code of its test"))]
        is_told = words or row.text("status") == "withdrawn"
        return [] if is_told else [row.finding("code", "empty", _("the row has neither a result nor words"))]
    if code in one.codes:
        message = _("row %(row)s has this code of the same report already; keep one")
        return [row.finding("code", "doubled", message % {"row": one.codes[code]})]
    one.codes[code] = row.number
    value, interval = row.text("value"), row.text("range")
    if row.text("decimal_sign") == ",":
        value, interval = _with_point(value), _with_point(interval)
    elif decimal_comma(value):
        message = _("a comma can be the decimal sign or part thousands; write a point, or “,” as the decimal sign")
        return [row.finding("value", "decimal-comma", message)]
    one.report.results.append(_result(row, value, interval))
    return []


def _result(row: Row, value: str, interval: str) -> ResultForm:
    return ResultForm(
        code=row.text("code"),
        name=row.text("test"),
        value=value,
        unit=row.text("unit"),
        range=interval,
        flags=[flag for flag in re.split(r"[\s;,~]+", row.text("flags")) if flag][:10],
        measured_at=row.moment("measured_at"),
        analyser=row.text("analyser"),
        comment=row.text("comment"),
    )


def _with_point(text: str) -> str:
    return text.replace(",", ".") if decimal_comma(text) or _INTERVAL.fullmatch(text) else text


def _birth_date(row: Row) -> tuple[str, Finding | None]:
    """Return a day as 1980-05-17, a year alone as it is."""
    text = row.text("birth_date")
    if not text or _YEAR.fullmatch(text):
        return text, None
    try:
        return cells.day(text).isoformat(), None
    except CellFault:
        message = _("this is not a day of the calendar; write it as 31/12/2026 or 2026-12-31, or the year alone")
        return "", row.finding("birth_date", "not-a-date", message)


def _piece(number: str, one: _Open) -> Piece:
    return Piece(number, encode_report(one.report), ",".join(map(str, one.rows)))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return data[1:200:2].count(0) > 25  # UTF-16 without a mark
    return True


def _head_text(head: bytes, codec: str) -> str:
    marked = next((name for mark, name in MARKS if head.startswith(mark)), codec)
    if marked == codec and head[1:200:2].count(0) > len(head[:200]) // 4:
        marked = "utf-16-le"
    return normalize("NFC", head.decode(marked, errors="replace"))


def _has_header(text: str) -> bool:
    titles = {title for column in COLUMNS for title in column.titles()}
    return any(_named(line, titles) >= ENOUGH_TITLES for line in text.splitlines()[:15])


def _named(line: str, titles: Iterable[str]) -> int:
    known = set(titles)
    return max(sum(fold(part.strip('"')) in known for part in line.split(sign)) for sign in ",;\t|")
