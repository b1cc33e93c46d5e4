"""Marks results with the rights in force at the instant that the policy names, collection or measurement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import lru_cache

from lienthong.core.packs import policy_for
from lienthong.errors import LienthongError
from lienthong.exchange.processing.reading import MessageRead
from lienthong.exchange.senders import SourceFacts
from lienthong.recognition.reads import MarkFacts, marks_at
from lienthong.results.actions import ResultDraft

Triple = tuple[int, int, dt.date]
Marks = dict[Triple, list[MarkFacts]]


def mark_all(messages: Sequence[MessageRead]) -> None:
    """Give every result of a batch its marks; recognition is asked once."""
    asked = [(draft, triples) for message in messages for draft, triples in _asked(message)]
    wanted = {triple for _, triples in asked for triple in triples}
    marks = marks_at(wanted) if wanted else {}
    for draft, triples in asked:
        draft.marks = tuple(dict(one) for one in _common(marks, triples))


def _asked(message: MessageRead) -> Iterator[tuple[ResultDraft, list[Triple]]]:
    """Return the results that may have a mark."""
    for patient in message.patients:
        for report in patient.reports:
            for draft, systems in zip(report.draft.results, report.systems, strict=True):
                if triples := _triples(draft, systems, message.source):
                    yield draft, triples


def _triples(draft: ResultDraft, systems: Sequence[int], source: SourceFacts) -> list[Triple]:
    """Name the systems and the day; none where the instant is not known or the result is withdrawn."""
    if not systems or draft.status == "withdrawn":
        return []
    on = _day(draft, source)
    if on is None:
        return []
    return [(system, draft.analyte_id, on) for system in systems]


def _day(draft: ResultDraft, source: SourceFacts) -> dt.date | None:
    """Return the day at the facility of the instant that its region's policy names; without a policy there is none."""
    known = draft.measured_at or draft.collected_at
    if known is None:
        return None
    judged_at = _judged_at(source.region_path, known.astimezone(source.zone).date())
    if judged_at is None:
        return None
    instant = draft.collected_at if judged_at == "collection" else draft.measured_at
    return instant.astimezone(source.zone).date() if instant else None


@lru_cache(maxsize=10_000)
def _judged_at(region_path: tuple[str, ...], on: dt.date) -> str | None:
    """Return which instant the policy of a region names; a pack is read once and never changes while a worker runs."""
    try:
        return policy_for(region_path, on).mark_judged_at
    except (LienthongError, ValueError):
        return None


def _common(marks: Marks, triples: Sequence[Triple]) -> list[MarkFacts]:
    """Keep the marks that every system that may have measured has, each as far as all their scopes reach."""
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
