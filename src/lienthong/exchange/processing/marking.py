"""Marks results with the rights in force at the instant that the policy names, collection or measurement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import lru_cache

from lienthong.core.packs import policy_for
from lienthong.errors import LienthongError
from lienthong.exchange.processing.message_read import MessageRead
from lienthong.exchange.senders import SourceFacts
from lienthong.recognition.reads import MarkFacts, marks_at
from lienthong.results.actions import ResultDraft

Triple = tuple[int, int, dt.date]
Marks = dict[Triple, list[MarkFacts]]


def mark_all(messages: Sequence[MessageRead]) -> None:
    """Give every result of a batch its marks; recognition is asked once."""
    asked = [pair for message in messages for pair in _asked(message)]
    wanted = {triple for _, triples in asked for triple in triples}
    marks = marks_at(wanted) if wanted else {}
    for draft, triples in asked:
        if marks.get(triples[0]):
            draft.marks = tuple(dict(one) for one in _common(marks, triples))


def _asked(message: MessageRead) -> Iterator[tuple[ResultDraft, list[Triple]]]:
    """Return the results that may have a mark, with the systems and the day.

    The instants of a report's results are mostly the same, so that each is turned into a day once. A result whose
    instant is not known, or that is withdrawn, has no mark.
    """
    days: dict[tuple[dt.datetime | None, dt.datetime | None], dt.date | None] = {}
    for patient in message.patients:
        for report in patient.reports:
            for draft, systems in zip(report.draft.results, report.systems, strict=True):
                if not systems or draft.status == "withdrawn":
                    continue
                instants = draft.measured_at, draft.collected_at
                if instants not in days:
                    days[instants] = _day(*instants, message.source)
                if on := days[instants]:
                    yield draft, [(system, draft.analyte_id, on) for system in systems]


def _day(measured_at: dt.datetime | None, collected_at: dt.datetime | None, source: SourceFacts) -> dt.date | None:
    """Return the day at the facility of the instant that its region's policy names; without a policy there is none."""
    known = measured_at or collected_at
    if known is None:
        return None
    judged_at = _judged_at(source.region_path, known.astimezone(source.zone).date())
    if judged_at is None:
        return None
    instant = collected_at if judged_at == "collection" else measured_at
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
