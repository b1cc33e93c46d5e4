"""Marks results with the rights in force at the instant that the policy names, collection or measurement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lienthong.core.packs import policy_for
from lienthong.errors import LienthongError
from lienthong.exchange.reading import MessageRead, PatientRead, ReportRead
from lienthong.exchange.senders import SourceFacts
from lienthong.recognition.reads import MarkFacts, marks_at
from lienthong.results.actions import ResultDraft

Triple = tuple[int, int, dt.date]
Marks = dict[Triple, list[MarkFacts]]


def mark_all(messages: Sequence[MessageRead]) -> None:
    """Give every result of a batch its marks; recognition is asked once."""
    wanted = {
        triple
        for message in messages
        for patient in message.patients
        for report in patient.reports
        for draft, systems in zip(report.draft.results, report.systems, strict=True)
        for triple in _triples(draft, systems, message.source)
    }
    marks = marks_at(wanted) if wanted else {}
    for message in messages:
        message.patients = [_marked_patient(patient, message.source, marks) for patient in message.patients]


def _marked_patient(patient: PatientRead, source: SourceFacts, marks: Marks) -> PatientRead:
    return replace(patient, reports=tuple(_marked_report(report, source, marks) for report in patient.reports))


def _marked_report(report: ReportRead, source: SourceFacts, marks: Marks) -> ReportRead:
    results = tuple(
        replace(draft, marks=tuple(dict(one) for one in _common(marks, _triples(draft, systems, source))))
        for draft, systems in zip(report.draft.results, report.systems, strict=True)
    )
    return replace(report, draft=replace(report.draft, results=results))


def _triples(draft: ResultDraft, systems: Iterable[int], source: SourceFacts) -> list[Triple]:
    """Name the systems and the day; none where the instant is not known or the result is withdrawn."""
    on = _day(draft, source)
    if on is None or draft.status == "withdrawn":
        return []
    return [(system, draft.analyte_id, on) for system in systems]


def _day(draft: ResultDraft, source: SourceFacts) -> dt.date | None:
    """Return the day at the facility of the instant that its region's policy names; without a policy there is none."""
    known = draft.measured_at or draft.collected_at
    if known is None:
        return None
    try:
        judged_at = policy_for(source.region_path, known.astimezone(source.zone).date()).mark_judged_at
    except (LienthongError, ValueError):
        return None
    instant = draft.collected_at if judged_at == "collection" else draft.measured_at
    return instant.astimezone(source.zone).date() if instant else None


def _common(marks: Marks, triples: Sequence[Triple]) -> list[MarkFacts]:
    """Keep the marks that every system that may have measured has, each as far as all their scopes reach."""
    if not triples:
        return []
    kept = [*marks.get(triples[0], [])]
    for triple in triples[1:]:
        others = {(one["item"], one["mark"]): one for one in marks.get(triple, [])}
        kept = [
            MarkFacts(grant_id=one["grant_id"], item=one["item"], mark=one["mark"], scope=_both(one, other))
            for one in kept
            if (other := others.get((one["item"], one["mark"]))) and _both(one, other)
        ]
    return kept


def _both(one: MarkFacts, other: MarkFacts) -> list[str]:
    return sorted({*one["scope"]} & {*other["scope"]})
