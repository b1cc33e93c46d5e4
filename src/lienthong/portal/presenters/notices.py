"""Notices that a reused result changed: what was reused, what holds now, and what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.core.export import Cell
from lienthong.portal.evidence import Shelf, Shown, shelf_of
from lienthong.portal.presenters.values import as_compared
from lienthong.recognition import reads as recognition
from lienthong.registry.reads import FacilityFacts
from lienthong.results import reads as results

# Kinds of notices after which the result itself is what it was.
OF_PATIENT = frozenset({"same_again", "person_changed"})


@dataclass(frozen=True, slots=True)
class NoticeRow:
    id: int
    record_id: int
    check_id: int
    order_number: str
    patient: str
    name: str
    tone: str
    symbol: str
    kind: str
    then: str
    now: str
    what_to_do: str
    told_at: dt.datetime
    reused_by: str
    reused_at: dt.datetime | None
    report_id: int | None
    is_unread: bool


def notice_rows(
    notices: Sequence[recognition.NoticeFacts], *, facilities: Mapping[int, FacilityFacts], on: dt.date
) -> list[NoticeRow]:
    """Return the notices for the page."""
    reused = results.results_by_id({one.result_id for one in notices})
    shelf = shelf_of([*reused, *_newer(reused)], on=on)
    names = {key: results.patient(key) for key in {one.patient_record_id for one in notices}}
    return [_row(one, shelf, names.get(one.patient_record_id), facilities[one.facility_id]) for one in notices]


def notice_sheet(rows: Sequence[NoticeRow]) -> tuple[list[str], list[list[Cell]]]:
    """Return header and rows of the table as shown."""
    header = [
        *(_("Told"), _("Patient"), _("Test"), _("What happened"), _("Reused value"), _("Value now")),
        *(_("Order"), _("Reused by"), _("Reused at")),
    ]
    return header, [
        [
            row.told_at,
            row.patient,
            row.name,
            row.kind,
            row.then,
            row.now,
            row.order_number,
            row.reused_by,
            row.reused_at,
        ]
        for row in rows
    ]


def _newer(reused: Sequence[results.ResultFacts]) -> list[results.ResultFacts]:
    """Return the current version of each result that was replaced."""
    replaced = [one for one in reused if not one.is_current]
    reports = (results.report(report_id) for report_id in {one.report_id for one in replaced})
    keys = {one.key for one in replaced}
    return [one for report in reports if report for one in report.results if one.key in keys]


def _row(
    one: recognition.NoticeFacts, shelf: Shelf, patient: results.PatientFacts | None, facility: FacilityFacts
) -> NoticeRow:
    then = shelf.get(one.result_id)
    current = next((held for held in shelf.shown.values() if then and _is_newer(held.result, then.result)), None)
    tone, symbol, kind, what_to_do = _kind(one.kind)
    return NoticeRow(
        id=one.id,
        record_id=one.patient_record_id,
        check_id=one.order_check_id,
        order_number=one.order_number,
        patient=patient.full_name if patient else "",
        name=recognition.item_name(one.item, jurisdiction=facility.region_path[0].lower()),
        tone=tone,
        symbol=symbol,
        kind=kind,
        then=_value(shelf, one.result_id),
        now=_now(one, shelf, current),
        what_to_do=what_to_do,
        told_at=one.told_at,
        reused_by=one.reused_by,
        reused_at=one.reused_at,
        report_id=then.result.report_id if then and one.is_of_patient else None,
        is_unread=one.read_at is None,
    )


def _is_newer(one: results.ResultFacts, than: results.ResultFacts) -> bool:
    return one.key == than.key and one.version > than.version and one.is_current


def _now(one: recognition.NoticeFacts, shelf: Shelf, newer: Shown | None) -> str:
    """Say what the reuse rests on now; what became another patient's is no longer shown here."""
    if not one.is_of_patient:
        return _("another patient’s")
    if one.kind == "withdrawn":
        return _("withdrawn")
    if newer is None and one.kind in OF_PATIENT:
        return _value(shelf, one.result_id)
    return _value(shelf, newer.result.id if newer else None)


def _value(shelf: Shelf, result_id: int | None) -> str:
    held = shelf.get(result_id)
    if held is None:
        return "–"
    value = as_compared(held.result, held.analyte, held.procedure)
    return f"{value.text} {value.unit}".strip()


def _kind(kind: str) -> tuple[str, str, str, str]:
    """Return tone, drawing, words, and what to do."""
    return {
        "corrected": (
            "warn",
            "edge",
            _("corrected"),
            _("Compare both values and decide whether the treatment must change."),
        ),
        "withdrawn": (
            "bad",
            "out",
            _("withdrawn"),
            _("Do not rely on the reused result; order the test again."),
        ),
        "bracket_lost": (
            "warn",
            "held",
            _("quality control failed afterwards"),
            _("The result was measured before a failed control run; ask the laboratory, or order the test again."),
        ),
        "other_person": (
            "bad",
            "out",
            _("now another patient’s"),
            _("The record of the result was found to be another patient’s. Do not rely on it; order the test again."),
        ),
        "same_again": (
            "info",
            "in",
            _("this patient’s again"),
            _("The record of the result is this patient’s after all; the reuse stands as it was decided."),
        ),
        "person_changed": (
            "info",
            "edge",
            _("the patient’s records were joined or separated"),
            _("The result stayed with its record. Check that this is your patient, and look at all results again."),
        ),
    }[kind]
