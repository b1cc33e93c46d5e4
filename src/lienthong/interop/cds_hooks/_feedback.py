"""Feedback: what became of a card."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lienthong.findings import Finding
from lienthong.interop.cds_hooks._json import Json, JsonObject, as_object, object_at, objects_at, string_at

CardOutcome = Literal["accepted", "overridden"]
_OUTCOMES: tuple[CardOutcome, ...] = ("accepted", "overridden")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """The outcome of one card: the suggestions accepted, or the reason for overriding it."""

    card: str
    outcome: CardOutcome
    at: datetime
    accepted_suggestions: tuple[str, ...] = ()
    reason_code: str = ""
    reason_system: str = ""
    comment: str = ""


def read_feedback(body: Json) -> tuple[tuple[Feedback, ...], tuple[Finding, ...]]:
    """Read the entries that are whole, and a finding for each element that is not."""
    entries = objects_at(as_object(body), "feedback")
    if not entries:
        return (), (Finding("feedback", "required", "feedback must be a list of at least one entry."),)
    read: list[Feedback] = []
    findings: list[Finding] = []
    for index, entry in enumerate(entries):
        feedback, faults = _read_entry(entry, f"feedback[{index}]")
        read.extend([feedback] if feedback else [])
        findings.extend(faults)
    return tuple(read), tuple(findings)


def _read_entry(entry: JsonObject, where: str) -> tuple[Feedback | None, tuple[Finding, ...]]:
    outcome = next((one for one in _OUTCOMES if one == string_at(entry, "outcome")), None)
    at = _read_time(string_at(entry, "outcomeTimestamp"))
    card = string_at(entry, "card")
    findings = _faults(where, card=card, outcome=outcome, at=at)
    if outcome is None or at is None or findings:
        return None, findings
    override = object_at(entry, "overrideReason")
    reason = object_at(override, "reason")
    return (
        Feedback(
            card=card,
            outcome=outcome,
            at=at,
            accepted_suggestions=tuple(
                identity for one in objects_at(entry, "acceptedSuggestions") if (identity := string_at(one, "id"))
            ),
            reason_code=string_at(reason, "code"),
            reason_system=string_at(reason, "system"),
            comment=string_at(override, "userComment"),
        ),
        (),
    )


def _faults(where: str, *, card: str, outcome: CardOutcome | None, at: datetime | None) -> tuple[Finding, ...]:
    faults = []
    if not card:
        faults.append(Finding(f"{where}.card", "required", "card must be the uuid of the card."))
    if outcome is None:
        faults.append(Finding(f"{where}.outcome", "outcome", f"outcome must be one of {', '.join(_OUTCOMES)}."))
    if at is None:
        message = "outcomeTimestamp must be a date and time with an offset, as 2026-10-01T08:00:00+07:00."
        faults.append(Finding(f"{where}.outcomeTimestamp", "date", message))
    return tuple(faults)


def _read_time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
