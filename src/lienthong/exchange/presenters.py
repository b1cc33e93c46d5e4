"""What the pages show: one message, a code to be mapped, mappings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lienthong.core.export import Cell
from lienthong.exchange.listening.arrivals import ACKNOWLEDGED
from lienthong.exchange.models import CodeMapping, Reviewed, Source
from lienthong.exchange.raw import RawMessage, show
from lienthong.exchange.terms.spread_fit import Fit
from lienthong.exchange.terms.suggestions import Suggestion
from lienthong.exchange.wording import FITS, SPECIMENS, finding_words, reason_words, sender_words, state_words
from lienthong.results.actions import ChangedBack
from lienthong.results.reads import InboxFacts, Spread, UnmappedCode

SYMBOLS: dict[Fit, tuple[str, str]] = {
    "yes": ("yes", "yes"),
    "partly": ("na", "na"),
    "no": ("no", "no"),
    "unknown": ("na", "na"),
}


@dataclass(frozen=True, slots=True)
class FindingRow:
    where: str
    words: str
    when: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message in a list: its number, when it came, and what was found."""

    facts: InboxFacts
    findings: tuple[FindingRow, ...]

    def cells(self) -> list[Cell]:
        """Return the row of the Excel file."""
        found = "; ".join(f"{one.where}: {one.words}" for one in self.findings)
        return [self.facts.control_id or str(self.facts.id), self.facts.received_at, found]


@dataclass(frozen=True, slots=True)
class MessagePage:
    facts: InboxFacts
    sender: str
    state: str
    tone: str
    reason: str
    findings: tuple[FindingRow, ...]
    raw: RawMessage
    can_replay: bool
    can_set_aside: bool
    is_changed_back: bool
    is_unknown_sender: bool


@dataclass(frozen=True, slots=True)
class FitCell:
    """How one clue fits: a drawing, its class and the words."""

    symbol: str
    style: str
    words: str


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    suggestion: Suggestion
    name: FitCell
    loinc: FitCell
    specimen: FitCell
    unit: FitCell
    numbers: FitCell


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """How the numbers lie that wait for a code in one unit."""

    unit: str
    spread: Spread


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A row of a code's history with what became of it."""

    row: MappingRow
    state: str
    tone: str

    def cells(self) -> list[Cell]:
        """Return the row of the Excel file."""
        return [*self.row.cells(), self.state, self.row.mapping.superseded_at]


@dataclass(frozen=True, slots=True)
class MappingRow:
    mapping: CodeMapping
    sender: str
    analyte: str
    is_own: bool
    specimen: str = ""

    def cells(self) -> list[Cell]:
        """Return the row of the Excel file."""
        row = self.mapping
        return [
            *(self.sender, row.local_code, row.local_system, self.analyte),
            *(row.procedure.code if row.procedure else "", row.equipment, row.specimen),
            *reviewed_cells(row),
        ]


def message_header() -> list[str]:
    return [_("Message"), _("Received"), _("What was found")]


def message_rows(messages: Iterable[InboxFacts]) -> list[MessageRow]:
    return [MessageRow(one, finding_rows(one)) for one in messages]


def message_page(facts: InboxFacts, source: Source | None, *, with_patient: bool) -> MessagePage:
    """Lay out one message; the patient's fields only where they were asked for."""
    is_held = facts.state == "held"
    return MessagePage(
        facts=facts,
        sender=sender_words(facts.source, facts.sender, {source.code: source} if source else {}),
        state=state_words(facts.state, facts.reason),
        tone="warn" if is_held or facts.results_held else "bad" if facts.state == "rejected" else "good",
        reason=reason_words(facts.reason) if facts.reason else "",
        findings=finding_rows(facts),
        raw=raw_message(facts, source, with_patient=with_patient),
        can_replay=facts.reason != ACKNOWLEDGED.code
        and (is_held or facts.state == "rejected" or bool(facts.results_held)),
        can_set_aside=is_held,
        is_changed_back=is_held and facts.reason == ChangedBack.code,
        is_unknown_sender=not facts.source and facts.reason == "unknown-sender",
    )


