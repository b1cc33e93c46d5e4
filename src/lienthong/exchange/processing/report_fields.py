"""A report's own fields, as its orders and their specimens tell them; texts as they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lienthong.interop.hl7v2 import Comment, OruOrder
from lienthong.results.actions import ResultDraft

REPORT_STATUS = {"F": "final", "C": "corrected", "X": "withdrawn"}


def report_status(orders: list[OruOrder], results: list[ResultDraft]) -> str:
    """OBR-25 of the report where it is told, else what its results say."""
    told = {REPORT_STATUS.get(order.result_status, "preliminary") for order in orders if order.result_status}
    statuses = told or {one.status for one in results}
    if statuses == {"withdrawn"}:
        return "withdrawn"
    return next((one for one in ("preliminary", "corrected") if one in statuses), "final")


def report_comment(orders: list[OruOrder], of_patient: Sequence[Comment]) -> str:
    """Return the notes on the patient, and on each order and its specimens; one that is repeated stands once."""
    found = [*of_patient]
    for order in orders:
        found += order.comments
        for specimen in order.specimens:
            found += specimen.comments
    return lines_of(dict.fromkeys(found)) if found else ""


def lines_of(comments: Iterable[Comment]) -> str:
    return storable_text("\n".join([one.text for one in comments]))


def specimen_key(order: OruOrder) -> str:
    specimen = order.specimen
    return storable_text(specimen.identifier or specimen_type(order)) if specimen else ""


def specimen_type(order: OruOrder) -> str:
    return order.specimen.type.code or order.specimen.type.text if order.specimen and order.specimen.type else ""


def storable_text(text: str) -> str:
    """PostgreSQL keeps no NUL in texts; the raw message has it."""
    return text.replace("\0", "") if "\0" in text else text
