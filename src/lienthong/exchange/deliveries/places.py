"""Where something is in a file as its sender knows it: the row of a form, the path in JSON.

A worker says `results(2)-3`, in the numbers of HL7's fields; the sender of a form reads row 7, column code.
"""

from __future__ import annotations

import re

from lienthong.exchange.deliveries import json_push, result_forms

_PLACE = re.compile(r"(?P<part>results|report)\((?P<number>\d+)\)(?:-(?P<field>\d+))?")
_OF_RESULT = {
    "3": "code", "5": "value", "6": "unit", "7": "range", "8": "flags", "11": "status", "18": "analyser",
    "19": "measured_at",
}  # fmt: skip
_OF_REPORT = {
    "2": "order_number", "3": "number", "4": "service", "7": "collected_at", "22": "released_at", "25": "status",
}  # fmt: skip
_OF_PATIENT = {
    "PID-3": "number", "PID-5": "name", "PID-7": "birth_date", "PID-8": "sex", "PID-11": "address", "PID-13": "phone",
}  # fmt: skip
_COLUMNS = {"patient.number": "patient_number", "number": "report_number"}


def place_in_file(where: str, piece: str, kind: str) -> str:
    """Return the place of a finding in the delivery; `piece` is where its report stands, `where` empty the report."""
    if kind == json_push.MESSAGE_TYPE:
        field = _field(where, in_json=True)
        return f"$.reports[{piece}]{'.' if field and not field.startswith('[') else ''}{field}"
    if kind == result_forms.MESSAGE_TYPE:
        return _row(where, piece.split(","))
    return where or piece


def _field(where: str, *, in_json: bool) -> str:
    if where in _OF_PATIENT:
        return f"patient.{_OF_PATIENT[where]}"
    found = _PLACE.fullmatch(where)
    if found is None:
        return where
    if found["part"] == "report":
        return _OF_REPORT.get(found["field"] or "", "")
    field = _OF_RESULT.get(found["field"] or "", "")
    index = f"results[{int(found['number']) - 1}]" if in_json else ""
    return f"{index}.{field}".strip(".") if index else field


def _row(where: str, rows: list[str]) -> str:
    """Return `7: code`, the row and the column; of what is not of one row, all rows of the report."""
    found = _PLACE.fullmatch(where)
    field = _field(where, in_json=False)
    field = _COLUMNS.get(field, field.removeprefix("patient."))
    if found and found["part"] == "results" and int(found["number"]) <= len(rows):
        row = rows[int(found["number"]) - 1]
    else:
        row = _spans([int(one) for one in rows])
    return f"{row}: {field}" if field else row


def _spans(rows: list[int]) -> str:
    """Write rows as 2–5, 9."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in spans)