def raw_message(
    facts: InboxFacts, source: Source | None, *, with_patient: bool = False, codes: Sequence[str] = ()
) -> RawMessage:
    charset = source.default_charset if source else "utf-8"
    return show(facts.raw, facts.findings, default_charset=charset, with_patient=with_patient, codes=codes)


def finding_rows(facts: InboxFacts) -> tuple[FindingRow, ...]:
    """Return what was found in a message, on receipt and in processing."""
    early, late = _("on receipt"), _("in processing")
    on_receipt = set(facts.found_on_receipt)
    return tuple(
        FindingRow(one.where, finding_words(one), early if one in on_receipt else late) for one in facts.findings
    )


def suggestion_rows(suggestions: Iterable[Suggestion]) -> list[SuggestionRow]:
    return [
        SuggestionRow(one, *map(fit_cell, (one.name, one.loinc, one.specimen, one.unit, one.numbers)))
        for one in suggestions
    ]


def spread_rows(waiting: Mapping[str, Spread]) -> list[SpreadRow]:
    return [SpreadRow(unit or "–", spread) for unit, spread in waiting.items()]


def fit_cell(fit: Fit) -> FitCell:
    symbol, style = SYMBOLS[fit]
    return FitCell(symbol, style, str(FITS[fit]))


def mapping_rows(mappings: Iterable[CodeMapping], *, user_id: int) -> list[MappingRow]:
    return [
        MappingRow(
            mapping=row,
            sender=row.source.title,
            analyte=row.analyte.name,
            is_own=row.proposed_by_id == user_id,
            specimen=str(SPECIMENS.get(row.specimen, row.specimen)),
        )
        for row in mappings
    ]


def history_rows(mappings: Iterable[CodeMapping], *, user_id: int) -> list[HistoryRow]:
    """Say of each row of a code what it is now: in force, proposed, declined, or replaced."""
    return [HistoryRow(row, *_row_state(row.mapping)) for row in mapping_rows(mappings, user_id=user_id)]


def history_header() -> list[str]:
    return [*mapping_header(), _("State"), _("Replaced")]


def waiting_header() -> list[str]:
    return [
        *(_("Sender"), _("Code"), _("Code system"), _("Name"), _("Unit"), _("Lowest"), _("Highest"), _("Numbers")),
        *(_("Messages"), _("Since")),
    ]


def waiting_cells(sender: Source, code: UnmappedCode) -> list[Cell]:
    """Return the row of the Excel file for a code that waits for a mapping."""
    lowest, highest = (None if one is None else float(one) for one in (code.lowest, code.highest))
    return [
        *(sender.title, code.local_code, code.local_system, code.local_name, ", ".join(code.units)),
        *(lowest, highest, code.numbers, code.messages, code.since),
    ]


def mapping_header() -> list[str]:
    return [
        *(_("Sender"), _("Code"), _("Code system"), _("Analyte"), _("Measuring system")),
        *(_("Analyser"), _("Specimen"), *reviewed_header()),
    ]


def reviewed_cells(row: Reviewed) -> list[Cell]:
    """Return the columns of the Excel file that every mapping by two persons has."""
    confirmed = (row.confirmed_by.full_name, row.confirmed_at) if row.confirmed_by else ("", None)
    return [row.valid_from, row.valid_to, row.proposed_by.full_name, row.proposed_at, *confirmed]


def reviewed_header() -> list[str]:
    return [
        *(_("Holds from"), _("Until"), _("Proposed by"), _("Proposed")),
        *(_("Confirmed by"), _("Confirmed")),
    ]


def refused_since(at: dt.datetime) -> dt.datetime:
    """Refused messages are shown for thirty days: their senders were told at once."""
    return at - dt.timedelta(days=30)


def _row_state(mapping: CodeMapping) -> tuple[str, str]:
    if mapping.superseded_at is not None:
        return (_("replaced"), "plain") if mapping.confirmed_at else (_("declined"), "plain")
    if mapping.confirmed_at is None:
        return _("proposed"), "info"
    return (_("ends on its last day"), "plain") if mapping.valid_to else (_("in force"), "good")
